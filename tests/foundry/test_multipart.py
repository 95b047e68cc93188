"""Forms with a file: the bytes that openai's SDK sends, read again for each attempt, and only of the hashed file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from maas_client import FileChanged, InvalidInput
from maas_client.foundry.multipart import READ_SIZE, FormBody
from maas_client.transfers.file_slice import FileSlice


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"0123456789")
    return path


def form(file: Path, *, filename: str = "a.jsonl", sha256: str = "") -> FormBody:
    content = FileSlice(file, 0, file.stat().st_size)
    return FormBody(
        content=content,
        name="file",
        filename=filename,
        fields={"purpose": "fine-tune"},
        sha256=sha256,
        boundary="b",
    )


def test_a_form_has_fields_before_the_file(file: Path) -> None:
    body = form(file)
    sent = b"".join(body)
    assert sent == (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n'
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jsonl"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n0123456789\r\n--b--\r\n"
    )
    assert (len(sent), body.content_type) == (body.size, "multipart/form-data; boundary=b")
    assert b"".join(body) == sent


def test_names_of_other_alphabets_stay_as_they_are(file: Path) -> None:
    body = form(file, filename='zażółć "x"\r\n.jsonl')
    sent = b"".join(body)
    assert 'filename="zażółć %22x%22%0D%0A.jsonl"'.encode() in sent
    assert len(sent) == body.size


def test_a_name_that_has_no_encoding_is_refused(file: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be encoded"):
        form(file, filename="\ud800.jsonl")


def test_two_forms_have_different_boundaries(file: Path) -> None:
    content = FileSlice(file, 0, 10)
    one, other = (FormBody(content=content, name="file", filename="a") for _ in range(2))
    assert one.boundary != other.boundary


def test_a_large_file_is_read_in_small_pieces(tmp_path: Path) -> None:
    path = tmp_path / "big"
    path.write_bytes(b"x" * (5 << 20))
    assert max(len(piece) for piece in form(path)) == READ_SIZE <= 512 << 10


def test_other_content_is_never_sent_to_its_end(file: Path) -> None:
    body = form(file, sha256=hashlib.sha256(b"0123456789").hexdigest())
    assert b"".join(body).endswith(b"0123456789\r\n--b--\r\n")
    file.write_bytes(b"012345678X")
    sent = list[bytes]()
    with pytest.raises(FileChanged):
        sent.extend(body)
    assert b"X" not in b"".join(sent)
