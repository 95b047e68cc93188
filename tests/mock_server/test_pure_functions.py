"""The pure functions behind the wire protocol."""

import json

from hypothesis import given, strategies as st

from mock_server.core.ranges import ByteRange, parse_range
from mock_server.journal.journal import safe_url
from mock_server.state.blob_store import Part
from mock_server.state.clock import Clock
from mock_server.storage import block_list
from mock_server.training import dataset_rows, simulation
from mock_server.training.dataset_rows import Example
from mock_server.training.simulation import ORDER, Plan
from mock_server.training.tuned_model import ExampleIndex, split_words, truncate_answer
from tests.mock_server.driver import row

plans = st.builds(
    Plan,
    seed=st.text(max_size=5),
    seconds=st.floats(0, 1e6),
    rows=st.integers(0, 5000),
    tokens=st.integers(0, 10**6),
    validation_rows=st.integers(0, 10),
    epochs=st.floats(0.1, 5),
    batch_size=st.integers(1, 64),
    learning_rate=st.floats(0, 10),
    failure=st.none() | st.just("broken"),
)
times = st.lists(st.floats(0, 2e6), min_size=2, max_size=20).map(sorted)


@given(plans, times, st.none() | st.floats(0, 2e6))
def test_a_job_never_goes_backwards(plan: Plan, moments: list[float], canceled: float | None) -> None:
    seen = [ORDER.index(simulation.state_at(plan, moment, canceled).status) for moment in moments]
    assert seen == sorted(seen)


@given(plans)
def test_a_job_ends_as_its_plan_says(plan: Plan) -> None:
    wanted = {"broken": "Failed", None: "Completed"}[plan.failure]
    assert simulation.state_at(plan, simulation.duration(plan)).status == wanted


@given(plans, st.floats(0, 1), st.floats(0, 1))
def test_metrics_only_ever_grow_and_repeat_by_seed(plan: Plan, early: float, late: float) -> None:
    first, second = sorted((early * plan.seconds, late * plan.seconds))
    before, after = simulation.metrics(plan, first), simulation.metrics(plan, second)
    assert after[: len(before)] == before
    assert simulation.metrics(plan, second) == after
    assert all(point.value == point.value for point in after)


@given(plans)
def test_a_stored_plan_is_restored(plan: Plan) -> None:
    assert simulation.plan_from_document({"plan": json.loads(json.dumps(simulation.plan_to_json(plan)))}) == plan


@given(
    st.dictionaries(st.sampled_from(["num_train_epochs", "learning_rate", "batch_size", "x"]), st.text() | st.none())
)
def test_any_map_of_hyperparameters_makes_a_plan(asked: dict[str, str | None]) -> None:
    plan = simulation.with_hyperparameters(Plan("s", 1.0, 10, 10), asked)
    assert plan.steps >= 1


@given(st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_range_lies_within_the_blob(size: int, start: int, more: int) -> None:
    header = f"bytes={start % size}-{start % size + more}"
    found = parse_range(header, size)
    assert found is not None
    assert found.start + found.length <= size
    assert found == ByteRange(start % size, min(more + 1, size - start % size))


@given(st.text())
def test_any_other_range_means_the_whole(header: str) -> None:
    assert parse_range(f"items={header}", 10) is None


@given(st.lists(st.tuples(st.sampled_from(["Latest", "Committed", "Uncommitted"]), st.sampled_from(["YQ==", "Yg=="]))))
def test_a_block_list_is_read_as_it_was_written(named: list[tuple[str, str]]) -> None:
    inner = "".join(f"<{kind}>{block}</{kind}>\n" for kind, block in named)
    assert block_list.parse(f'<?xml version="1.0"?>\n<BlockList>{inner}</BlockList>'.encode()) == named


def test_latest_prefers_what_was_staged_last() -> None:
    old, new = Part("YQ==", "old", 1), Part("YQ==", "new", 1)
    assert block_list.select_parts([("Latest", "YQ==")], [old], [new]) == [new]
    assert block_list.select_parts([("Committed", "YQ==")], [old], [new]) == [old]
    assert block_list.select_parts([("Uncommitted", "Yg==")], [old], [new]) is None


@given(st.binary(), st.integers(1, 7))
def test_lines_do_not_depend_on_how_the_bytes_arrive(content: bytes, size: int) -> None:
    text = content.decode("utf-8", "ignore").encode()
    parts = [text[i : i + size] for i in range(0, len(text), size)]
    assert list(dataset_rows.lines(parts)) == list(dataset_rows.lines([text]))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_dataset_or_give_a_reason(content: bytes) -> None:
    found = dataset_rows.read([content], name="a.jsonl", task="chatCompletion", limit=100)
    assert found.rows >= 10 or found.problem


def test_a_byte_order_mark_and_crlf_are_accepted() -> None:
    content = "\r\n".join(json.dumps(row(f"q{n}", "a")) for n in range(10))
    found = dataset_rows.read([content.encode("utf-8-sig")], name="a.jsonl", task="chatCompletion", limit=100)
    assert (found.rows, found.skipped, found.problem) == (10, 0, None)


@given(st.lists(st.text(alphabet="abcdef ", min_size=1), min_size=1, max_size=8))
def test_a_known_question_gets_its_own_answer(questions: list[str]) -> None:
    prompts = [f"{question} {place}" for place, question in enumerate(questions)]
    index = ExampleIndex([Example(prompt, {"content": prompt}) for prompt in prompts])
    for prompt in prompts:
        nearest = index.nearest(prompt)
        assert nearest is not None
        assert sorted(nearest.prompt.split()) == sorted(prompt.split())


@given(st.text())
def test_the_pieces_of_a_stream_join_to_the_text(content: str) -> None:
    assert "".join(split_words(content)) == content


@given(st.text(), st.integers(1, 5))
def test_a_shortened_answer_has_no_more_tokens_than_asked(content: str, most: int) -> None:
    assert truncate_answer({"role": "assistant", "content": content}, most, "").completion_tokens <= most


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e3))
def test_an_adjusted_clock_continues_from_its_time(wall: float, later: float, scale: float) -> None:
    clock = Clock("real", 1.0, 0.0, 100.0)
    changed = clock.adjusted(wall, mode="scaled", scale=scale)
    assert changed.at(wall) == clock.at(wall)
    assert changed.at(wall + later) >= changed.at(wall)


def test_signatures_are_redacted_anywhere_in_urls() -> None:
    assert safe_url("https://a/b?sv=1&sig=abc%3D&se=2") == "https://a/b?sv=1&sig=REDACTED&se=2"
    assert safe_url("sig=abc") == "sig=REDACTED"
