"""`maas datasets`, `maas models registered`, and `maas jobs archive`."""

from __future__ import annotations

import json

import pytest

from tests.cli.shell import MODEL, Shell


@pytest.fixture
def version(maas: Shell, train: str) -> str:
    """The version of the data asset `train`."""
    uploaded = json.loads(maas.done("upload", train, "--output", "json"))
    return str(uploaded["version"])


def test_data_assets_are_listed_and_shown(maas: Shell, version: str) -> None:
    assert maas.done("datasets", "list").splitlines()[1].split()[:2] == ["train", version]
    assert maas.done("datasets", "list", "train").splitlines()[1].split()[0] == f"train:{version}"
    for name in ("train", "train@latest", f"train:{version}"):
        assert json.loads(maas.done("datasets", "show", name, "--output", "json"))["version"] == version
    assert "azureml://datastores/workspaceblobstore/paths/" in maas.done("datasets", "show", "train")


def test_a_data_asset_is_archived_and_restored(maas: Shell, version: str) -> None:
    refused = maas("datasets", "delete", "train", stdin="y\n")
    assert (refused.exit_code, "--yes" in refused.stderr) == (2, True)
    deleted = maas("datasets", "delete", "train", "--yes", "--output", "json")
    assert json.loads(deleted.stdout)["is_archived"] is True
    assert f"data asset train:{version} archived; its data is kept" in deleted.stderr
    assert json.loads(maas.done("datasets", "list", "--output", "json")) == []
    assert [row["name"] for row in json.loads(maas.done("datasets", "list", "--archived", "--output", "json"))] == [
        "train"
    ]
    maas.done("datasets", "restore", f"train:{version}")
    assert len(json.loads(maas.done("datasets", "list", "--output", "json"))) == 1


def test_a_missing_data_asset_is_reported_with_what_there_is(maas: Shell, version: str) -> None:
    result = maas("datasets", "show", "trian")
    assert result.exit_code == 3
    assert "error: no data asset 'trian' in workspace 'work'; did you mean 'train'? (404 UserError, " in result.stderr
    assert "try: maas datasets list" in result.stderr
    assert version


def test_registered_models_name_their_job_and_base_model(maas: Shell, completed: str) -> None:
    line = maas.done("models", "registered").splitlines()[1].split()
    assert maas.done("models", "registered", "--quiet") == "ft-1-model:1\n"
    assert line[:3] == ["ft-1-model:1", MODEL, completed]
    missing = maas("models", "registered", "ft-2-model")
    assert missing.exit_code == 3
    assert "error: no model 'ft-2-model' in workspace 'work'; did you mean 'ft-1-model'?" in missing.stderr


def test_jobs_are_archived_and_restored_several_at_once(maas: Shell, train: str, job: str) -> None:
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-2", "--epochs", "2")
    result = maas("jobs", "archive", job, "ft-2")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["NAME", "ft-1", "ft-2"]
    assert "job ft-1 archived; list it with: maas jobs list --archived" in result.stderr
    assert json.loads(maas.done("jobs", "list", "--output", "json")) == []
    assert len(json.loads(maas.done("jobs", "list", "--include-archived", "--output", "json"))) == 2
    assert json.loads(maas.done("jobs", "restore", job, "--output", "json"))["name"] == job
    assert [each["name"] for each in json.loads(maas.done("jobs", "list", "--output", "json"))] == [job]


def test_several_jobs_are_canceled_at_once(maas: Shell, train: str, job: str) -> None:
    maas.done("jobs", "create", "--model", MODEL, "--training-data", train, "--name", "ft-2", "--epochs", "2")
    canceled = json.loads(maas.done("jobs", "cancel", job, "ft-2", "--output", "json"))
    assert [each["name"] for each in canceled] == ["ft-1", "ft-2"]
