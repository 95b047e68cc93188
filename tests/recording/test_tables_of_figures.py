"""A table of metrics is written as it is; a table with anything but figures is not."""

from __future__ import annotations

import pytest

from maas_client.recording.redactor import Redactor
from maas_client.recording.samples import data_of
from maas_client.recording.seen import Sample


def written(table: str) -> object:
    """Return the figures that are written for a table."""
    return data_of(Sample.of(table.encode()), "application/octet-stream", lambda row: row).get("figures")


def test_metrics_are_written_as_they_are() -> None:
    assert written("step,train_loss,valid_loss\n1,2.5,\n2,-1e-05,3\n") == ["1,2.5,", "2,-1e-05,3"]
    assert written("step,train_loss\r\n1,2.5\r\n") == ["1,2.5\r"]
    assert written("step,train_loss\n1,2.5") == ["1,2.5"]


@pytest.mark.parametrize(
    "table", ["step,train_loss\n1,mine\n", "step,mine\n1,2\n", "step,train_loss\n\n1;2\n", "step\n"]
)
def test_anything_else_is_left_out(table: str) -> None:
    assert written(table) is None


def test_a_table_that_was_not_read_to_its_end_is_left_out() -> None:
    sample = Sample(100, 2, b"step,train_loss\n1,2.5\n")
    assert "figures" not in data_of(sample, "text/csv", lambda row: row)


def test_steps_of_microsofts_pipelines_keep_their_names() -> None:
    assert Redactor().text("chat_completion_finetune", "displayName") == "chat_completion_finetune"


def test_the_place_of_a_runs_files_has_the_name_of_the_run() -> None:
    redactor = Redactor()
    job = redactor.text("ft-support", "runId")
    assert redactor.text("dcid.ft-support", "dataContainerId") == f"dcid.{job}"
