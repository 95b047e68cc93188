"""How a file is divided into blocks, and the names that let any process know a block again."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, strategies as st

from maas_client.transfers.uploads.blocks import (
    BLOCK,
    ENOUGH_BLOCKS,
    LARGE_BLOCK,
    LARGEST_BLOCK,
    MOST_BLOCKS,
    Block,
    block_size_for,
    timeout_for,
)
from maas_client.transfers.uploads.options import PARALLEL

LARGEST_FILE = LARGEST_BLOCK * MOST_BLOCKS

# What azure-storage-blob 12.27 calls the first block of an upload in blocks.
MICROSOFTS = "TURBd01EQXdNREF3TURBd01EQXdNREF3TURBd01EQXdNREF3TURBd01EQSUzRA=="

sizes = st.integers(1, LARGEST_FILE) | st.integers(0, 12).map(lambda n: (BLOCK << n) * MOST_BLOCKS)
blocks = st.builds(
    Block,
    number=st.integers(0, MOST_BLOCKS - 1),
    offset=st.just(0),
    size=st.integers(0, LARGEST_BLOCK),
    md5=st.binary(min_size=16, max_size=16),
)


@given(size=sizes.filter(lambda size: size <= LARGEST_FILE))
def test_any_file_fits_into_as_many_blocks_as_the_service_takes(size: int) -> None:
    block = block_size_for(size)
    assert BLOCK <= block <= LARGEST_BLOCK
    assert -(-size // block) <= MOST_BLOCKS


@given(size=sizes)
def test_blocks_are_no_larger_than_the_file_requires(size: int) -> None:
    half = block_size_for(size) // 2
    assert half < BLOCK or size > half * (ENOUGH_BLOCKS if half < LARGE_BLOCK else MOST_BLOCKS)


@pytest.mark.parametrize(
    ("most", "blocks"), [(32 * BLOCK, BLOCK), (64 * BLOCK, 2 * BLOCK), (LARGE_BLOCK * MOST_BLOCKS, LARGE_BLOCK)]
)
def test_blocks_grow_with_the_first_byte_that_does_not_fit(most: int, blocks: int) -> None:
    assert (block_size_for(most), block_size_for(most + 1)) == (blocks, 2 * blocks)


@given(size=st.integers(0, 1 << 40))
def test_what_a_kill_can_lose_is_a_small_part_of_a_file(size: int) -> None:
    assert (PARALLEL + 1) * block_size_for(size) <= max((PARALLEL + 1) * BLOCK, size * 0.32)


few_blocks = st.builds(
    Block,
    number=st.sampled_from([0, 1, 256]),
    offset=st.just(0),
    size=st.sampled_from([0, 1, 256]),
    md5=st.sampled_from([bytes(16), bytes([*bytes(15), 1])]),
)


@given(one=few_blocks, other=few_blocks)
def test_two_blocks_have_one_id_only_if_they_are_the_same_piece(one: Block, other: Block) -> None:
    assert (one.id == other.id) == (one == other)


@given(block=blocks)
def test_an_id_is_as_long_as_those_of_microsofts_uploads(block: Block) -> None:
    assert len(block.id) == len(MICROSOFTS)
    assert len(base64.b64decode(block.id, validate=True)) == len(base64.b64decode(MICROSOFTS)) <= 64


def test_the_checksum_is_the_md5_as_the_header_has_it() -> None:
    assert Block(0, 0, 0, bytes.fromhex("d41d8cd98f00b204e9800998ecf8427e")).checksum == "1B2M2Y8AsgTpgAmY7PhCfg=="


def test_a_larger_block_is_waited_for_longer() -> None:
    assert timeout_for(0) == 60
    assert timeout_for(LARGEST_BLOCK) == 4060
