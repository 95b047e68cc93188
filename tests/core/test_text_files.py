"""Small text files are read in UTF-8, UTF-16 and UTF-32; another encoding is reported with the line and the remedy."""

from __future__ import annotations

import codecs
from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from maas_client.core.text_files import UndecodableText, decode

MARKS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=30)


@given(TEXT, st.sampled_from(sorted(MARKS)), st.booleans())
def test_every_encoding_is_read_with_and_without_a_mark(text: str, encoding: str, marked: bool) -> None:
    whole = "{\n" + text
    assert decode((MARKS[encoding] if marked else b"") + whole.encode(encoding)) == whole


def test_an_empty_file_is_an_empty_text() -> None:
    assert [decode(mark) for mark in (b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE)] == ["", "", ""]


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, "not valid UTF-8: byte 0xe9, perhaps of Windows-1252"),
        (b"\xef\xbb\xbfa\r\n\r\n\x93b\x94", 3, "not valid UTF-8: byte 0x93"),
        ("a: 日本".encode("shift_jis"), 1, "not valid UTF-8: byte 0x93"),
        (
            codecs.BOM_UTF16_LE + "a\n\nb".encode("utf-16-le") + b"\x00\xd8",
            3,
            "not valid UTF-16: unexpected end of data",
        ),
        (codecs.BOM_UTF16_BE + "a\nb".encode("utf-16-be") + b"\xdc\x00\x00c", 2, "not valid UTF-16: illegal encoding"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 1, "not a text file: it contains NUL bytes"),
    ],
)
def test_an_undecodable_file_is_named_with_the_remedy(content: bytes, line: int, words: str) -> None:
    with pytest.raises(UndecodableText) as caught:
        decode(content)
    assert str(caught.value).startswith(words)
    assert "save the file as UTF-8 (in PowerShell: Out-File -Encoding utf8)" in str(caught.value)
    assert caught.value.line == line


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(content: bytes) -> None:
    with suppress(UndecodableText):
        decode(content)
