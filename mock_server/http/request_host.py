"""The Host header of a request, which responses repeat in their URLs."""

import re

from starlette.requests import Request

from mock_server.core.errors import ServiceError

HOST = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,250}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?\Z", re.ASCII)


def host_of(request: Request) -> str:
    """Return the host that a request was sent to; raises the error for one that is no host."""
    host = request.headers.get("host", "")
    if not HOST.match(host):
        raise ServiceError(
            400,
            "InvalidHost",
            f"The Host header must name this server, because responses contain URLs built from it; got {host[:80]!r}: "
            "send a host name, with a port if it is not the default.",
        )
    return host
