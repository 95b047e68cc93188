"""The file that a download is written into: its notes, and whose it is."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from maas_client import InvalidInput
from maas_client.transfers.downloads.part_file import PartFile, PartWriter
from maas_client.transfers.downloads.part_journal import Header, line_of, read_part_journal
from maas_client.transfers.downloads.ranges import ByteRange, byte_ranges, range_size_for
from tests.transfers.downloads.conftest import RANGE

HEADER = Header(url="https://store.example/c/a", etag='"1"', size=2500, range=1000)
SPANS = list(byte_ranges(2500, 1000))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the download goes."""
    return tmp_path / "a.bin"


def write(part: PartFile, span: ByteRange, content: bytes) -> None:
    """Bring a range into a part."""
    writing = PartWriter(part.path, span)
    writing.take(content)
    assert writing.write() == span.size
    part.note(span, writing.crc)


def test_a_part_knows_what_an_earlier_owner_wrote_into_it(target: Path) -> None:
    first = PartFile(target, HEADER)
    first.open()
    write(first, SPANS[2], b"c" * 500)
    first.close()
    second = PartFile(target, HEADER)
    second.open()
    assert [second.has(span) for span in SPANS] == [False, False, True]
    write(second, SPANS[0], b"a" * 1000)
    write(second, SPANS[1], b"b" * 1000)
    second.commit(overwrite=False, modified=1_000_000)
    second.close()
    assert target.read_bytes() == b"a" * 1000 + b"b" * 1000 + b"c" * 500
    assert target.stat().st_mtime_ns == 1_000_000 * 10**9


def test_a_part_belongs_to_one_at_a_time(target: Path) -> None:
    first, second = PartFile(target, HEADER), PartFile(target, HEADER)
    first.open()
    with pytest.raises(InvalidInput, match="another download is writing"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_a_part_that_was_left_while_it_was_opened_is_free(target: Path) -> None:
    left, next_one = PartFile(target, HEADER), PartFile(target, HEADER)
    left.close()
    left.open()
    next_one.open()
    next_one.close()


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_notes_of_any_bytes_are_read_or_count_as_none(target: Path, content: bytes) -> None:
    target.write_bytes(content)
    assert read_part_journal(target, HEADER) is None
    target.write_bytes(HEADER.line() + content)
    assert all(number in range(3) for number in read_part_journal(target, HEADER) or {})


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2**32 - 1))), st.binary(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_journal_lines_are_read_as_written_after_a_torn_line(
    target: Path, notes: list[tuple[int, int]], cut: bytes
) -> None:
    torn = b"\n" + cut.replace(b"\n", b"")
    target.write_bytes(HEADER.line() + torn + b"".join(line_of(number, crc) for number, crc in notes))
    assert read_part_journal(target, HEADER) == dict(notes)


@given(st.integers(0, 10**15))
def test_ranges_cover_a_blob_without_a_gap(size: int) -> None:
    length = range_size_for(size)
    assert length % RANGE == 0
    assert -(-size // length) <= 50_000


@given(st.integers(0, 5000), st.integers(1, 1000))
def test_a_blob_is_the_sum_of_its_ranges(size: int, length: int) -> None:
    divided = list(byte_ranges(size, length))
    assert [span.start for span in divided] == [0, *(span.end for span in divided[:-1])]
    assert divided[-1].end == size
    assert max(span.size for span in divided) <= length
    assert [span.number for span in divided] == list(range(len(divided)))


def test_a_range_is_checksummed_as_it_is_written(target: Path) -> None:
    target.write_bytes(b"\0" * 100)
    writing = PartWriter(target, ByteRange(0, 20, 30))
    for piece in (b"a" * 10, b"b" * 20):
        assert not writing.take(piece)
        writing.write()
    assert (writing.left, writing.crc) == (0, zlib.crc32(b"a" * 10 + b"b" * 20))
    assert target.read_bytes() == b"\0" * 20 + b"a" * 10 + b"b" * 20 + b"\0" * 50


def test_a_size_that_no_file_can_have_is_refused(target: Path) -> None:
    part = PartFile(target, replace(HEADER, size=10**29))
    with pytest.raises(InvalidInput, match="the service says that it has 1000"):
        part.open()
    part.close()
