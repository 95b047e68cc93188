"""What an export installs is what exports were run with."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from maas_client.exports.export_job import ExportOptions
from maas_client.exports.targets import find_target
from maas_client.gpu_estimates.training_way import Method
from tests.exports.jobs import job

RUN_WITH = Path(__file__).parents[1] / "exports_run" / "constraints.txt"


@pytest.mark.parametrize("target", ["ai-toolkit", "olive", "trl"])
@pytest.mark.parametrize("method", ["lora", "qlora"])
def test_an_export_installs_what_exports_were_run_with(tmp_path: Path, target: str, method: Method) -> None:
    pins = dict(line.split("==") for line in RUN_WITH.read_text("utf-8").splitlines() if "==" in line)
    made = find_target(target).export(job(tmp_path, target=target, options=ExportOptions(method=method)))
    text = next(b"".join(file.parts()) for file in made.files if file.path.endswith("requirements.txt")).decode()
    wanted = [Requirement(line.partition("#")[0]) for line in text.splitlines()]
    assert {"transformers", "peft", "torch"} <= {each.name for each in wanted}
    assert [str(each) for each in wanted if not each.specifier.contains(pins[each.name])] == []
