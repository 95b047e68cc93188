"""Reads a cassette: a file of JSON lines, one exchange a line, version 1 of the format."""

import re
from collections.abc import Mapping
from pathlib import Path

from mock_server.core.json_values import Json, child, is_array, is_object, number, parse, text
from mock_server.replay.addresses import address_of
from mock_server.replay.exchange import Cassette, RecordedExchange

VERSION = 1
BOM = b"\xef\xbb\xbf"  # which some editors write before the first line
LONGEST_LINE = 64 * 1024 * 1024
METHOD = re.compile(r"\A[A-Z]{1,20}\Z")
FAILURES = frozenset({"timeout", "connection"})
BODIES: Mapping[str, type[object]] = {"json": object, "events": list, "xml": str, "data": dict, "form": list}
"""The forms of a body by the member that distinguishes them, with the type of its value."""


class CassetteError(ValueError):
    """A file that is no cassette, or a damaged one; the message names the line."""


def read_cassette(path: Path) -> Cassette:
    """Read a cassette.

    Args:
        path: the file.

    Returns:
        Its exchanges, in the order of its lines.

    Raises:
        CassetteError: the file cannot be read, has no exchange, another version, or a damaged line.
    """
    try:
        content = path.read_bytes().removeprefix(BOM)
    except OSError as error:
        raise CassetteError(f"{path} cannot be read as a cassette: {error.strerror or error}") from error
    lines = [(number, line) for number, line in enumerate(content.split(b"\n"), start=1) if line.strip()]
    if lines and not content.endswith(b"\n") and not _is_json(lines[-1][1]):
        why = "its end is missing: the recording was stopped in the middle of it. Delete it to use the others"
        raise CassetteError(f"{path}, line {lines[-1][0]} is damaged: {why}")
    if not lines:
        raise CassetteError(f"{path} has no exchange: record it again")
    return Cassette(path, tuple(_exchange(path, number, line) for number, line in lines))


def _exchange(path: Path, line: int, content: bytes) -> RecordedExchange:
    if len(content) > LONGEST_LINE:
        raise _damaged(path, line, f"it is longer than {LONGEST_LINE} bytes")
    try:
        read = parse(content.decode("utf-8"))
    except ValueError as error:
        raise _damaged(path, line, f"it is not JSON ({error})") from error
    if not is_object(read):
        raise _damaged(path, line, "it is not a JSON object")
    if "cassette" not in read:
        raise _damaged(path, line, "it has no `cassette`, the version of the format: is this a cassette?")
    if not _is_count(read["cassette"]) or read["cassette"] != VERSION:
        raise CassetteError(
            f"{path}, line {line}: the cassette has version {str(read['cassette'])[:20]}, and this reads version "
            f"{VERSION}: use the release that recorded it, or record it again"
        )
    if problem := _problem(read):
        raise _damaged(path, line, problem)
    status: int | None = read.get("status")
    headers = {name.lower(): value for name, value in child(read, "headers").items()}
    return RecordedExchange(
        n=read["n"],
        ended=(number(read["at"]) or 0.0) + (number(read["seconds"]) or 0.0),
        operation=text(read, "operation"),
        method=read["method"],
        url=read["url"],
        address=address_of(read["url"]),
        request_body=child(read, "request").get("body"),
        status=status,
        headers=headers,
        body=read.get("body"),
    )


def _is_json(line: bytes) -> bool:
    try:
        parse(line.decode("utf-8"))
    except ValueError:
        return False
    return True


def _problem(read: Json) -> str:
    """Return what is wrong with a line's members; an empty string if nothing is."""
    if not _is_count(read.get("n")):
        return "`n` must be the number of the exchange"
    for name in ("at", "seconds"):
        if (number(read.get(name)) or 0.0) < 0 or not isinstance(read.get(name), int | float):
            return f"`{name}` must be seconds"
    method, url = read.get("method"), read.get("url")
    if not isinstance(method, str) or not METHOD.match(method):
        return "`method` must be an HTTP method"
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return "`url` must be an http(s) URL"
    if not is_object(read.get("request")):
        return "`request` must be an object"
    status = read.get("status")
    if status is None and read.get("failure") not in FAILURES:
        return f"`failure` must be one of {sorted(FAILURES)} where there is no `status`"
    if status is not None and not (_is_count(status) and 100 <= status < 600):
        return "`status` must be an HTTP status"
    headers: object = read.get("headers", {})
    if not is_object(headers) or not all(isinstance(value, str) for value in headers.values()):
        return "`headers` must be an object of strings"
    return _body_problem("request.body", child(read, "request").get("body")) or _body_problem("body", read.get("body"))


def _body_problem(where: str, body: object) -> str:
    if body is None:
        return ""
    if not is_object(body) or (kind := next((name for name in BODIES if name in body), None)) is None:
        return f"`{where}` must be null, or an object with one of {', '.join(BODIES)}"
    if not isinstance(body[kind], BODIES[kind]):
        return f"`{where}.{kind}` has the wrong type"
    if kind == "data" and not _is_count(body[kind].get("bytes")):
        return f"`{where}.data.bytes` must be a number of bytes"
    if kind == "form" and not all(is_object(part) for part in body[kind]):
        return f"`{where}.form` must be an array of objects"
    return "" if kind != "events" or is_array(body[kind]) else f"`{where}.events` must be an array"


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _damaged(path: Path, line: int, why: str) -> CassetteError:
    return CassetteError(f"{path}, line {line} is damaged: {why}. Restore the file, or record it again")
