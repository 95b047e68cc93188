"""Exports are written whole or not at all, and replace nothing unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from maas_client import InvalidInput, export_job
from maas_client.exports.target import ExportedFile
from maas_client.exports.targets import find_target
from maas_client.exports.writing import write_files
from tests.exports.jobs import EXAMPLE


def test_a_file_that_is_there_is_replaced_only_if_asked(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(InvalidInput, match=r"has README.md already.*--overwrite"):
        export_job(EXAMPLE, "trl", to=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    export_job(EXAMPLE, "trl", to=tmp_path, overwrite=True)
    assert "mine" not in (tmp_path / "README.md").read_text("utf-8")


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    result = export_job(EXAMPLE, "trl", to=tmp_path / "out", dry_run=True)
    assert result.folder is None
    assert "trl.yaml" in {file.path for file in result.files}
    assert not (tmp_path / "out").exists()


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    missing = ExportedFile(path="data/b.jsonl", copy_of=tmp_path / "missing.jsonl")
    with pytest.raises(OSError, match="missing"):
        write_files([ExportedFile(path="a.txt", content="a"), missing], tmp_path / "out")
    assert list((tmp_path / "out").rglob("*")) == []


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InvalidInput, match="is a file; name a folder"):
        export_job(EXAMPLE, "trl", to=tmp_path / "out")


def test_an_unknown_target_is_named_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'trl'"):
        find_target("tlr")
