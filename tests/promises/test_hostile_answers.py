"""Promise 27: whatever is answered, a call ends with a value or one of our errors, at a bounded cost."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache, partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import FakeService, collect

from maas_client import Job, MaasError, UnexpectedReply
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.http_messages import MAX_DEPTH, MAX_JSON, Reply, parse_json
from maas_client.core.json_fields import is_array, is_object
from maas_client.wire import MAX_REPLY, Wire
from tests.promises.tape import ON_BOTH_WIRES, OPERATIONS, Player, Taped, tapes

THOROUGH = bool(os.environ.get("MAAS_EXHAUSTIVE"))
SECONDS = 120.0
"""Of CPU, for one call: far more than any takes, and far less than what grows with the square of an answer."""

Make = Callable[[], httpx.Response]
DRIVING = "\x1b\x9b\u202e\u2066\x07\ud800"
"""What drives a terminal, turns the writing round, or cannot be encoded at all."""

WRONG: Sequence[Any] = (
    None,
    True,
    -1,
    0,
    1.5,
    10**400,
    -(2**63),
    float("nan"),
    float("inf"),
    "",
    DRIVING,
    "../../../etc/passwd",
    "https://evil.test/\n",
    "2026-99-99T99:99:99Z",
    "Unheard-Of",
    "x" * 100_000,
    [],
    {},
    [[], None, 1, "x"],
    {"": {}, DRIVING: [1]},
)
"""What may stand where another value is expected."""


def paths(document: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where each value of a document stands; of an array, only the first two."""
    inner: list[tuple[str | int, Any]] = []
    if is_object(document):
        inner += document.items()
    elif is_array(document):
        inner += list(enumerate(document))[:2]
    for key, value in inner:
        yield (*above, key)
        yield from paths(value, (*above, key))


def with_value(document: Any, path: Sequence[str | int], value: object) -> Any:
    """Return a document with another value in one place."""
    changed = deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def without(document: Any, path: Sequence[str | int]) -> Any:
    """Return a document without one of its values."""
    changed = deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return changed


def outcome(operation: str, place: int, make: Make, kind: str = "blocking") -> str:
    """Run an operation with one answer replaced; return what is wrong with how it ended, if anything."""
    began = time.process_time()
    text = ""
    try:
        repr(tapes().play(operation, Player(tapes().answers[operation], {place: make}), kind))
    except MaasError as error:
        text = str(error)
    except Exception as error:  # the very thing that is looked for
        return f"{type(error).__name__}: {error}"[:300]
    if time.process_time() - began > SECONDS:
        return "it took too long"
    return f"the error shows it as it came: {text[:200]!r}" if set(text) & set(DRIVING) else ""


def all_wrong(operation: str, taped: Taped, place: int, count: int) -> Iterator[tuple[str, Make]]:
    """Yield answers in which one field has a wrong value or is missing: each field, with some of the wrong values."""
    document = taped.document()
    for path in paths(document):
        dice = random.Random(f"{operation} {place} {path}")
        yield f"without {path}", taped.with_document(without(document, path)).response
        for wrong in dice.sample(WRONG, count):
            text = f"{path} = {str(wrong)[:40]!r}"
            yield text, taped.with_document(with_value(document, path, wrong)).response


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_or_wrongly_typed_field_is_handled(operation: str) -> None:
    failures: list[str] = []
    for place, taped in enumerate(tapes().answers[operation]):
        for text, make in all_wrong(operation, taped, place, 2 if THOROUGH else 1):
            wrong = outcome(operation, place, make)
            failures += [f"{taped.method} {taped.url.path}: {text}: {wrong}"] if wrong else []
    assert failures == []


class Stream(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, as from a network: httpx unfolds what is given to it whole."""

    def __init__(self, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces():
            yield piece


@cache
def bomb() -> bytes:
    """Return 1 GiB of line ends, as 1 MiB of gzip."""
    deflate = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    zeros = b"\n" * (1 << 20)
    return b"".join(deflate.compress(zeros) for _ in range(1 << 10)) + deflate.flush()


def in_pieces(body: bytes, size: int = 1 << 16) -> Stream:
    return Stream(lambda: (body[start : start + size] for start in range(0, len(body), size)))


def much(piece: bytes) -> Stream:
    """More than any answer may be, 1 MiB at a time."""
    whole = piece * ((1 << 20) // len(piece))
    return Stream(lambda: (whole for _ in range((MAX_REPLY >> 20) + 2)))


def headers_of(taped: Taped, **headers: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, with others in their place, as bytes: no text of ours has to be ASCII."""
    kept = {name: value for name, value in taped.headers.items() if name != "content-length"}
    named = kept | {name.replace("_", "-"): value for name, value in headers.items()}
    return [(name.encode(), value.encode("latin-1")) for name, value in named.items()]


def body(content: bytes, **headers: str) -> Callable[[Taped], httpx.Response]:
    return lambda taped: httpx.Response(taped.status, headers=headers_of(taped, **headers), content=content)


def streamed(make: Callable[[], Stream], **headers: str) -> Callable[[Taped], httpx.Response]:
    return lambda taped: httpx.Response(taped.status, headers=headers_of(taped, **headers), stream=make())


def head(status: int, **headers: str) -> Callable[[Taped], httpx.Response]:
    return lambda taped: httpx.Response(status, headers=headers_of(taped, **headers), content=taped.body)


def headed(**headers: str) -> Callable[[Taped], httpx.Response]:
    return lambda taped: httpx.Response(taped.status, headers=headers_of(taped, **headers), content=taped.body)


def encoded(encoding: str) -> Callable[[Taped], httpx.Response]:
    return lambda taped: httpx.Response(
        taped.status, headers=headers_of(taped), content=taped.body.decode("utf-8", "replace").encode(encoding)
    )


def twice(taped: Taped) -> httpx.Response:
    """Every key of the document twice, with nonsense last."""
    document = taped.document()
    names: list[str] = list(document) if is_object(document) else []
    nonsense = "".join(f",{json.dumps(name)}:[1]" for name in names)
    return httpx.Response(
        taped.status, headers=headers_of(taped), content=taped.body.rstrip()[:-1] + f"{nonsense}}}".encode()
    )


DEEP = b"[" * 100_000 + b"]" * 100_000
WHOLE: Mapping[str, Callable[[Taped], httpx.Response]] = {
    "nothing": body(b""),
    "white space": body(b" \r\n"),
    "null": body(b"null"),
    "a number": body(b"1"),
    "an array": body(b"[]"),
    "an empty object": body(b"{}"),
    "half an object": body(b'{"value": [{"name": "x'),
    "a page of HTML": body(b"<html><title>Sign in</title></html>"),
    "XML without end": body(b"<EnumerationResults>" + b"<Blob>" * 200_000),
    "XML that says nothing": body(b"<EnumerationResults><Blob></Blob></EnumerationResults>"),
    "a name that is no name": body(
        b"<EnumerationResults><Blob><Name>../&#x1b;&#xd800;</Name><Content-Length>99</Content-Length></Blob>"
    ),
    "deep JSON": body(DEEP),
    "JSON deep in a field": body(b'{"properties":' * 50_000 + b"1" + b"}" * 50_000),
    "JSON as deep as the parser takes it": body(b'{"properties":' * 500 + b"1" + b"}" * 500),
    "NaN": body(b'{"value": NaN, "properties": Infinity, "status": -Infinity, "nextLink": NaN}'),
    "a number of 5,000 digits": body(b'{"value": ' + b"9" * 5000 + b"}"),
    "bytes that are no UTF-8": body(b'{"name": "\xff\xfe\x80"}'),
    "UTF-16": encoded("utf-16"),
    "UTF-32 without a mark": encoded("utf-32-be"),
    "another charset": headed(content_type="application/json; charset=ebcdic-cp-us"),
    "no charset": headed(content_type="\x00"[:0]),
    "every key twice": twice,
    "no gzip": streamed(lambda: in_pieces(b"{}"), content_encoding="gzip"),
    "half of gzip": streamed(lambda: in_pieces(gzip.compress(b"{}" * 999)[:-20]), content_encoding="gzip"),
    "gzip twice": streamed(lambda: in_pieces(gzip.compress(gzip.compress(b"{}"))), content_encoding="gzip, gzip"),
    "an encoding that nobody asked for": streamed(lambda: in_pieces(b"{}"), content_encoding="br"),
    "a partial answer": head(206),
    "a success of no kind": head(299),
    "a redirect": head(302, location="https://evil.test/"),
    "a redirect to nowhere": head(307, location="http://[::1"),
    "not modified": head(304),
    "a teapot": head(418),
    "no such status": head(999),
    "far too long to wait": head(429, retry_after="999999"),
    "longer than there is time": head(503, retry_after="9" * 5000),
    "no time at all": head(429, retry_after="-1"),
    "not a valid time": head(429, retry_after="Thu, 99 Foo 99999 99:99:99 XXX"),
    "a long way to a number": head(429, retry_after="9" * 60_000 + "x"),
    "an operation nowhere": headed(azure_asyncoperation="nowhere", location="//"),
    "an error with control codes": body(json.dumps({"error": {"code": DRIVING, "message": DRIVING}}).encode()),
    "control codes in headers": headed(x_ms_error_code="\x9b31m", x_ms_request_id="\x9b31m", etag='"\xe9"'),
    "an error page without end": lambda taped: httpx.Response(500, content=b"<" * (1 << 20)),
    "error XML without end": lambda taped: httpx.Response(500, content=b"<Error>" + b"<Code>" * (1 << 16)),
    "a title without end": lambda taped: httpx.Response(400, content=b"<title>" * (1 << 16)),
    "deep JSON in an error": lambda taped: httpx.Response(400, content=b'{"error":' + DEEP + b"}"),
    "a size below nothing": headed(content_range="bytes -5--1/-1", x_ms_blob_content_length="-1"),
    "an absurd size": headed(content_range=f"bytes 0-{10**30}/{10**30}"),
    "a size that is a word": headed(content_range="bytes x-y/z"),
}
"""Answers that are wrong as a whole."""

COSTLY: Mapping[str, Callable[[Taped], httpx.Response]] = {
    "a gigabyte in gzip": streamed(lambda: in_pieces(bomb()), content_encoding="gzip"),
    "more than 64 MiB of JSON": streamed(lambda: much(b'{"a":1},')),
    "more than 64 MiB of one line": streamed(lambda: much(b"x")),
}


@pytest.mark.parametrize(("operation", "kind"), ON_BOTH_WIRES)
def test_a_response_that_is_wrong_as_a_whole_is_handled(operation: str, kind: str) -> None:
    failures: list[str] = []
    for place, taped in enumerate(tapes().answers[operation]):
        names = random.Random(f"{operation} {place} {kind}").sample(list(WHOLE), len(WHOLE) if THOROUGH else 10)
        for name in names:
            wrong = outcome(operation, place, partial(WHOLE[name], taped), kind)
            failures += [f"{taped.method} {taped.url.path}: {name}: {wrong}"] if wrong else []
    assert failures == []


@pytest.mark.parametrize("name", COSTLY)
@pytest.mark.parametrize("operation", ["jobs.get", "jobs.list", "jobs.metrics", "chat.complete", "chat.stream"])
def test_an_answer_without_end_costs_no_more_than_the_largest(operation: str, name: str, kind: str) -> None:
    place = len(tapes().answers[operation]) - 1
    assert outcome(operation, place, partial(COSTLY[name], tapes().answers[operation][place]), kind) == ""


@pytest.fixture
def maas(wire: Wire) -> Resources:
    """Every resource, on either wire, with a service that answers as the test says."""
    return Resources(wire, Settings("sub-1", "group-1", "work-1", endpoint="http://127.0.0.1:1"), None)


async def test_a_next_link_that_leads_back_ends_the_listing(maas: Resources, service: FakeService) -> None:
    service.answer = lambda request: httpx.Response(200, json={"value": [], "nextLink": str(request.url)})
    with pytest.raises(UnexpectedReply, match="never ends"):
        await collect(maas.jobs.list())
    assert len(service.asked) == 1


async def test_empty_pages_without_end_are_not_followed_without_end(maas: Resources, service: FakeService) -> None:
    def page(_: httpx.Request) -> httpx.Response:
        link = f"http://127.0.0.1:1/subscriptions/x?page={len(service.asked)}"
        return httpx.Response(200, json={"value": [], "nextLink": link})

    service.answer = page
    with pytest.raises(UnexpectedReply, match="never ends"):
        await collect(maas.endpoints.list())
    assert len(service.asked) < 10_100


async def test_a_nonsensical_job_keeps_everything_not_understood(maas: Resources, service: FakeService) -> None:
    document = {"name": "ft", "properties": {"status": "Meditating", "tags": 5, "novel": {"a": [1]}}, "more": "x"}
    service.answer = lambda _: httpx.Response(200, json=document)
    job = await maas.jobs.get("ft")
    assert (job.name, job.status.value, job.tags) == ("ft", "Meditating", {})
    assert not job.status.is_final
    assert {**job.raw, "model": "", "output_model": None} == {**document, "model": "", "output_model": None}


def test_terminal_sequences_are_stripped_from_every_value() -> None:
    named = {"name": f"a{DRIVING}b", "properties": {"status": f"x{DRIVING}", "tags": {f"k{DRIVING}": f"v{DRIVING}"}}}
    job = Job.read(named)
    assert (job.name, job.status.value, job.tags) == ("a\ufffdb", "x\ufffd", {"k\ufffd": "v\ufffd"})


@pytest.mark.parametrize(
    "content", [b"[" * (MAX_DEPTH + 2) + b"]" * (MAX_DEPTH + 2), b"[" * 100_000, b" " * MAX_JSON + b"1"]
)
def test_json_beyond_the_limits_is_rejected(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"nested|larger"):
        parse_json(content)
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert Reply(200, body=b'{"a": {}}').json() == {"a": {}}


MEMORY = """
import resource, sys
sys.path.insert(0, "tests/helpers")
from functools import partial
from tests.promises.test_hostile_answers import COSTLY, bomb, outcome, tapes
bomb()
tapes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for operation in ("chat.stream", "chat.complete"):
    place = len(tapes().answers[operation]) - 1
    for name, make in COSTLY.items():
        assert outcome(operation, place, partial(make, tapes().answers[operation][place])) == "", name
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_endless_responses_take_only_the_memory_of_the_largest() -> None:
    done = subprocess.run([sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True)
    assert int(done.stdout.split()[-1]) < 256


def test_nothing_is_ever_pickled() -> None:
    package = Path(__file__).parents[2] / "maas_client"
    words = re.compile(r"^\s*(?:import|from) (?:pickle|cPickle|dill|cloudpickle|marshal|shelve)\b", re.MULTILINE)
    assert [file.name for file in package.rglob("*.py") if words.search(file.read_text("utf-8"))] == []
