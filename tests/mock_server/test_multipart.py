"""Forms as they arrive in pieces: the same parts however they are cut, and little of them in memory."""

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from mock_server.http.multipart import MultipartError, MultipartReader, PartData, PartHead

BOUNDARY = b"xyz"
Part = tuple[str, str | None, bytes]
CONTENT = st.lists(
    st.sampled_from([b"--xyz", b"\r\n--xyz", b"\r\n", b"-", b"\r", b"\n", b"--", b"a", b"\x00\xff", b"xyz"]), max_size=8
).map(b"".join)


def _form(parts: list[Part]) -> bytes:
    form = b"preamble"
    for name, filename, content in parts:
        file = f'; filename="{filename}"\r\nContent-Type: a/b' if filename else ""
        form += (
            b"\r\n--xyz\r\n" + f'Content-Disposition: form-data; name="{name}"{file}'.encode() + b"\r\n\r\n" + content
        )
    return form + b"\r\n--xyz--\r\nepilogue"


def _parts(reader: MultipartReader, pieces: list[bytes]) -> list[Part]:
    found: list[Part] = []
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, PartHead):
                found.append((event.name, event.filename, b""))
            else:
                name, filename, data = found[-1]
                found[-1] = (name, filename, data + event.data)
    return found


@given(contents=st.lists(CONTENT, max_size=4), cuts=st.lists(st.integers(0, 400), max_size=30))
def test_a_form_has_the_same_parts_however_it_is_cut(contents: list[bytes], cuts: list[int]) -> None:
    # A client chooses a boundary that its content does not have.
    sent: list[Part] = [
        (f"n{place}", "ü.jsonl" if place % 2 else None, content)
        for place, content in enumerate(contents)
        if b"\r\n--xyz" not in b"\r\n" + content
    ]
    form = _form(sent)
    places = sorted({0, len(form), *(cut for cut in cuts if cut < len(form))})
    pieces = [form[start:end] for start, end in pairwise(places)]
    reader = MultipartReader(BOUNDARY)
    assert (_parts(reader, pieces), reader.complete) == (sent, True)


def test_a_large_part_is_not_kept() -> None:
    reader, received = MultipartReader(BOUNDARY), 0
    head = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    for piece in (head, *[b"\r" * 65_536] * 200):
        for event in reader.feed(piece):
            received += len(event.data) if isinstance(event, PartData) else 0
    assert 200 * 65_536 - received < 100


@pytest.mark.parametrize(
    "body",
    [
        b"--xyz\r\nContent-Type: a/b\r\n\r\nx\r\n--xyz--",
        b"--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n--xyz--",
        b"--xyz\r\nContent-Disposition: form-data; name=" + b"x" * 20_000,
        b'--xyz\r\nContent-Disposition: form-data; name="x"\r\n\r\nx\r\n' * 101,
    ],
)
def test_a_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(MultipartError):
        _parts(MultipartReader(BOUNDARY), [body])


@given(body=st.binary(max_size=300))
def test_no_body_makes_the_reader_fail_otherwise(body: bytes) -> None:
    reader = MultipartReader(BOUNDARY)
    try:
        parts = _parts(reader, [b"--xyz\r\n" + body])
    except MultipartError:
        return
    assert len(parts) <= 1 or b"xyz" in body
