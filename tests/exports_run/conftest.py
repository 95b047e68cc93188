"""Fixtures of the tests that run exports: a model of two layers on a hub of this machine, and programs to train it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from maas_client import JobFile
from maas_client.exports.bundled_files import chat_template
from maas_client.exports.exporting import Export, export_job
from maas_client.exports.hub_models import hub_models
from maas_client.gpu_estimates.training_way import Method
from tests.exports.jobs import EXAMPLE
from tests.exports_run.environment import BIN, PYTHON, why_skipped
from tests.exports_run.small_hub import SmallHub

HERE = Path(__file__).parent
MINUTES = 15

Run = Callable[..., str]
"""Runs a shell command in a folder, and returns what it printed."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the environment, with the reason."""
    if reason := why_skipped():
        for item in items:
            if item.path.is_relative_to(HERE):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a hub that has a tiny model under the id of the example job's."""
    name = str(JobFile.read(EXAMPLE).model)
    model = hub_models()[name]
    folder = tmp_path_factory.mktemp("hub")
    template = folder / "template.jinja"
    template.write_text(chat_template(str(model.template)), "utf-8")
    files = folder / "model"
    made = [PYTHON, HERE / "tiny_model.py", files, template, EXAMPLE.with_name("train.jsonl")]
    subprocess.run(made, check=True, capture_output=True)
    with SmallHub({model.hub_id: files}) as running:
        yield running.url


@pytest.fixture
def run(hub: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a command in the environment of the exports, as a person would after `pip install`."""
    home = tmp_path_factory.mktemp("home")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHON"))},
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        "HF_ENDPOINT": hub,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "AXOLOTL_DO_NOT_TRACK": "1",
        "OLIVE_DISABLE_TELEMETRY": "1",
        "OMP_NUM_THREADS": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }

    def ran(folder: Path, command: str) -> str:
        done = subprocess.run(  # the commands of the README, which are for a shell
            command,
            shell=True,
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=MINUTES * 60,
            check=False,
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}"
        return done.stdout

    return ran


@pytest.fixture
def exported(tmp_path: Path) -> Callable[..., tuple[Path, Export]]:
    """Export the example job for a target, with one epoch instead of three."""

    def export(target: str, method: Method | None = None, **options: Any) -> tuple[Path, Export]:
        file = JobFile.read(EXAMPLE, overrides=[("hyperparameters.num_train_epochs", "1")])
        return tmp_path, export_job(file, target, to=tmp_path, method=method, overwrite=True, **options)

    return export
