"""`maas download`: job outputs, logs and datasets, and resuming after an interruption."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maas_client.transfers.downloads import ranges as plan
from mock_server.server import Server
from tests.cli.shell import Shell
from tests.cli.terminal import on_a_terminal, plain


def asset(maas: Shell, train: str) -> str:
    """Upload the training file; return name and version of the data asset."""
    return str(json.loads(maas.done("upload", train, "--output", "json"))["id"])


def files_in(folder: Path) -> set[str]:
    """The names of all files in a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_model_and_log_of_a_job_are_downloaded_to_a_folder(maas: Shell, completed: str, tmp_path: Path) -> None:
    result = maas("download", completed, "out")
    assert result.exit_code == 0
    assert files_in(tmp_path / "out") == {
        "artifacts/user_logs/std_log.txt",
        "named-outputs/registered_model/MLmodel",
        "named-outputs/registered_model/adapter/adapter_config.json",
    }
    assert "out/named-outputs/registered_model/MLmodel" in result.stdout
    assert "downloaded" in result.stderr
    assert "nothing: all files already exist" in maas("download", completed, "out").stderr


@pytest.mark.parametrize(
    ("options", "there"),
    [
        (["--logs-only"], {"artifacts"}),
        (["--no-logs"], {"named-outputs"}),
        (["--named-output", "registered_model"], {"artifacts", "named-outputs"}),
        (["--named-output", "registered_model", "--no-logs"], {"named-outputs"}),
    ],
)
def test_only_the_requested_files_are_downloaded(
    maas: Shell, completed: str, tmp_path: Path, options: list[str], there: set[str]
) -> None:
    maas.done("download", completed, "out", *options)
    assert {path.name for path in (tmp_path / "out").iterdir()} == there


def test_a_job_may_be_named_by_its_id(maas: Shell, completed: str, tmp_path: Path) -> None:
    job = json.loads(maas.done("jobs", "show", completed, "--output", "json"))
    whole = f"/subscriptions/sub/resourceGroups/group/providers/x/workspaces/work/jobs/{job['name']}"
    maas.done("download", whole, "out", "--logs-only")
    assert (tmp_path / "out" / "artifacts").is_dir()


def test_a_data_asset_is_downloaded_and_json_has_its_proof(maas: Shell, train: str, tmp_path: Path) -> None:
    uploaded = json.loads(maas.done("upload", train, "--output", "json"))
    shown = json.loads(maas.done("download", f"{uploaded['name']}:{uploaded['version']}", "copy", "--output", "json"))
    size = (tmp_path / train).stat().st_size
    assert (tmp_path / "copy").read_bytes() == (tmp_path / train).read_bytes()
    assert shown == {
        "path": "copy",
        "files": [{"name": "train.jsonl", "path": "copy", "size": size, "fetched": size, "proof": "sha256"}],
    }
    maas.done("download", uploaded["uri"], "new/")
    assert (tmp_path / "new" / "train.jsonl").read_bytes() == (tmp_path / train).read_bytes()


def test_a_name_that_no_job_has_is_the_latest_data_asset(maas: Shell, train: str, tmp_path: Path) -> None:
    uploaded = asset(maas, train)
    name = uploaded.split("/")[-3]

    result = maas("download", name, "copy.jsonl")

    assert result.exit_code == 0
    assert f"there is no job '{name}'; downloading data asset {name}:" in result.stderr
    assert (tmp_path / "copy.jsonl").read_bytes() == Path(train).read_bytes()
    for words in (["nothing-has-it", "x"], [name, "x", "--logs-only"]):
        missing = maas("download", *words)
        assert (missing.exit_code, f"no job '{words[0]}'" in missing.stderr) == (3, True)


def test_an_existing_file_is_replaced_only_with_overwrite(maas: Shell, train: str, tmp_path: Path) -> None:
    data = asset(maas, train)
    (tmp_path / "copy").write_text("mine")
    refused = maas("download", data, "copy")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "error: 'copy' already exists" in refused.stderr
    assert (tmp_path / "copy").read_text() == "mine"
    maas.done("download", data, "copy", "--overwrite")
    assert (tmp_path / "copy").read_bytes() == (tmp_path / train).read_bytes()


def test_the_resume_command_of_a_download_fetches_the_rest(
    maas: Shell, server: Server, train: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "RANGE", 200)
    data = asset(maas, train)
    server.fault(operation="blob.get", skip=2, status=503, count=None)
    maas.interrupt_at = maas.time
    stopped = maas("download", data, "copy", "--overwrite", "--parallel", "1")
    assert stopped.exit_code == 130
    assert "interrupted; downloaded parts are kept" in stopped.stderr
    resume = f"maas download {data} copy --overwrite --parallel=1"
    assert f"resume with: {resume}" in stopped.stderr
    server.faults_clear()
    maas.interrupt_at = float("inf")
    shown = json.loads(maas.done(*resume.split()[1:], "--output", "json"))
    assert shown["files"][0]["fetched"] == shown["files"][0]["size"] - 400
    assert (tmp_path / "copy").read_bytes() == (tmp_path / train).read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["nobody", "out"], 3, "nobody"),
        (["nothing:1", "out"], 3, "nothing:1"),
        (["https://example.com/x", "out"], 2, "is not a data asset"),
        (["train:1", "out", "--no-logs"], 2, "--no-logs requires a job"),
        (["train:1", "out", "--named-output", "x"], 2, "--named-output requires a job"),
        (["ft-1", "out", "--logs-only", "--no-logs"], 2, "cannot be combined"),
        (["ft-1"], 2, "OUT"),
        (["ft-1", "out", "--named-output", "other"], 3, "registered_model"),
    ],
)
def test_invalid_downloads_fail_with_code_and_reason(
    maas: Shell, completed: str, tmp_path: Path, words: list[str], code: int, complaint: str
) -> None:
    result = maas("download", *words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert complaint in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_running_job_suggests_how_to_get_its_log(maas: Shell, server: Server, job: str, tmp_path: Path) -> None:
    server.advance(120)
    refused = maas("download", job, "out")
    assert refused.exit_code == 2
    assert "its outputs are there when it has completed" in refused.stderr
    maas.done("download", job, "out", "--logs-only")
    assert files_in(tmp_path / "out") == {"artifacts/user_logs/std_log.txt"}


def test_an_unwritable_path_is_named(maas: Shell, train: str) -> None:
    refused = maas("download", asset(maas, train), f"{train}/copy")
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"error: {train}")


def test_a_terminal_shows_a_bar(maas: Shell, train: str, tmp_path: Path) -> None:
    code, drawn = on_a_terminal("download", asset(maas, train), "copy")
    assert code == 0
    assert "━━━" in plain(drawn)
    assert (tmp_path / "copy").read_bytes() == (tmp_path / train).read_bytes()
