"""A results table becomes metrics named as on Azure ML, whatever a service or a half-written file puts into it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from maas_client.core.metrics import MetricPoint
from maas_client.foundry.metric_names import merged, metric_name
from maas_client.foundry.results_table import MAX_COLUMNS, read_results
from maas_client.jobs.alarms import alarms

SFT = (
    "step,train_loss,train_mean_token_accuracy,valid_loss,valid_mean_token_accuracy,full_valid_loss,"
    "full_valid_mean_token_accuracy"
)


def table(*lines: str, end: str = "\r\n", bom: bool = True) -> bytes:
    return ("\ufeff" * bom + end.join(lines) + end).encode()


def plain(content: bytes, *, growing: bool = False) -> dict[str, list[tuple[int, float]]]:
    found = read_results(content, growing=growing)
    return {name: [(point.step, point.value) for point in points] for name, points in found.items()}


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("bom", [True, False])
def test_a_supervised_table_has_the_metrics_of_azure_ml(end: str, bom: bool) -> None:
    rows = ("1,1.45,0.6,,,-1,-1.0", "2,1.25,0.7,1.5,0.65,N/A,", "3,1.0,0.8,,,1.4,0.66")
    assert plain(table(SFT, *rows, end=end, bom=bom)) == {
        "loss": [(1, 1.45), (2, 1.25), (3, 1.0)],
        "mean_token_accuracy": [(1, 0.6), (2, 0.7), (3, 0.8)],
        "eval_loss": [(2, 1.5)],
        "eval_mean_token_accuracy": [(2, 0.65)],
        "full_eval_loss": [(3, 1.4)],
        "full_eval_mean_token_accuracy": [(3, 0.66)],
    }


@pytest.mark.parametrize(
    ("column", "name"),
    [
        *((column, "eval_loss") for column in ("valid_loss", "validation_loss", "eval_loss", "Validation Loss")),
        *((column, "full_eval_loss") for column in ("full_valid_loss", "full_validation_loss")),
        *((column, "mean_token_accuracy") for column in ("train_mean_token_accuracy", "train_accuracy")),
        *((column, "eval_mean_token_accuracy") for column in ("valid_accuracy", "eval_mean_token_accuracy")),
        *((column, "reward") for column in ("train_mean_reward", "train_reward_mean", "training reward")),
        *((column, "eval_reward") for column in ("valid_reward_mean", "validation mean reward")),
        *((column, "loss") for column in ("train_loss", "training loss", " TRAIN_LOSS ")),
        *((column, column) for column in ("pg_loss_sum", "avg_train_loss", "completion_tokens_mean", "a b")),
        ("full_valid_mean_reward", "full_eval_reward"),
    ],
)
def test_each_name_of_a_metric_has_one_meaning(column: str, name: str) -> None:
    assert metric_name(column) == name


def test_unknown_columns_are_kept_and_a_synonym_fills_gaps() -> None:
    content = table("step,train_accuracy,train_mean_token_accuracy,entropy", "1,,0.5,7", "2,0.25,0.5,8")
    assert plain(content) == {"mean_token_accuracy": [(1, 0.5), (2, 0.25)], "entropy": [(1, 7.0), (2, 8.0)]}


def test_a_full_evaluation_stands_in_for_a_missing_one() -> None:
    assert plain(table("step,full_valid_loss,valid_loss", "1,2.5,-1"))["eval_loss"] == [(1, 2.5)]
    assert plain(table("step,full_valid_loss,valid_loss", "1,2.5,3"))["eval_loss"] == [(1, 3.0)]


def test_an_unfinished_last_line_of_a_growing_file_is_left_out() -> None:
    content = b"step,train_loss\n1,0.5\n2,0.2"
    assert plain(content, growing=True) == {"loss": [(1, 0.5)]}
    assert plain(content + b"5\n", growing=True) == {"loss": [(1, 0.5), (2, 0.25)]}
    assert plain(content) == {"loss": [(1, 0.5), (2, 0.2)]}


@given(st.integers(0, 200))
def test_a_growing_file_never_shows_a_value_that_changes(cut: int) -> None:
    content = table("step,train_loss", *(f"{step},{step}.125" for step in range(1, 20)))
    whole, so_far = plain(content).get("loss", []), plain(content[:cut], growing=True).get("loss", [])
    assert so_far == whole[: len(so_far)]


def test_a_stray_quotation_mark_costs_its_line_and_no_other() -> None:
    content = table('"step","train_loss"', '1,"0.5"', '2,"0.4', "3,0.3")
    assert plain(content)["loss"] == [(1, 0.5), (2, 0.4), (3, 0.3)]
    assert plain(table("step,train_loss", '"1,0.5', "2,0.4"))["loss"] == [(2, 0.4)]


def test_of_several_rows_of_a_step_the_last_counts() -> None:
    assert plain(table("step,train_loss", "2,0.5", "1,0.6", "2,0.4"))["loss"] == [(1, 0.6), (2, 0.4)]


@pytest.mark.parametrize("step", ["", "one", "1.5", "-1", "nan", "inf", "9" * 39, "9" * 100_000])
def test_a_row_without_a_step_is_not_a_measurement(step: str) -> None:
    assert plain(table("step,train_loss", f"{step},0.5", "7,0.25")) == {"loss": [(7, 0.25)]}


def test_rows_are_the_steps_of_a_table_without_steps() -> None:
    assert plain(table("train_loss,eval_loss", "0.5,", "0.25,1")) == {
        "loss": [(1, 0.5), (2, 0.25)],
        "eval_loss": [(2, 1.0)],
    }


def test_a_broken_loss_is_a_value_and_raises_its_alarm() -> None:
    found = read_results(table("step,train_loss,valid_loss", "1,0.5,0.5", "2,NaN,inf"))
    assert math.isnan(found["loss"][1].value)
    assert {(alarm.kind, alarm.metric) for alarm in alarms(found)} == {
        ("not-a-number", "loss"),
        ("not-a-number", "eval_loss"),
    }


def test_overfitting_is_found_in_a_table() -> None:
    rows = [f"{step},{3 - step / 20},{1 + step / 50}" for step in range(1, 21)]
    assert [alarm.kind for alarm in alarms(read_results(table("step,train_loss,valid_loss", *rows)))] == ["overfitting"]


@pytest.mark.parametrize(
    "content", [b"", b"\xef\xbb\xbf", b"\n\n\n", b"step\n1\n", b"\0\0\0", b'"', b"step,train_loss"]
)
def test_a_table_without_values_has_no_metrics(content: bytes) -> None:
    assert read_results(content) == {}


def test_a_hostile_table_is_read_within_its_bounds() -> None:
    columns = MAX_COLUMNS * 20
    wide = table(",".join(f"c{index}" for index in range(columns)), ",".join("1" for _ in range(columns)))
    assert len(read_results(wide)) == MAX_COLUMNS
    content = table("step,train_loss," + "x" * 5_000, "1," + "9" * 500_000, '2,"' + '""' * 500_000, "3,0.5")
    assert plain(content) == {"loss": [(3, 0.5)]}
    assert read_results(b"x" * 2_000_000 + b"\nstep,train_loss\n1,2\n") == {}


@given(st.binary(max_size=300) | st.text(alphabet='step,train_loss10.-"\r\n\ufeff', max_size=300).map(str.encode))
def test_every_file_can_be_read(content: bytes) -> None:
    for growing in (False, True):
        for points in read_results(content, growing=growing).values():
            steps = [point.step for point in points]
            assert steps == sorted(set(steps))
            assert points


VALUES = st.none() | st.floats(-1e6, 1e6).filter(lambda value: value != -1)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=30), st.sampled_from(["", "N/A", "-1", "-1.0"]))
def test_what_is_written_is_read(rows: list[tuple[float | None, float | None]], nothing: str) -> None:
    written = [",".join(nothing if cell is None else repr(cell) for cell in row) for row in rows]
    found = plain(table("step,train_loss,valid_loss", *(f"{step},{row}" for step, row in enumerate(written))))
    for name, column in (("loss", 0), ("eval_loss", 1)):
        wanted = [(step, row[column]) for step, row in enumerate(rows) if row[column] is not None]
        assert found.get(name, []) == wanted


def test_events_and_table_are_merged_with_times_and_all_digits() -> None:
    events = {"loss": [MetricPoint(10, 1.93, "2026-10-03T10:00:00Z"), MetricPoint(20, 1.5, "2026-10-03T10:01:00Z")]}
    written = {
        "loss": [MetricPoint(9, 2.0), MetricPoint(10, 1.9312)],
        "eval_loss": [MetricPoint(10, 2.5)],
    }
    assert merged(events, written) == {
        "loss": (
            MetricPoint(9, 2.0),
            MetricPoint(10, 1.9312, "2026-10-03T10:00:00Z"),
            MetricPoint(20, 1.5, "2026-10-03T10:01:00Z"),
        ),
        "eval_loss": (MetricPoint(10, 2.5, "2026-10-03T10:00:00Z"),),
    }
