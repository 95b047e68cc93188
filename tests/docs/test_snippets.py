"""Every command and every code block in the documentation runs, in the order of its page."""

from __future__ import annotations

import importlib
import inspect
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_server.server import Server, serve

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "site").glob("*.md"))
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the rest of its first line, and its text."""

    language: str
    info: str
    text: str


def blocks(page: Path) -> list[Block]:
    found = FENCE.findall(page.read_text("utf-8"))
    return [Block(info.partition(" ")[0], info.partition(" ")[2], text) for info, text in found]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with the file that the pages use."""
    shutil.copy(ROOT / "examples" / "data" / "train.jsonl", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


ON_FOUNDRY = {"deployments", "foundry-jobs", "webhooks"}
"""Pages whose commands are for a shell with Foundry's settings."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server whose jobs have ended at the first poll, with quota for GPUs, and the environment that points to it."""
    page: Path = request.getfixturevalue("page")
    with serve(job_seconds=0.001, quota={"gpu": 1000, "lowPriority": 1000}) as running:
        monkeypatch.setenv("MAAS_ENDPOINT", running.endpoint)
        monkeypatch.setenv("AZURE_SUBSCRIPTION_ID", "00000000-0000-0000-0000-000000000000")
        monkeypatch.setenv("AZURE_RESOURCE_GROUP", "rg-docs")
        monkeypatch.setenv("AZUREML_WORKSPACE_NAME", "ws-docs")
        monkeypatch.setenv("FOUNDRY_ENDPOINT", f"{running.endpoint}/api/projects/docs")
        monkeypatch.setenv("MAAS_SURFACE", "foundry" if page.stem in ON_FOUNDRY else "azureml")
        yield running


def run(console: str) -> None:
    """Run each command; the lines shown below it must be part of its output."""
    for entry in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, _, shown = entry.partition("\n")
        words = shlex.split(command)
        assert words[0] == "maas"
        done = subprocess.run(
            [sys.executable, "-m", "maas_client", *words[1:]],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert [line for line in shown.splitlines() if line not in done.stdout.splitlines()] == []


def write_job_file(block: Block, folder: Path) -> None:
    """Write a job file where the commands below it expect it."""
    named = block.info.removeprefix("job file").strip()
    (folder / (named or "job.yaml")).write_text(block.text, "utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_from_its_first_block_to_its_last(page: Path, server: Server, folder: Path) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for block in blocks(page):
        if block.language == "console":
            run(block.text)
        elif block.language == "python" and not block.info:
            exec(compile(block.text, f"{page.name}", "exec"), names)
        elif block.info.startswith("job file"):
            write_job_file(block, folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_is_run_or_says_why_not(page: Path) -> None:
    for block in blocks(page):
        if block.language.startswith("{"):
            continue  # a directive of the site
        is_run = block.language in {"console", "python"} or block.info.startswith("job file")
        assert is_run or re.fullmatch(r"skip: .{8,}", block.info), f"{page.name}: ```{block.language} {block.info}"


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "with xdist"])
def test_tests_of_the_pages_pass_as_a_new_user_would_run_them(workers: list[str], folder: Path) -> None:
    tests = [block.text for page in PAGES for block in blocks(page) if block.info == "pytest"]
    assert tests
    for block in [block for page in PAGES for block in blocks(page) if block.info.startswith("file ")]:
        (folder / block.info.removeprefix("file ")).write_text(block.text, "utf-8")
    for number, text in enumerate(tests):
        (folder / f"test_{number}.py").write_text(text, "utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".", *workers]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert re.search(r"\d+ passed", done.stdout), done.stdout + done.stderr
    assert "failed" not in done.stdout


def test_yaml_for_other_programs_is_valid() -> None:
    yaml = pytest.importorskip("yaml")
    texts = [block.text for page in PAGES for block in blocks(page) if block.language == "yaml"]
    assert all(isinstance(yaml.safe_load(text), dict) for text in texts)


def test_what_the_page_names_exists_in_azure_ai_ml() -> None:
    pytest.importorskip("azure.ai.ml")
    client: type[Any] = importlib.import_module("azure.ai.ml").MLClient
    finetuning: Any = importlib.import_module("azure.ai.ml.finetuning")
    page = (ROOT / "docs" / "site" / "from-azure-ai-ml.md").read_text("utf-8")
    named = set(re.findall(r"`?ml\.(\w+)\.(\w+)\(", page))
    assert len(named) >= 7
    for collection, method in named:
        found: Any = inspect.get_annotations(vars(client)[collection].fget)["return"]
        name = found if isinstance(found, str) else str(found.__name__)
        operations = getattr(importlib.import_module("azure.ai.ml.operations"), name)
        assert callable(getattr(operations, method))
    assert callable(finetuning.create_finetuning_job)
