"""Whatever string is in a request or an answer, it is not in the line that is written, unless it is a public word."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from hypothesis import given, strategies as st

from maas_client.contract.operation import Operation
from maas_client.contract.shapes import Anything, ArrayOf, Boolean, Either, MapOf, Number, Record, Shape, Text
from maas_client.contract.table import OPERATIONS
from maas_client.recording.exchange import Exchange
from maas_client.recording.redactor import SAME_FOR_ALL, Redactor
from maas_client.recording.seen import Sample, Seen
from maas_client.recording.strings import WORDED

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def canary_of(start: str, mark: str, end: str) -> str:
    return f"qz{start}{mark}xj{end}"


CANARIES = st.builds(
    canary_of,
    st.text(ALPHABET, min_size=4, max_size=7),
    st.sampled_from(["-", ".", " ", "@", "/", "_-", "ü", '"', "\\", "&", "<", "%", "+", ":"]),
    st.text(ALPHABET, min_size=4, max_size=7),
)
"""Names, addresses, secrets: what nobody's enumeration has."""

PLANTED = [
    one
    for one in OPERATIONS.values()
    if one.name not in SAME_FOR_ALL and (not one.name.startswith("registry.") or one.name == "registry.discovery")
]
HOSTS = {
    "management": "https://management.azure.com",
    "registry": "https://eastus.api.azureml.ms",
    "run history": "https://eastus2.api.azureml.ms",
    "blob": "https://store.blob.core.windows.net",
    "serverless endpoint": "https://mine.eastus2.models.ai.azure.com",
    "online endpoint": "https://mine.eastus2.inference.ml.azure.com",
}


WORDS = st.builds("{}{}".format, st.just("Qz"), st.text(ALPHABET, min_size=6, max_size=12))
"""Names of letters and digits, which could be a new word where the services write words."""


@dataclass
class Canary:
    """A name that is another one each time, so that none is known from an earlier place."""

    text: str
    planted: int = 0

    @property
    def is_word(self) -> bool:
        return self.text.isalnum() and self.text.isascii()

    def __call__(self) -> str:
        self.planted += 1
        return f"{self.text}{self.planted}"


def of_shape(shape: Shape, canary: Canary, draw: Any) -> Any:
    """Return a value of a shape in which every string, and every key that is a name, is a canary."""
    match shape:
        case Text() if shape.words and canary.is_word:
            return shape.words[0]
        case Text():
            return canary()
        case Number():
            return 7
        case Boolean():
            return True
        case Anything():
            return {canary(): [canary()], "code": "C" if canary.is_word else canary()}
        case Either():
            return of_shape(draw(st.sampled_from(shape.shapes)), canary, draw)
        case ArrayOf():
            return [of_shape(shape.item, canary, draw)]
        case MapOf():
            names = (canary(), "tag", "code", "type", "status")
            return {name: of_shape(shape.item, canary, draw) for name in names}
        case Record():
            by = shape.members[shape.by].shape if shape.by else None
            kind = by.words[0] if isinstance(by, Text) and canary.is_word else None
            members = shape.members_for(kind or draw(st.sampled_from([None, *shape.variants])))
            own = {name: one for name, one in members.items() if not (canary.is_word and name.lower() in WORDED)}
            new = {} if canary.is_word else {canary(): canary()}
            return {**{name: of_shape(one.shape, canary, draw) for name, one in own.items()}, **new}


def url_of(operation: Operation, canary: str) -> str:
    """Return a URL of an operation whose names are the canary."""
    host = HOSTS.get(operation.bases[0], "https://acct.openai.azure.com")
    path = operation.paths[0]
    while "{" in path:
        start, end = path.index("{"), path.index("}")
        path = path[:start] + quote(canary, safe="") + path[end + 1 :]
    query = "&".join(f"{name}={canary if value == '*' else value}" for name, value in operation.query.items())
    more = f"&tag={quote(canary)}&{quote(canary)}=1&sig={quote(canary)}&sv={quote(canary)}#{quote(canary)}"
    return f"{host}{path}?{query}{more}"


def forms(canary: str) -> set[str]:
    """Return a canary as it may be written: as it is, escaped, or a part of it."""
    halves = [half for half in re.split(r"[^A-Za-z0-9]", canary) if len(half) >= 6]
    return {canary, quote(canary), quote(canary, safe=""), escape(canary), json.dumps(canary)[1:-1], *halves}


def left(line: str, canary: str) -> list[str]:
    return [form for form in forms(canary) if form.casefold() in line.casefold()]


@given(st.data(), CANARIES | WORDS, st.sampled_from(PLANTED))
def test_no_name_in_url_headers_or_body_is_written(data: st.DataObject, canary: str, operation: Operation) -> None:
    status = data.draw(st.sampled_from([*operation.answers, 400, 404, 500]))
    answer = operation.answers.get(status)
    shape = answer.shape if answer else data.draw(st.sampled_from(operation.error_bodies or (Anything(),)))
    document = (
        of_shape(shape, Canary(canary), data.draw)
        if isinstance(shape, Text | Record | MapOf | ArrayOf | Either | Anything)
        else {canary: canary}
    )
    body = json.dumps(document, ensure_ascii=data.draw(st.booleans())).encode()
    if data.draw(st.booleans()) and answer is not None and answer.alternatives:
        body = b"data: " + body + b"\n\ndata: [DONE]\n\n"
    headers = dict.fromkeys(
        ("ETag", "Location", "x-ms-request-id", "Date", "Server", "x-ms-error-code", "Retry-After", "vary"), canary
    )
    is_asked = data.draw(st.booleans())  # in one of them: what the request has is known in the answer
    line = (
        Redactor()
        .exchange(
            Seen(
                method=operation.method,
                url=url_of(operation, f"{canary}0"),
                headers={**headers, "Content-Type": "application/json", "If-Match": canary, "Authorization": canary},
                body=Sample.of(body) if is_asked else Sample(),
                status=status,
                answer_headers={
                    **headers,
                    "WWW-Authenticate": f'Bearer realm="{canary}"',
                    "Content-Type": "text/event-stream" if body.startswith(b"data") else "application/json",
                    "x-ms-meta-" + quote(canary, safe=""): canary,
                },
                answer=Sample() if is_asked else Sample.of(body),
            )
        )
        .to_line()
    )
    assert left(line, canary) == [], line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just("CANARY"),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["CANARY", "name", "id", "content", "status", "tags", "properties", "uri", "key", "message"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON, CANARIES)
def test_no_string_of_any_json_is_written(document: Any, canary: str) -> None:
    text = json.dumps(document).replace("CANARY", json.dumps(canary)[1:-1])
    for url in ("https://intern.example/x", "https://management.azure.com/subscriptions"):
        seen = Seen(method="POST", url=url, body=Sample.of(text.encode()), status=200, answer=Sample.of(text.encode()))
        assert left(Redactor().exchange(seen).to_line(), canary) == []


def elements(name: str, items: list[str]) -> str:
    return "".join(f"<{name} at='CANARY' ContainerName='CANARY'>{item}</{name}>" for item in items)


XML = st.recursive(
    st.sampled_from(["CANARY", "12", ""]),
    lambda inner: st.builds(
        elements,
        st.sampled_from(["Blob", "Name", "Metadata", "Code", "Message", "Etag", "Latest", "BlobType", "Canary-7x"]),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)


@given(XML, CANARIES, st.sampled_from(["", "<?xml version='1.0'?>", "<!-- CANARY -->", "<![CDATA[CANARY]]>"]))
def test_no_text_of_any_xml_is_written(document: str, canary: str, before: str) -> None:
    text = f"{before}<EnumerationResults>{document}</EnumerationResults>".replace("CANARY", escape(canary))
    url = "https://store.blob.core.windows.net/box?restype=container&comp=list"
    line = Redactor().exchange(Seen(method="GET", url=url, status=200, answer=Sample.of(text.encode()))).to_line()
    assert left(line, canary) == []
    assert "anary-7x" not in line


URLS = st.sampled_from(
    [
        "https://{}.blob.core.windows.net/{}/{}/{}.jsonl?sig={}&se={}",
        "https://{}.{}.inference.ml.azure.com/score?{}={}",
        "http://127.0.0.1:8/{}.blob.127.0.0.1:8/{}/{}",
        "https://{}/{}?{}#{}",
        "https://user:{}@{}.example/{}",
        "azureml://subscriptions/{}/resourcegroups/{}/workspaces/{}/datastores/{}/paths/{}/{}.txt",
        "azureml://{}/{}",
        "azureml:{}:{}",
        "/subscriptions/{}/providers/{}/{}",
        "wasbs://{}@{}/{}",
        "file:///home/{}/{}",
        "/home/{}/train.jsonl",
        "{}@{}.example",
    ]
)


@given(URLS, CANARIES, st.sampled_from(["id", "uri", "endpoint", "location", "type", "code", "url", "filename", ""]))
def test_no_part_of_any_url_is_written(pattern: str, canary: str, field: str) -> None:
    plain = "".join(character for character in canary if character.isalnum() and character.isascii())
    for one in (quote(canary, safe=""), plain):
        text = pattern.replace("{}", one)
        assert left(Redactor().text(text, field), one) == []


@given(CANARIES)
def test_no_row_and_no_column_is_written(canary: str) -> None:
    row = json.dumps({"messages": [{"role": "user", "content": canary}], canary: {canary: canary}})
    for content in (f"{row}\n{row}\n", f"step,{canary}\n1,2\n", canary, f"{canary}\n" * 3):
        seen = Seen(
            method="PUT",
            url="https://store.blob.core.windows.net/box/rows.jsonl",
            headers={"Content-Type": f"text/{canary}"},
            body=Sample.of(content.encode()),
            status=201,
        )
        assert left(Redactor().exchange(seen).to_line(), canary) == []


ANY_TEXT = st.text(st.characters(), max_size=30)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(ANY_JSON, ANY_TEXT, st.binary(max_size=60), st.sampled_from(["application/json", "text/event-stream", ""]))
def test_anything_can_be_recorded_and_read_again(document: Any, text: str, raw: bytes, media: str) -> None:
    for body in (json.dumps(document).encode(), raw, b"<" + raw, b"data: " + raw + b"\n\n"):
        seen = Seen(
            method="POST",
            url=f"https://example.com/{text}?{text}={text}",
            headers={"Content-Type": f"multipart/form-data; boundary={text}"},
            body=Sample.of(body),
            status=200,
            answer_headers={"Content-Type": media, "Location": text, "x-other": text},
            answer=Sample.of(body),
        )
        line = Redactor().exchange(seen).to_line()
        assert Exchange.from_line(line.encode().decode()).to_line() == line
