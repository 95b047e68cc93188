"""Hostile HTTP answers as the bytes of a socket, each chosen by a random generator that starts from a seed.

They answer a request that a well-behaved server would have answered as recorded (`Taped`), with something wrong: in the
head, in how the body is framed or encoded, in what the body says, or in an event of a stream.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat
from random import Random

from tests.promises.tape import Taped
from tests.promises.test_hostile_answers import WRONG, paths, with_value, without

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
GZIPPED = b"Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n"
GZIP = OK + b"Content-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
EVENTS = OK + b"Content-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, the answer that a well-behaved server gives, and what the request carried that nobody may repeat."""

    head: bytes
    taped: Taped
    host: str

    @property
    def secret(self) -> str:
        """The token, the key or the signature of the request; empty when it has none."""
        header = re.search(rb"(?im)^authorization: *(?:[A-Za-z]+ +)?(\S+)", self.head)
        signature = re.search(rb"[?&]sig=([^& ]+)", self.head.partition(b"\r\n")[0])
        found = header or signature
        return "" if found is None else found[1].decode("latin-1")


@dataclass(frozen=True, slots=True)
class Hostile:
    """An answer: its pieces, and the seconds between two of them.

    `hangs` leaves the connection open behind them; `must_fail` says that nobody may take the answer for a success.
    """

    kind: str
    pieces: Callable[[], Iterator[bytes]]
    pause: float = 0.0
    hangs: bool = False
    must_fail: bool = False


def whole(
    taped: Taped, *, body: bytes | None = None, status: int | None = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a recorded answer with another body, status or headers, well framed."""
    content = taped.body if body is None else body
    kept = {name: value for name, value in taped.headers.items() if name not in {"content-length", "connection"}}
    named = {**kept, **(headers or {})}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if "\n" not in value)
    head = f"HTTP/1.1 {status or taped.status} X\r\n{lines}Content-Length: {len(content)}\r\n\r\n"
    return head.encode("latin-1", "replace") + content


def chunk(data: bytes) -> bytes:
    """Return a chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(data: object) -> bytes:
    """Return an event of a stream."""
    return f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()


def word(text: str) -> bytes:
    """Return an event that says some text."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


@cache
def bomb() -> bytes:
    """Return 128 MiB of spaces as gzip."""
    deflate = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    zeros = b" " * (1 << 20)
    return b"".join(deflate.compress(zeros) for _ in range(128)) + deflate.flush()


def repeated(begin: bytes, piece: bytes) -> Callable[[], Iterator[bytes]]:
    """Return a beginning and then the same piece without end."""
    return lambda: chain([begin], repeat(piece))


ENDLESS: Mapping[str, tuple[bytes, bytes]] = {
    "status line": (b"HTTP/1.1 200 ", b"K"),
    "header lines": (OK, b"x-a: b\r\n"),
    "header value": (OK + b"x-a: ", b"b"),
    "header name": (OK, b"n"),
    "folded header": (OK + b"x-a: b\r\n", b" c\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "early hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
    "blank lines": (b"", b"\r\n"),
    "chunk extension": (CHUNKED + b"1;n=", b"v"),
    "quoted chunk extension": (CHUNKED + b'1;n="', b"v"),
    "padded chunk size": (CHUNKED, b"0"),
    "spaces in a chunk size": (CHUNKED + b"1", b" "),
    "small chunks": (CHUNKED, chunk(b" ")),
    "chunks with extensions": (CHUNKED, b"1;" + b"e" * 200 + b"\r\n \r\n"),
    "trailers": (CHUNKED + chunk(b"{}") + b"0\r\n", b"x-a: b\r\n"),
    "trailer value": (CHUNKED + chunk(b"{}") + b"0\r\nx-a: ", b"b"),
    "empty gzip members": (GZIP, gzip.compress(b"")),
    "gzip header": (GZIP + b"\x1f\x8b\x08\x08\0\0\0\0\0\xff", b"n"),
    "spaces": (OK + b"Connection: close\r\n\r\n", b" "),
    "body of an error": (b"HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(b"<")),
    "body of a refusal": (b"HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(b"{")),
    "comments of a stream": (EVENTS, b": \n"),
    "empty events": (EVENTS, b"data:\n\n"),
    "line of a stream": (EVENTS + b"data: ", b"x"),
    "data lines of one event": (EVENTS, b"data: x\n"),
}
"""How an answer without end begins, and what comes again and again."""

BROKEN: Mapping[str, bytes] = {
    "nothing": b"",
    "no HTTP": b"SSH-2.0-OpenSSH_9.7\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "TLS alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "HTTP/2": b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64",
    "no status": b"HTTP/1.1\r\n\r\n",
    "status of letters": b"HTTP/1.1 OK 200\r\n\r\n",
    "status below 100": b"HTTP/1.1 007 Bond\r\nContent-Length: 0\r\n\r\n",
    "version without end": b"HTTP/" + b"1" * 5000 + b" 200 OK\r\n\r\n",
    "header without colon": OK + b"nothing\r\n\r\n",
    "header of zero bytes": OK + b"x-a: \0\0\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{}",
    "half a head": OK + b"Content-Ty",
    "length below nothing": OK + b"Content-Length: -1\r\n\r\n{}",
    "length of letters": OK + b"Content-Length: two\r\n\r\n{}",
    "length without end": OK + b"Content-Length: " + b"9" * 4000 + b"\r\n\r\n{}",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "length and chunks": OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "more than its length": OK + b"Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
    "less than its length": OK + b"Content-Length: 99\r\n\r\n{}",
    "coding that nobody knows": OK + b"Transfer-Encoding: lzma\r\n\r\n{}",
    "chunk size of letters": CHUNKED + b"zz\r\n{}\r\n",
    "chunk size below nothing": CHUNKED + b"-2\r\n{}\r\n",
    "chunk size without end": CHUNKED + b"f" * 64 + b"\r\n{}\r\n",
    "chunk longer than its size": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "chunk cut": CHUNKED + b"ff\r\n{",
    "chunks without an end": CHUNKED + chunk(b"{}"),
    "no gzip": GZIP + b"{}",
    "cut gzip": GZIP + gzip.compress(b"{}" * 500)[:-9],
    "gzip of another sum": GZIP + gzip.compress(b"{}")[:-8] + b"\0" * 8,
    "rubbish behind gzip": GZIP + gzip.compress(b"{}") + b"rubbish",
    "encoding that nobody knows": OK + b"Content-Encoding: zstd\r\nContent-Length: 2\r\n\r\n{}",
    "gzip of gzip": OK
    + b"Content-Encoding: gzip, gzip\r\nConnection: close\r\n\r\n"
    + gzip.compress(gzip.compress(b"{}")),
}
"""Answers that are no HTTP, or cut, or framed wrongly."""

SHOWN_ERRORS: tuple[object, ...] = (
    {"error": "words"},
    {"error": {"code": "x", "message": "y"}},
    {"error": {"message": {"deep": [1]}}},
    {"object": "error", "message": "no"},
    {"detail": "no"},
    [],
    [{"error": "x"}],
    {},
)
"""What an event says in place of a piece of text, so that the stream is not whole."""

ODD_EVENTS: tuple[object, ...] = (
    {"error": None},
    {"error": []},
    {"code": 500},
    {"choices": None},
    {"choices": {}},
    {"choices": [None]},
    {"choices": [{"delta": "text"}]},
    {"choices": [{"delta": {"content": 5}}]},
    {"choices": [{"delta": {"content": {"a": 1}}}]},
    {"choices": [{"index": "0", "finish_reason": 7}]},
    "null",
    "7",
    '"text"',
    "no JSON",
    '{"choices": [{"delta": {"content": "\\ud83d"}}]}',
    "[" * 5000,
    "[DONE",
)
"""What an event may say that a client may understand or refuse."""

NAMES = (
    "..",
    ".",
    "",
    "a/b",
    "..%2f..",
    "%2e%2e",
    "a\\b",
    "x?y=1",
    "x#y",
    "a\r\nX: y",
    "\0",
    "\u202e",
    "e" * 9000,
    "/etc",
)
ADDRESSES = (
    "https://evil.test/x",
    "//evil.test/x",
    "http://127.0.0.1:1/x",
    "file:///etc/passwd",
    "http://[::1",
    "\\\\x\\y",
)


def endless(dice: Random, _: Asked) -> Hostile:
    """An answer that has no end, at once or dripped."""
    kind = dice.choice(list(ENDLESS))
    return Hostile(f"endless: {kind}", repeated(*ENDLESS[kind]), pause=dice.choice([0.0, 0.0, 0.002, 0.03]))


def dripped(dice: Random, asked: Asked) -> Hostile:
    """The right answer, a byte at a time."""
    right = whole(asked.taped)
    return Hostile("dripped", lambda: (right[at : at + 1] for at in range(len(right))), pause=dice.choice([0.0, 0.005]))


def broken(dice: Random, asked: Asked) -> Hostile:
    """An answer that is no HTTP, or is cut or framed wrongly; the connection may stay open behind it."""
    kind = dice.choice([*BROKEN, "the right answer, cut"])
    right = whole(asked.taped)
    content = BROKEN[kind] if kind in BROKEN else right[: dice.randrange(len(right))]
    return Hostile(f"broken: {kind}", lambda: iter([content]), hangs=dice.random() < 0.2)


def oversized(dice: Random, asked: Asked) -> Hostile:
    """More than any answer may be, plain or by gzip; or heads and fields that are far too long."""
    if dice.random() < 0.1:
        return Hostile("gzip bomb", lambda: iter([GZIP, bomb()]))
    big = "x" * dice.choice([1_000, 60_000, 300_000])
    if dice.random() < 0.5:
        return Hostile("large header", lambda: iter([whole(asked.taped, headers={"x-ms-request-id": big})]))
    body = json.dumps({"error": {"code": big, "message": big}}).encode()
    return Hostile("large error", lambda: iter([whole(asked.taped, status=400, body=body)]))


def mistyped(dice: Random, asked: Asked) -> Hostile:
    """The right answer with one field of a wrong type, a hostile name or a foreign address, or without it."""
    document = asked.taped.document()
    places = list(paths(document))
    if not places:
        body = json.dumps(dice.choice(WRONG)).encode()
        return Hostile("wrong document", lambda: iter([whole(asked.taped, body=body)]))
    place = dice.choice(places)
    named = [one for one in places if str(one[-1]).lower() in {"name", "id", "uri", "nextlink", "status", "url"}]
    kind = dice.choice(["wrong type", "missing", "hostile name", "foreign address"])
    if kind == "missing":
        changed = without(document, place)
    elif kind == "wrong type":
        changed = with_value(document, place, dice.choice(WRONG))
    else:
        values = NAMES if kind == "hostile name" else ADDRESSES
        changed = with_value(document, dice.choice(named or places), dice.choice(values))
        if kind == "foreign address" and isinstance(changed, dict):
            changed["nextLink"] = dice.choice(ADDRESSES)
    body = json.dumps(changed).encode()
    return Hostile(kind, lambda: iter([whole(asked.taped, body=body)]))


def refused(dice: Random, asked: Asked) -> Hostile:
    """A status of no use, with headers that lead away or ask for too much."""
    status = dice.choice(
        [201, 202, 204, 206, 299, 301, 302, 303, 307, 308, 304, 400, 401, 403, 404, 409, 412, 416, 429]
    )
    status = dice.choice([status, 500, 503, 599, 999])
    away = dice.choice(ADDRESSES)
    headers = {"location": away, "azure-asyncoperation": away, "retry-after": dice.choice(["-1", "1e9", "x", "0"])}
    some = {name: value for name, value in headers.items() if dice.random() < 0.5}
    return Hostile(f"status {status // 100}xx", lambda: iter([whole(asked.taped, status=status, headers=some)]))


def echoing(dice: Random, asked: Asked) -> Hostile:
    """An error that repeats the secret of the request, in one place or in all."""
    secret = asked.secret or "nothing"
    where = dice.choice(["code", "message", "inner", "text", "page", "headers", "stream", "details"])
    status = dice.choice([400, 401, 403, 404, 409, 500])
    shown: dict[str, dict[str, object]] = {
        "code": {"code": secret},
        "message": {"message": f"the token {secret} is not accepted"},
        "inner": {"innererror": {"code": secret, "trace": [secret]}},
        "details": {"details": [{"code": secret, "message": secret, "target": secret}]},
    }
    error = {"code": "x", "message": "y", **shown.get(where, {})}
    body = {"text": secret.encode(), "page": f"<html><title>{secret}</title></html>".encode()}
    content = body.get(where, json.dumps({"error": error}).encode())
    if where == "stream":
        right = EVENTS + word("a") + event({"error": {"code": secret, "message": secret}})
        return Hostile("echo: stream", lambda: iter([right]))
    headers = {"x-ms-error-code": secret, "x-ms-request-id": secret, "www-authenticate": f'Bearer error="{secret}"'}
    sent = headers if where == "headers" else {}
    return Hostile(f"echo: {where}", lambda: iter([whole(asked.taped, status=status, body=content, headers=sent)]))


def streaming(dice: Random, asked: Asked) -> Hostile:
    """A stream of events with an error of any shape in it, cut, or with nothing behind it."""
    said = [word("text ") for _ in range(dice.randrange(4))]
    shown = dice.random() < 0.5
    said.append(event(dice.choice(SHOWN_ERRORS if shown else ODD_EVENTS)))
    said += [word("more"), b"data: [DONE]\n\n"][: dice.randrange(3)]
    right = b"".join(said)
    cut = right if shown or dice.random() < 0.7 else right[: dice.randrange(len(right))]
    hangs = dice.random() < 0.2
    return Hostile("stream error", lambda: iter([EVENTS, cut]), hangs=hangs, must_fail=shown)


STATUSES = (
    201,
    202,
    204,
    206,
    299,
    301,
    302,
    303,
    304,
    307,
    308,
    400,
    401,
    403,
    404,
    409,
    412,
    416,
    429,
    500,
    503,
    999,
)
KINDS = (endless, dripped, broken, oversized, mistyped, mistyped, refused, echoing, streaming)


def hostile_answer(dice: Random, asked: Asked) -> Hostile:
    """Choose an answer; what asks for a stream gets stream errors more often."""
    if b"/chat/completions" in asked.head and dice.random() < 0.5:
        return streaming(dice, asked)
    return dice.choice(KINDS)(dice, asked)
