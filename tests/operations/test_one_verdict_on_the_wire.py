"""One file, one verdict: check, upload, a job's creation and a whole workflow say the same, and so does the service."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from maas_client import DatasetRefused, JobFailed, JobSpec
from maas_client.client import Resources

MODEL = "Phi-4-mini-instruct"
CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
TEXT = {"prompt": "a", "completion": "b"}
PART: dict[str, Any] = {"role": "user", "content": [{"type": "text", "text": "a"}]}
PARTS = {"messages": [PART, CHAT["messages"][1]]}
HALF = {"messages": [{"role": "user", "content": "\ud83d"}, CHAT["messages"][1]]}

FILES: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "chat": ([CHAT] * 12, "chat", ""),
    "text": ([TEXT] * 12, "text", ""),
    "a text row above": ([TEXT] + [CHAT] * 12, "chat", ""),
    "a chat row above": ([CHAT] + [TEXT] * 12, "text", ""),
    "too few rows": ([CHAT] * 9, "chat", "At least 10 samples are needed"),
    "parts": ([CHAT] * 11 + [PARTS], "chat", "changed from string to array in row 11"),
    "parts throughout": (
        [{"messages": [PART, {**PART, "role": "assistant"}]}] * 12,
        "chat",
        'can only concatenate str (not "list") to str',
    ),
    "half a surrogate pair": ([CHAT] * 11 + [HALF], "chat", "The surrogate pair in string is invalid. in row 11"),
    "mixed ids": (
        [{**CHAT, "id": 1}] * 11 + [{**CHAT, "id": "x"}],
        "chat",
        "Column(/id) changed from number to string",
    ),
}


@pytest.fixture(params=FILES, ids=list(FILES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str, str]:
    """A file, its task, and why the service fails a job on it."""
    rows, task, why = FILES[request.param]
    file = tmp_path / "train.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")
    return file, task, why


async def test_all_four_say_the_same_of_a_file(maas: Resources, case: tuple[Path, str, str]) -> None:
    file, task, why = case
    report = await maas.datasets.check(file, model=MODEL, survey=False)
    assert (report.task, report.ok) == (task, not why)
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "upload": lambda: maas.datasets.upload(file, model=MODEL),
        "create": lambda: maas.jobs.create(model=MODEL, training_data=file, name="j-1"),
        "run": lambda: maas.workflow.run(JobSpec(model=MODEL, training_data=file, name="r"), until="create"),
    }
    refused: dict[str, object] = {}
    for name, call in calls.items():
        try:
            await call()
        except DatasetRefused as error:
            refused[name] = error.report.counts
    assert refused == (dict.fromkeys(calls, report.counts) if why else {})
    jobs = [job async for job in maas.jobs.list()]
    assert [job.task.lower() for job in jobs] == ([] if why else [f"{task}completion"] * 2)


async def test_the_service_fails_the_job_where_the_check_says(maas: Resources, case: tuple[Path, str, str]) -> None:
    file, task, why = case
    data = await maas.datasets.upload(file, check=False)
    job = await maas.jobs.create(model=MODEL, training_data=data, task="text" if task == "text" else "chat")
    failures: list[JobFailed] = []
    try:
        await maas.jobs.wait(job.name)
    except JobFailed as failed:
        failures.append(failed)
    assert len(failures) == bool(why)
    assert all(why in each.reason and any(each.reason in line for line in each.log_tail) for each in failures)


async def test_carriage_returns_end_lines_here_and_there(maas: Resources, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text("\r".join(json.dumps(row) for row in [CHAT] * 12), "utf-8", newline="")
    assert (await maas.datasets.check(file)).kept == 12
    job = await maas.jobs.create(model=MODEL, training_data=file)
    assert (await maas.jobs.wait(job.name)).output_model
