"""A rebinding browser: what a web page's requests look like once its host name leads to this machine.

A page of another site names its own host and origin in them, and the browser adds Sec-Fetch headers. The server refuses
each of them, on every surface and to every method, and asks no other server of this machine on behalf of such a page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from http.client import HTTPConnection
from random import Random
from urllib.parse import urlsplit

from mock_server.server import Server, serve
from tests.attack.figures import Figures
from tests.mock_server.driver import Azure
from tests.mock_server.loopback_server import loopback_server, whole

REQUESTS = 50
"""Requests of one seed."""

SECRET = b"what another server of this machine answers"

HOSTS = (
    "evil.test",
    "evil.test:{port}",
    "127.0.0.1.evil.test:{port}",
    "localhost.evil.test:{port}",
    "xn--localhost.evil:{port}",
    "127.0.0.1@evil.test:{port}",
    "192.168.0.1:{port}",
    "0.0.0.0:{port}",
    "[::]:{port}",
    "169.254.169.254",
    "localhost.:{port}.evil.test",
    "",
)
"""What a page can make its host name be."""

ORIGINS = ("http://evil.test", "http://evil.test:{port}", "https://evil.test", "null", "http://127.0.0.1:1", "file://")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SITES = ("same-origin", "same-site", "cross-site", "none")
MODES = ("cors", "no-cors", "same-origin", "navigate")


def _targets(azure: Azure) -> Sequence[tuple[str, str]]:
    """Return requests to each surface: Resource Manager, run history, chat, storage, and the routes of the server."""
    blob = urlsplit(azure.blob_url("data/train.jsonl"))
    found = [("GET", azure.ws + path) for path in ("", "/jobs", "/jobs/job", "/serverlessEndpoints", "/datastores")]
    found += [("POST", azure.ws + path) for path in ("/serverlessEndpoints/ep/listKeys", "/jobs/job/cancel")]
    found += [("DELETE", f"{azure.ws}/jobs/job"), ("PUT", f"{azure.ws}/serverlessEndpoints/new")]
    found += [("GET", f"/_mock/{name}") for name in ("health", "requests", "state", "ui", "verdict", "clock", "faults")]
    found += [("POST", f"/_mock/{name}") for name in ("reset", "clock", "faults")]
    found += [("POST", "/maas/ep/v1/chat/completions"), ("GET", "/history/v1.0/x/experiments/y/runs/job"), ("GET", "/")]
    queries = (blob.query, f"comp=block&blockid=AAAA&{blob.query}")
    found += [(method, f"{blob.path}?{query}") for method in ("GET", "PUT", "DELETE") for query in queries]
    return [(method, path if "?" in path else f"{path}?api-version=2024-10-01-preview") for method, path in found]


def _foreign(dice: Random, port: int) -> dict[str, str]:
    """Return headers of a request that a page of another site sends: by rebinding, or across origins."""
    host, origin = dice.choice(HOSTS).format(port=port), dice.choice(ORIGINS).format(port=port)
    if dice.random() < 0.7:  # the page's own host: the browser takes the answer for one of the same origin
        headers = {"Host": host, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": dice.choice(MODES)}
        return headers | ({"Origin": f"http://{host}"} if dice.random() < 0.6 else {})
    headers = {"Host": f"127.0.0.1:{port}", "Origin": origin}
    return headers | {"Sec-Fetch-Site": dice.choice(SITES), "Sec-Fetch-Mode": dice.choice(MODES)}


def _sent(server: Server, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    """Send a request exactly as given; return the status and the body of the answer."""
    connection = HTTPConnection(urlsplit(server.endpoint).netloc, timeout=60)
    with closing(connection):
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body)), "Connection": "close"}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, answer.read()


def refused(status: int, body: bytes) -> bool:
    """Say whether an answer reveals nothing of what the server holds: it refuses, or there is no such route at all."""
    code = {400: b"InvalidHost", 404: b"InvalidResourceType"}.get(status)
    return status in {403, 405} or (code is not None and (not body or code in body))


def one_seed(seed: int, server: Server, azure: Azure, source: str, figures: Figures) -> None:
    """Send the requests that a seed stands for."""
    dice, port, targets = Random(seed), urlsplit(server.endpoint).port or 0, _targets(azure)
    for _ in range(REQUESTS):
        own, target = dice.choice(targets)
        method = own if dice.random() < 0.7 else dice.choice(METHODS)
        headers = _foreign(dice, port) | {"Authorization": "Bearer token"}
        if method == "PUT" and dice.random() < 0.5:
            headers |= {"x-ms-copy-source": source, "x-ms-blob-type": "BlockBlob"}
        status, body = _sent(server, method, target, headers, b"" if method in {"GET", "HEAD"} else b"{}")
        figures.count(f"answered {status}")
        if not refused(status, body):
            figures.fail(
                seed, f"{method} {target.partition('?')[0]} with {json.dumps(headers)}: {status} {body[:80]!r}"
            )


def attack(seeds: Sequence[int], figures: Figures) -> None:
    """Send what the seeds stand for to a server that holds a job, an endpoint and a blob."""
    with loopback_server(whole(SECRET)) as other, serve(clock="virtual") as server, closing(Azure(server)) as azure:
        azure.job()
        azure.endpoint()
        for seed in seeds:
            one_seed(seed, server, azure, other.url, figures)
        figures.count("requests that reached another server", len(other.requests))
        if other.requests:
            figures.fail(seeds[0], f"another server was asked {len(other.requests)} times")
