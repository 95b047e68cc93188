"""What the operations' tests start from: a file of rows, and a job that has completed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from maas_client import Job
from maas_client.client import Resources

MODEL = "Phi-3-mini-4k-instruct"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A training file of twelve rows; the answer to `question 7` is `answer 7`."""
    file = tmp_path / "train.jsonl"
    turns = ([("user", f"question {n}"), ("assistant", f"answer {n}")] for n in range(12))
    lines = [json.dumps({"messages": [{"role": role, "content": text} for role, text in row]}) for row in turns]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture
def tuned(maas: Resources, rows: Path) -> Callable[[], Awaitable[Job]]:
    """Train on the rows, to the end."""

    async def train() -> Job:
        job = await maas.jobs.create(model=MODEL, training_data=rows, hyperparameters={"num_train_epochs": 5})
        return await maas.jobs.wait(job.name)

    return train
