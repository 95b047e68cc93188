"""A job's events report its losses, stage, files and bill, in any order and with any page twice."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import JobEvent, MetricPoint
from maas_client.foundry.event_texts import facts_of, read_events, stage_of

RUN = (
    (0, "Job enqueued. Waiting for jobs ahead to complete.", "waiting for other jobs"),
    (8, "Preprocessing running for file training file.", "preprocessing"),
    (9, "Preprocessing completed for file training file.", "preprocessing"),
    (23, "Job started.", "preparing"),
    (40, "Data Import started.", "preparing"),
    (41, "Finetuning started.", "preparing"),
    (499, "Job queued, waiting for GPUs.", "queued for GPUs"),
    (676, "Training started.", "training"),
    (1188, "Step 1: training loss=1.452401041984558", "training"),
    (1209, "Created results file: file-5f0c6d1b29e84c7fa3d7740e8b1c9a62", "training"),
    (1235, "Step 10: training loss=1.25", "training"),
    (2046, "Step 448: training loss=3.5e-1", "training"),
    (3010, "Job succeeded.", "safety evaluation"),
    (3025, "Completed results file: file-5f0c6d1b29e84c7fa3d7740e8b1c9a62", "safety evaluation"),
    (3026, "Model safety evaluation running.", "safety evaluation"),
    (4558, "Model Evaluation Passed.", "finishing"),
    (4560, "Training tokens billed: 94000", "finishing"),
)
"""The events of one real job, with seconds since its creation (microsoft-foundry/fine-tuning, SFT_Bug_Detection)."""

START = 1_791_000_000


def documents(count: int = len(RUN)) -> list[dict[str, Any]]:
    """The first events of the run as the service lists them: the newest first."""
    return [
        {
            "object": "fine_tuning.job.event",
            "id": f"ftevent-{index:032x}",
            "created_at": START + at,
            "level": "info",
            "message": message,
            "type": "metrics" if message.startswith("Step") else "message",
        }
        for index, (at, message, _) in reversed(list(enumerate(RUN[:count])))
    ]


def events_of(*messages: str, level: str = "info") -> list[JobEvent]:
    return [JobEvent("2026-10-03T10:00:00Z", level, message) for message in messages]


def test_a_whole_run_is_read_from_its_events() -> None:
    facts = facts_of(read_events(documents()))
    assert [(point.step, point.value) for point in facts.metrics["loss"]] == [
        (1, 1.452401041984558),
        (10, 1.25),
        (448, 0.35),
    ]
    assert facts.metrics["loss"][0].at == "2026-10-03T04:19:48Z"
    assert facts.result_files == ("file-5f0c6d1b29e84c7fa3d7740e8b1c9a62",)
    assert facts.billed_tokens == 94_000
    assert (facts.training_started, facts.training_ended) == ("2026-10-03T04:11:16Z", "2026-10-03T04:50:10Z")
    assert facts.warnings == ()


@pytest.mark.parametrize("count", range(1, len(RUN) + 1))
def test_each_event_of_a_run_shows_the_stage(count: int) -> None:
    assert facts_of(read_events(documents(count))).stage == RUN[count - 1][2]


@given(st.randoms(use_true_random=False), st.integers(0, len(RUN)))
def test_neither_order_nor_repeated_pages_change_anything(shuffle: random.Random, repeated: int) -> None:
    listed = documents()
    mixed = [*listed, *listed[:repeated]]
    shuffle.shuffle(mixed)
    assert read_events(mixed) == read_events(listed)


def test_events_of_one_second_keep_their_order() -> None:
    same = [{**document, "created_at": START} for document in documents()]
    assert [event.message for event in read_events(same)] == [message for _, message, _ in RUN]


def test_events_are_values_with_a_time_and_a_known_level() -> None:
    (event,) = read_events([{"id": "e", "created_at": 1, "level": "warn", "message": "Slow\x1b[31m\nnode", "data": {}}])
    assert event == JobEvent("1970-01-01T00:00:01Z", "warning", "Slow node", "message", "e")
    assert event.time is not None
    assert str(event) == "1970-01-01T00:00:01Z warning: Slow node"
    assert facts_of([event]).warnings == ("Slow node",)
    assert event.to_dict() == {
        "at": "1970-01-01T00:00:01Z",
        "level": "warning",
        "message": "Slow node",
        "kind": "message",
        "id": "e",
    }


def test_rewards_of_a_reinforcement_run_are_metrics() -> None:
    facts = facts_of(
        events_of("Step 3: training mean reward=0.25, validation mean reward=0.5", "Step 4: training loss=-0.1")
    )
    assert {name: points[-1].value for name, points in facts.metrics.items()} == {
        "reward": 0.25,
        "eval_reward": 0.5,
        "loss": -0.1,
    }


def test_a_loss_that_is_no_number_is_kept() -> None:
    (point,) = facts_of(events_of("Step 7: training loss=nan")).metrics["loss"]
    assert point.step == 7
    assert point.value != point.value


def test_unknown_texts_change_nothing() -> None:
    known = events_of("Training started.", "Step 1: training loss=2")
    facts = facts_of([*known, *events_of("A text of next year.", "Step by step: nothing=measured")])
    assert facts.metrics == {"loss": (MetricPoint(1, 2.0, known[0].at),)}
    assert facts.stage == "training"
    assert facts_of([]).stage == ""


def test_a_step_that_says_nothing_is_not_a_measurement() -> None:
    assert (
        facts_of(
            events_of("Step 5", "Step 5: training loss=", "Step 5: =1", "Step x: training loss=1", "loss=1")
        ).metrics
        == {}
    )


def test_a_new_results_file_comes_last() -> None:
    messages = ("Created results file: file-a", "Completed results file: file-b.", "Completed results file: file-a")
    assert facts_of(events_of(*messages)).result_files == ("file-a", "file-b")


def test_a_secret_in_an_event_is_blanked() -> None:
    (event,) = read_events([{"id": "e", "message": "cannot read https://x.blob.core.windows.net/c/f?sig=abcdefgh1234"}])
    assert "abcdefgh1234" not in event.message
    assert "sig=***" in event.message


def test_a_huge_message_is_shortened() -> None:
    (event,) = read_events([{"message": "Step 1: " + "a" * 1_000_000 + "=1"}])
    assert len(event.message) <= 4_000
    assert stage_of(event.message) == "training"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "created_at", "level", "message", "type"]), ANYTHING) | ANYTHING,
        max_size=8,
    )
)
def test_every_document_can_be_read(listed: list[object]) -> None:
    facts_of(read_events(listed))
