"""Jobs of reinforcement fine-tuning: the grader is sent as it was checked, and has something to read in every row."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from maas_client.core.json_fields import part
from maas_client.errors import InvalidInput
from maas_client.foundry.grader_rows import check_grader_keys
from maas_client.jobs.resource import AsyncJobs
from mock_server.server import Server

MODEL = "o4-mini"
GRADER = {
    "type": "string_check",
    "name": "exact",
    "operation": "eq",
    "input": "{{ sample.output_text }}",
    "reference": "{{item.answer}}",
}


def written(file: Path, rows: Sequence[dict[str, Any]]) -> Path:
    file.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return file


def questions(first: int, last: int, **keys: Any) -> list[dict[str, Any]]:
    return [{"messages": [{"role": "user", "content": f"question {n}"}], **keys} for n in range(first, last)]


@pytest.fixture
def training(tmp_path: Path) -> Path:
    return written(tmp_path / "train.jsonl", questions(0, 12, answer="yes"))


@pytest.fixture
def validation(tmp_path: Path) -> Path:
    return written(tmp_path / "validation.jsonl", questions(12, 24, answer="yes"))


async def test_a_grader_selects_reinforcement_and_is_sent_tidy(
    jobs: AsyncJobs, training: Path, validation: Path
) -> None:
    job = await jobs.create(model=MODEL, training_data=training, validation_data=validation, grader=GRADER)
    method = part(job.raw, "method")
    assert method["type"] == "reinforcement"
    assert method["reinforcement"]["grader"] == {**GRADER, "input": "{{sample.output_text}}"}
    assert (await jobs.wait(job.name)).status == "succeeded"


async def test_a_key_that_no_row_has_is_refused_before_any_request(
    jobs: AsyncJobs, tmp_path: Path, validation: Path, maas_server: Server
) -> None:
    lost = written(tmp_path / "lost.jsonl", questions(0, 12, solution="yes"))
    with pytest.raises(
        InvalidInput, match=r"item\.answer, which no row of .* has; the rows have solution\. Every answ"
    ):
        await jobs.create(model=MODEL, training_data=lost, validation_data=validation, grader=GRADER)
    with pytest.raises(InvalidInput, match=r"item\.answer, which no row of .*lost\.jsonl has"):
        await jobs.create(model=MODEL, training_data=validation, validation_data=lost, grader=GRADER)
    assert maas_server.requests() == []


async def test_a_key_that_some_rows_lack_is_a_warning(
    jobs: AsyncJobs, tmp_path: Path, validation: Path, caplog: pytest.LogCaptureFixture
) -> None:
    some = written(tmp_path / "some.jsonl", [*questions(0, 12, answer="yes"), *questions(30, 33)])
    with caplog.at_level(logging.WARNING, "maas_client"):
        await jobs.create(model=MODEL, training_data=some, validation_data=validation, grader=GRADER)
    assert any("item.answer, which 3 of 15 rows" in record.getMessage() for record in caplog.records)


def test_lines_that_are_no_rows_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text('no json\n{"messages": [], "a": 1}\n[]\n', "utf-8")
    assert check_grader_keys(file, {"a"}) == ()
    assert check_grader_keys(file, ()) == ()
    with pytest.raises(InvalidInput, match="the rows have a"):
        check_grader_keys(file, {"b"})
    assert check_grader_keys(written(tmp_path / "empty.jsonl", []), {"b"}) == ()


def test_a_key_that_is_null_is_as_good_as_missing(tmp_path: Path) -> None:
    nulls = written(tmp_path / "nulls.jsonl", questions(0, 2, answer=None))
    with pytest.raises(InvalidInput, match=r"item\.answer, which no row"):
        check_grader_keys(nulls, {"answer"})
    with pytest.raises(InvalidInput, match="the rows have messages only"):
        check_grader_keys(written(tmp_path / "only.jsonl", questions(0, 2)), {"answer"})
