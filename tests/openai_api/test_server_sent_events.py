"""Server-sent events: the same events however the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from maas_client.openai_api.server_sent_events import MAX_EVENT, Decoder, EventTooLarge

LINE = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=20)
EVENTS = st.lists(st.lists(LINE, min_size=1, max_size=3), max_size=5)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def decode(*chunks: bytes) -> list[str]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def test_data_lines_of_one_event_are_joined_by_a_line_break() -> None:
    assert decode(b"data: a\ndata: b\n\n") == ["a\nb"]


def test_comments_and_other_fields_are_passed_over() -> None:
    assert decode(b": hello\nevent: x\nid: 1\nretry: 5\ndata:y\n\n") == ["y"]


def test_one_space_after_the_colon_is_not_part_of_the_data() -> None:
    assert decode(b"data:  a\n\n") == [" a"]


def test_an_event_that_is_not_ended_is_not_given() -> None:
    assert decode(b"data: a\n") == []


def test_a_byte_order_mark_is_not_part_of_the_first_line() -> None:
    assert decode(b"\xef\xbb\xbfdata: a\n\n") == ["a"]


def test_a_crlf_may_be_split_across_chunks_even_by_an_empty_one() -> None:
    assert decode(b"data: a\r", b"", b"\ndata: b\r\n\r", b"\n") == ["a\nb"]


@given(EVENTS, ENDS, st.data())
def test_any_split_of_the_bytes_gives_the_same_events(events: list[list[str]], end: str, data: st.DataObject) -> None:
    stream = "".join("".join(f"data: {line}{end}" for line in event) + end for event in events).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decode(*pieces) == decode(stream) == ["\n".join(event) for event in events]


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_any_bytes_at_all_are_decoded_without_an_error(chunks: list[bytes]) -> None:
    assert decode(*chunks) == decode(b"".join(chunks))


@pytest.mark.parametrize("chunk", [b"data: " + b"x" * MAX_EVENT + b"\n", b"data: " + b"x" * (MAX_EVENT + 1)])
def test_an_endless_event_is_rejected_before_memory_fills(chunk: bytes) -> None:
    with pytest.raises(EventTooLarge):
        decode(chunk, b"data: more\n")
