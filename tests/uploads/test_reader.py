"""Reading a file for an upload: every byte once and in order, and a file that changes is told by name."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maas_client import InvalidInput, Progress
from maas_client.errors import FileChanged
from maas_client.storage import FileSlice
from maas_client.uploads.identity import Identity, identity_of, still
from maas_client.uploads.plan import BLOCK
from maas_client.uploads.reader import SALT, FileReader
from maas_client.uploads.summing import read
from maas_client.wire import Wire
from maas_client.wire.aside import Aside

PATIENCE = 10.0  # seconds after which a thread counts as stuck
MOMENT = 0.05


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ten bytes."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"0123456789")
    return path


def reader_of(path: Path, block: int) -> FileReader:
    return FileReader(path, identity_of(path), block)


@given(content=st.binary(max_size=200), block=st.integers(1, 60), rooms=st.integers(1, 3))
def test_the_pieces_are_the_file(content: bytes, block: int, rooms: int) -> None:
    heard = bytearray()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        reader = FileReader(path, identity_of(path), block, listeners=[heard.extend])
        buffers = [reader.buffer() for _ in range(rooms)]
        blocks = [reader.next(buffers[number % rooms]).block() for number in range(reader.pieces)]
        sha256 = reader.finish()
        sent = [b"".join(FileSlice(path, each.offset, each.size)) for each in blocks]
        reader.close()
    assert b"".join(sent) == bytes(heard) == content
    assert sha256 == hashlib.sha256(SALT + content).hexdigest()
    assert [each.md5 for each in blocks] == [hashlib.md5(piece).digest() for piece in sent]
    assert [(each.number, each.size) for each in blocks] == list(enumerate(map(len, sent)))


@pytest.mark.parametrize("checksums", [True, False])
async def test_a_whole_file_is_read_in_blocks_that_are_in_order(wire: Wire, tmp_path: Path, checksums: bool) -> None:
    path, told = tmp_path / "file", list[Progress]()
    path.write_bytes(os.urandom(3 * BLOCK + 5))
    content = await read(wire, path, identity_of(path), checksums=checksums, on_progress=told.append)
    assert content.sha256 == hashlib.sha256(SALT + path.read_bytes()).hexdigest()
    assert [(each.number, each.size) for each in content.blocks] == [(0, BLOCK), (1, BLOCK), (2, BLOCK), (3, 5)]
    assert {len(each.md5) for each in content.blocks} == {16 if checksums else 0}
    assert [each.read for each in told] == [BLOCK, 2 * BLOCK, 3 * BLOCK, 3 * BLOCK + 5]
    assert {each.done for each in told} == {0}


def test_a_slice_can_be_read_again_for_another_attempt(file: Path) -> None:
    part = FileSlice(file, 2, 5)
    assert [b"".join(part), b"".join(part)] == [b"23456", b"23456"]


def test_a_file_that_became_shorter_is_told(file: Path) -> None:
    reader = reader_of(file, 4)
    room = reader.buffer()
    reader.next(room)
    os.truncate(file, 6)
    with pytest.raises(FileChanged, match="shorter"):
        reader.next(room)
    with pytest.raises(FileChanged, match="shorter"):
        b"".join(FileSlice(file, 4, 4))
    reader.close()


def test_a_file_that_became_longer_is_told(file: Path) -> None:
    reader = reader_of(file, 10)
    reader.next(reader.buffer())
    file.write_bytes(b"0123456789+")
    with pytest.raises(FileChanged, match="longer"):
        reader.finish()
    reader.close()


def test_a_file_that_is_another_when_it_is_opened_is_told(file: Path) -> None:
    reader = reader_of(file, 10)
    file.write_bytes(b"0123456789+")
    with pytest.raises(FileChanged, match="it had 10 bytes and has 11"):
        reader.next(reader.buffer())
    reader.close()


def test_a_file_that_vanished_is_told(file: Path) -> None:
    reader, other = reader_of(file, 10), reader_of(file, 10)
    reader.next(reader.buffer())
    file.unlink()
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        other.next(other.buffer())
    with pytest.raises(FileChanged, match="can no longer be read: No such file"):
        list(FileSlice(file, 0, 10))
    with pytest.raises(FileChanged, match="No such file"):
        reader.finish()
    reader.close()


def test_a_file_that_cannot_be_read_at_all_is_invalid_input(tmp_path: Path) -> None:
    reader = reader_of(tmp_path, 10)
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        reader.next(reader.buffer())
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        identity_of(tmp_path / "nothing")


KNOWN = Identity(size=10, mtime=1_000, inode=7, ctime=2_000)


@pytest.mark.parametrize(
    ("now", "how"),
    [
        (KNOWN, ""),
        (Identity(11, 1_000, 7, 2_000), "it had 10 bytes and has 11"),
        (Identity(10, 1_000, 8, 2_000), "another file is in its place"),
        (Identity(10, 1_001, 7, 2_000), "it was written to"),
    ],
)
def test_how_a_file_differs_is_said_in_words(now: Identity, how: str) -> None:
    assert KNOWN.differs(now) == how


def test_a_file_that_is_the_same_is_still_the_same(file: Path) -> None:
    still(file, identity_of(file), "since")


def test_a_file_whose_time_was_set_back_does_not_pass_for_untouched(file: Path) -> None:
    before, stamps = identity_of(file), file.stat()
    while identity_of(file).ctime == before.ctime:  # the file system's clock ticks every few milliseconds
        file.write_bytes(b"9876543210")
        os.utime(file, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))
    assert before.differs(identity_of(file)) == ""
    with pytest.raises(FileChanged, match="it was touched"):
        still(file, before, "since")


def test_a_file_that_is_written_to_while_it_is_hashed_is_told(file: Path) -> None:
    reader = FileReader(file, identity_of(file), 10, listeners=[lambda _: file.write_bytes(b"9876543210+")])
    reader.next(reader.buffer())
    file.write_bytes(b"9876543210")
    with pytest.raises(FileChanged, match="it was written to"):
        reader.finish()
    reader.close()


def test_who_still_reads_when_a_reader_is_closed_is_let_go() -> None:
    hashing, goes_on = threading.Event(), threading.Event()
    ends: list[str] = []

    def work(item: int) -> None:
        hashing.set()
        assert goes_on.wait(PATIENCE)

    def give_again() -> None:
        with pytest.raises(RuntimeError, match="has ended"):
            aside.give(2)
        ends.append("let go")

    aside = Aside(work)
    aside.give(1)
    assert hashing.wait(PATIENCE)
    closing, left_behind = threading.Thread(target=aside.close), threading.Thread(target=give_again, daemon=True)
    closing.start()
    closing.join(MOMENT)
    assert closing.is_alive()  # it waits for the work under way
    left_behind.start()
    goes_on.set()
    closing.join(PATIENCE)
    left_behind.join(PATIENCE)
    assert ends == ["let go"]
