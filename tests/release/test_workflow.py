"""The release workflow: pinned actions, least permissions, no stored secret, and commands that exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
TEXT = (FOLDER / "release.yml").read_text("utf-8")
RELEASE: dict[str | bool, Any] = yaml.safe_load(TEXT)
JOBS: dict[str, dict[str, Any]] = RELEASE["jobs"]
PERMISSIONS = {
    "build": {"contents": "read"},
    "attest": {"id-token": "write", "attestations": "write"},
    "publish": {"id-token": "write"},
    "announce": {"contents": "write"},
}


def steps(job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = JOBS[job]["steps"]
    return found


def action(job: str, name: str) -> dict[str, Any]:
    """Return the one step of a job that uses an action."""
    (found,) = [step for step in steps(job) if step.get("uses", "").startswith(f"{name}@")]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", path.read_text("utf-8"))
    assert used
    assert [name for name, _ in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == []
    assert [name for name, remark in used if not re.fullmatch(r" # v\d+\.\d+\.\d+", remark)] == []


def test_each_job_has_the_least_permissions() -> None:
    assert RELEASE["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == PERMISSIONS


def test_no_stored_secret_is_used() -> None:
    assert "secrets." not in TEXT
    assert "password" not in TEXT


def test_the_job_that_runs_our_code_cannot_publish() -> None:
    running = {name for name in JOBS for step in steps(name) if re.search(r"make|python", step.get("run", ""))}
    assert running == {"build"}
    assert action("build", "actions/checkout")["with"] == {"persist-credentials": False}


def test_started_by_hand_it_uploads_nothing() -> None:
    assert "workflow_dispatch" in RELEASE[True]  # YAML reads the key `on` as true
    assert JOBS["attest"]["if"] == "github.ref_type == 'tag'"
    assert (JOBS["publish"]["needs"], JOBS["announce"]["needs"]) == ("attest", "publish")


def test_it_publishes_as_a_trusted_publisher_with_attestations() -> None:
    assert JOBS["publish"]["environment"] == "pypi"
    assert action("publish", "pypa/gh-action-pypi-publish")["with"]["attestations"] is True
    assert action("publish", "actions/download-artifact")["with"]["name"] == "packages"
    assert action("attest", "actions/attest-build-provenance")["with"] == {"subject-checksums": "dist/SHA256SUMS"}


def test_no_expression_is_part_of_a_shell_command() -> None:
    commands = [step["run"] for name in JOBS for step in steps(name) if "run" in step]
    assert [command for command in commands if "${{" in command] == []
    assert len(commands) == 3


def test_a_dry_run_writes_every_file_that_is_uploaded() -> None:
    plan = subprocess.run(
        ["make", "--always-make", "--dry-run", "release-dry-run"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    uploads = [step["with"]["path"] for step in steps("build") if "upload-artifact" in step.get("uses", "")]
    for path in " ".join(uploads).split():
        assert path in plan
    assert "twine check --strict" in plan
    assert "upload" not in plan.replace("would upload", "")


def test_the_check_of_the_tag_is_the_command_of_the_workflow() -> None:
    (command,) = [step["run"] for step in steps("build") if "release tag" in step.get("run", "")]
    words = shlex.split(command.replace("$GITHUB_REF_NAME", "v99.0.0"))
    done = subprocess.run([sys.executable, *words[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (words[0], done.returncode) == ("python", 1)
    assert "the tag is v99.0.0" in done.stderr
