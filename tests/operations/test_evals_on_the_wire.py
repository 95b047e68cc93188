"""A validation set put to two endpoints, on both wires."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support import Clock

from maas_client import InvalidInput, Job, NotFound
from maas_client.client import Resources
from mock_server.server import Server

MODEL = "Phi-3-mini-4k-instruct"


def row(question: str, answer: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]}


@pytest.fixture
def validation(tmp_path: Path) -> Path:
    """Three rows that can be asked, and three lines that cannot."""
    path = tmp_path / "validation.jsonl"
    asked = [json.dumps(row(f"What is {n} + 1?", f"It is {n + 1}.")) for n in range(3)]
    others = ["{", json.dumps({"messages": [{"role": "user", "content": "Hello?"}]}), json.dumps(row("Empty?", " "))]
    path.write_text("\n".join([asked[0], *others, *asked[1:]]), "utf-8")
    return path


Both = Callable[[], Awaitable[tuple[str, str]]]


@pytest.fixture
def both(maas: Resources, tuned: Callable[[], Awaitable[Job]]) -> Both:
    """Deploy the base model, and what was tuned from it."""

    async def deploy() -> tuple[str, str]:
        job = await tuned()
        base = await maas.endpoints.create(model=MODEL, name="base")
        mine = await maas.endpoints.create(model=job.output_model, name="tuned")
        for endpoint in (base, mine):
            await maas.endpoints.wait(endpoint.name)
        return base.name, mine.name

    return deploy


async def test_the_tuned_model_knows_what_the_base_model_does_not(maas: Resources, both: Both, rows: Path) -> None:
    reported: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        reported.append((done, total))

    evaluation = await maas.evals.run(await both(), rows, on_progress=report)
    base, tuned = evaluation.summaries()
    assert (base.endpoint, tuned.endpoint) == ("base", "tuned")
    assert (tuned.answered, tuned.exact, tuned.normalised, tuned.rouge_l) == (12, 1, 1, 1)
    assert base.exact < 1
    assert base.tokens > 0
    assert [row.question for row in evaluation.rows] == [f"question {n}" for n in range(12)]
    assert sorted(reported) == [(n, 24) for n in range(1, 25)]


async def test_lines_without_a_question_are_counted_and_keep_numbers(
    maas: Resources, both: Both, validation: Path
) -> None:
    evaluation = await maas.evals.run([(await both())[1]], validation)
    assert [row.line for row in evaluation.rows] == [1, 5, 6]
    assert evaluation.unusable == 3
    few = await maas.evals.run(["tuned"], validation, rows=1)
    assert [row.line for row in few.rows] == [1]


async def test_rows_without_an_answer_come_first_then_the_worst(
    maas: Resources, both: Both, rows: Path, maas_server: Server
) -> None:
    name = (await both())[1]
    lines = rows.read_text("utf-8").replace("answer 3", "something else").replace("answer 8", "answer eight")
    rows.write_text(lines, "utf-8")
    maas_server.fault(operation="chat.complete", status=400, skip=5)
    evaluation = await maas.evals.run([name], rows, parallel=1)
    assert [row.line for row in evaluation.worst(4)] == [6, 4, 9, 1]
    assert evaluation.worst(1)[0].answers[0].error.startswith("BadRequest")
    assert (evaluation.summaries()[0].answered, evaluation.summaries()[0].errors) == (11, 1)


async def test_retry_after_is_honored_and_every_question_is_answered(
    maas: Resources, both: Both, rows: Path, maas_server: Server, clock: Clock
) -> None:
    name = (await both())[1]
    maas_server.fault(operation="chat.complete", status=429, count=3, headers={"Retry-After": "7"})
    before = clock.time
    evaluation = await maas.evals.run([name], rows)
    assert evaluation.summaries()[0].errors == 0
    assert clock.time - before >= 7


async def test_an_error_common_to_all_rows_ends_the_evaluation(
    maas: Resources, maas_server: Server, rows: Path, tmp_path: Path
) -> None:
    with pytest.raises(NotFound):
        await maas.evals.run(["nobody"], rows)
    for endpoints, file in (([], rows), (["nobody"], tmp_path / "nothing.jsonl")):
        with pytest.raises(InvalidInput):
            await maas.evals.run(endpoints, file)
    empty = tmp_path / "empty.jsonl"
    empty.write_text("{}\n", "utf-8")
    with pytest.raises(NotFound):
        await maas.evals.run(["nobody"], empty)
    endpoint = await maas.endpoints.wait(await maas.endpoints.create(model="Phi-4"))
    with pytest.raises(InvalidInput, match="no chat row"):
        await maas.evals.run([endpoint.name], empty)
