"""Addresses in answers: the next page, and where an operation can be followed, are of the service that was asked."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from ..core.json_fields import text
from ..core.origins import is_loopback
from .seen import Seen
from .step_context import FOREIGN, Violation

_HEADERS = {"location": "Location", "azure-asyncoperation": "Azure-AsyncOperation"}
# Assumption: A next page, and where an operation is followed, are on a host of the same domain as the request.
# Shown wrong by: A `nextLink`, `Location` or `Azure-AsyncOperation` of another domain.
# Verified by: list jobs, registry model, cancel job, deploy, create deployment
# If wrong: UntrustedHost where the client follows it, unless the cloud's settings name the host.
_LABELS = 2
"""Labels of a host that its services share, such as `azure.com`."""


def foreign_links(one: Seen) -> Iterator[Violation]:
    """Yield each address that is of another service, whether or not the client would follow it."""
    here = urlsplit(one.url)
    links = [(f"header {name}", one.headers.get(key, "")) for key, name in _HEADERS.items()]
    for where, link in [*links, ("/nextLink", text(one.answer, "nextLink"))]:
        if link and not _is_of(link, here):
            expected = "an address of the same service"
            yield Violation(one.step, where, expected, "another host", FOREIGN, one.operation.name)


def _is_of(link: str, here: SplitResult) -> bool:
    try:
        there = urlsplit(link)
        own, other = here.hostname or "", there.hostname or ""
        if is_loopback(own) or there.scheme != here.scheme:
            return (there.scheme, there.netloc) == (here.scheme, here.netloc)
    except ValueError:
        return False
    return own.split(".")[-_LABELS:] == other.split(".")[-_LABELS:]
