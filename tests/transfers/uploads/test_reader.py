"""Reading a file for an upload: every byte once and in order, and the name of a file that changes is reported."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidInput
from maas_client.errors import FileChanged
from maas_client.transfers.azureml_layout import SALT
from maas_client.transfers.file_identity import FileIdentity, check_unchanged, identity_of
from maas_client.transfers.file_slice import FileSlice
from maas_client.transfers.uploads.blocks import BLOCK
from maas_client.transfers.uploads.file_reader import FileReader
from maas_client.transfers.uploads.hashing import FileHashing, read
from maas_client.wire import Wire
from maas_client.wire.background_worker import BackgroundWorker, yield_gil

PATIENCE = 120.0  # seconds after which a thread counts as stuck
MOMENT = 0.05


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ten bytes."""
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"0123456789")
    return path


@pytest.fixture
def read_of() -> Iterator[Callable[..., FileHashing]]:
    """Begins readings that are closed behind the test."""
    begun: list[FileHashing] = []

    def begin(path: Path, **options: Any) -> FileHashing:
        begun.append(FileHashing(path, identity_of(path), **options))
        return begun[-1]

    yield begin
    for reading in begun:
        reading.close()


def reader_of(path: Path) -> FileReader:
    return FileReader(path, identity_of(path))


def room(size: int) -> memoryview:
    return memoryview(bytearray(size))


@given(content=st.binary(max_size=200), block=st.integers(1, 60), piece=st.integers(1, 60), slow=st.booleans())
def test_a_reading_gives_the_hash_the_sums_and_every_byte(content: bytes, block: int, piece: int, slow: bool) -> None:
    pieces, reported = bytearray(), list[int]()

    def collect(piece: memoryview) -> None:
        yield_gil(1e-4 * slow)  # whoever is slow reads again what could not be kept for it
        pieces.extend(piece)

    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        reading = FileHashing(path, identity_of(path), block_size=block, piece_size=piece, listener=collect, salt=SALT)
        whole = reading.run(reported.append)
        reading.wait_for_listener()
        assert reading.listener_is_done
        reading.close()
        sent = [b"".join(FileSlice(path, each.offset, each.size)) for each in whole.blocks]
    assert b"".join(sent) == bytes(pieces) == content
    assert whole.sha256 == hashlib.sha256(SALT + content).hexdigest()
    assert [each.md5 for each in whole.blocks] == [hashlib.md5(piece).digest() for piece in sent]
    assert [(each.number, each.size) for each in whole.blocks] == list(enumerate(map(len, sent)))
    assert reported == list(
        accumulate(min(piece, len(each) - at) for each in sent for at in range(0, len(each) or 1, piece))
    )


def test_hashing_does_not_wait_for_a_slow_listener(read_of: Callable[..., FileHashing], file: Path) -> None:
    may_continue, pieces = threading.Event(), bytearray()

    def collect(piece: memoryview) -> None:
        assert may_continue.wait(PATIENCE)
        pieces.extend(piece)

    reading = read_of(file, block_size=1, listener=collect)
    assert len(reading.run().blocks) == 10
    assert not reading.listener_is_done
    assert pieces == b""
    may_continue.set()
    reading.wait_for_listener()
    assert reading.listener_is_done
    assert pieces == b"0123456789"


def test_an_exception_of_a_listener_is_raised(read_of: Callable[..., FileHashing], file: Path) -> None:
    def collect(piece: memoryview) -> None:
        raise ValueError(bytes(piece))

    reading = read_of(file, listener=collect)
    reading.run()
    with pytest.raises(ValueError, match="0123456789"):
        reading.wait_for_listener()


def test_closing_ends_an_unfinished_reading(read_of: Callable[..., FileHashing], file: Path) -> None:
    reading = read_of(file, block_size=1)
    with pytest.raises(RuntimeError, match="has been read"):
        reading.run(lambda _: reading.close())


@pytest.mark.parametrize("checksums", [True, False])
async def test_a_whole_file_is_read_in_blocks_that_are_in_order(wire: Wire, tmp_path: Path, checksums: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(6 * BLOCK + 5))
    content = await read(wire, path, identity_of(path), checksums=checksums)
    assert content.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [(each.number, each.size) for each in content.blocks] == [*((n, BLOCK) for n in range(6)), (6, 5)]
    assert {len(each.md5) for each in content.blocks} == {16 if checksums else 0}


def test_a_slice_can_be_read_again_for_another_attempt(file: Path) -> None:
    part = FileSlice(file, 2, 5)
    assert [b"".join(part), b"".join(part)] == [b"23456", b"23456"]


def test_a_file_that_became_shorter_is_reported(file: Path) -> None:
    reader = reader_of(file)
    reader.fill(room(4))
    os.truncate(file, 6)
    with pytest.raises(FileChanged, match="truncated"):
        reader.fill(room(4))
    with pytest.raises(FileChanged, match="truncated"):
        b"".join(FileSlice(file, 4, 4))
    reader.close()


def test_a_file_that_became_longer_is_reported(file: Path) -> None:
    reader = reader_of(file)
    reader.fill(room(10))
    file.write_bytes(b"0123456789+")
    with pytest.raises(FileChanged, match="grew"):
        reader.finish()
    reader.close()


def test_a_file_replaced_before_it_is_opened_is_reported(file: Path) -> None:
    reader = reader_of(file)
    file.write_bytes(b"0123456789+")
    with pytest.raises(FileChanged, match="it had 10 bytes and has 11"):
        reader.fill(room(10))
    reader.close()


def test_a_file_that_vanished_is_reported(file: Path) -> None:
    reader, other = reader_of(file), reader_of(file)
    reader.fill(room(10))
    file.unlink()
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        other.fill(room(10))
    with pytest.raises(FileChanged, match="can no longer be read: No such file"):
        list(FileSlice(file, 0, 10))
    with pytest.raises(FileChanged, match="No such file"):
        reader.finish()
    reader.close()


def test_a_file_that_cannot_be_read_at_all_is_invalid_input(tmp_path: Path) -> None:
    reader = reader_of(tmp_path)
    with pytest.raises(InvalidInput, match="cannot be read: Is a directory"):
        reader.fill(room(10))
    with pytest.raises(InvalidInput, match="cannot be read: No such file"):
        identity_of(tmp_path / "nothing")


KNOWN = FileIdentity(size=10, mtime=1_000, inode=7, ctime=2_000)


@pytest.mark.parametrize(
    ("now", "how"),
    [
        (KNOWN, ""),
        (FileIdentity(11, 1_000, 7, 2_000), "it had 10 bytes and has 11"),
        (FileIdentity(10, 1_000, 8, 2_000), "it was replaced by another file"),
        (FileIdentity(10, 1_001, 7, 2_000), "it was modified"),
    ],
)
def test_the_difference_of_a_file_is_described_in_words(now: FileIdentity, how: str) -> None:
    assert KNOWN.differs(now) == how


def test_a_file_that_is_the_same_is_still_the_same(file: Path) -> None:
    check_unchanged(file, identity_of(file), "since")


def test_a_changed_file_with_a_restored_mtime_is_detected(file: Path) -> None:
    before, stamps = identity_of(file), file.stat()
    while identity_of(file).ctime == before.ctime:  # the file system's clock ticks every few milliseconds
        file.write_bytes(b"9876543210")
        os.utime(file, ns=(stamps.st_atime_ns, stamps.st_mtime_ns))
    assert before.differs(identity_of(file)) == ""
    with pytest.raises(FileChanged, match="its metadata changed"):
        check_unchanged(file, before, "since")


def test_a_file_written_to_while_it_is_hashed_is_reported(read_of: Callable[..., FileHashing], file: Path) -> None:
    before = identity_of(file)

    def write(read: int) -> None:
        while identity_of(file).mtime == before.mtime:  # the file system's clock ticks every few milliseconds
            file.write_bytes(b"9876543210")

    with pytest.raises(FileChanged, match="it was modified"):
        read_of(file).run(write)


def test_closing_a_reader_releases_a_blocked_caller() -> None:
    hashing, may_continue = threading.Event(), threading.Event()
    ends: list[str] = []

    def work(item: int) -> None:
        hashing.set()
        assert may_continue.wait(PATIENCE)

    def give_again() -> None:
        with pytest.raises(RuntimeError, match="has been closed"):
            aside.submit(2)
        ends.append("let go")

    aside = BackgroundWorker(work)
    aside.submit(1)
    assert hashing.wait(PATIENCE)
    closing, left_behind = threading.Thread(target=aside.close), threading.Thread(target=give_again, daemon=True)
    closing.start()
    closing.join(MOMENT)
    assert closing.is_alive()  # it waits for the work under way
    left_behind.start()
    may_continue.set()
    closing.join(PATIENCE)
    left_behind.join(PATIENCE)
    assert ends == ["let go"]
