"""No key of a job is dropped silently, whatever the target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from maas_client import JobFile
from maas_client.exports.export_job import ExportOptions, export_job_of
from maas_client.exports.exporting import exported_by
from maas_client.exports.targets import TARGETS, find_target
from maas_client.exports.translation import given_keys
from maas_client.jobs.hyperparameters import Hyperparameters
from tests.exports.jobs import EVERY_HYPERPARAMETER, KEYS, MODELS, conversations, written

EVERY_KEY: dict[str, Any] = {
    "name": "notes-1",
    "task": "chat",
    "tags": {"team": "search"},
    "properties": {"made": "here"},
    "output_name": "notes",
    "experiment": "notes",
    "display_name": "Notes",
    "compute": "gpus",
    "instance_types": ("Standard_NC24ads_A100_v4",),
    "job_tier": "Basic",
    "allow_retired": True,
    "force": True,
    "surface": "azureml",
    "method": "supervised",
    "seed": 3,
    "adapter": "dora",
    "wait": True,
    "max_cost": 10.0,
    "endpoint_name": "notes",
    "prompt": "Hello",
}
"""A value for the keys of a job on Azure Machine Learning."""

CHOOSE_MACHINES = {"azureml-cli", "foundry"}
"""Targets of a service, which chooses its machines, and refuses a number of GPUs."""

PORTAL = {"n_epochs": 2, "batch_size": 4, "learning_rate_multiplier": 0.5}


def test_the_job_of_these_tests_has_every_hyperparameter() -> None:
    assert {*EVERY_HYPERPARAMETER, *PORTAL} == {*Hyperparameters.model_fields}


@pytest.mark.parametrize("target", TARGETS)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_every_key_of_a_job_is_translated_or_left_out(target: str, tmp_path: Path, data: st.DataObject) -> None:
    values = data.draw(st.sampled_from([EVERY_HYPERPARAMETER, PORTAL]))
    names = data.draw(st.sets(st.sampled_from(sorted(values))))
    keys = data.draw(st.sets(st.sampled_from(sorted(EVERY_KEY))))
    counts = [1] if target in CHOOSE_MACHINES else [1, 2]
    options = ExportOptions(gpus=data.draw(st.sampled_from(counts)), like_hosted=data.draw(st.booleans()))
    path = str(written(tmp_path, conversations(12)))
    more: dict[str, Any] = {key: KEYS.get(target, EVERY_KEY).get(key, EVERY_KEY[key]) for key in keys}
    file = JobFile(
        model=MODELS.get(target, "Phi-3-mini-4k-instruct"),
        training_data=path,
        validation_data=data.draw(st.sampled_from([None, path])),
        hyperparameters={name: values[name] for name in names},
        **more,
    )
    exported = exported_by(find_target(target), export_job_of(file, target=target, options=options))
    given_all = given_keys(file)
    assert {each.key for each in exported.translations} - {""} == {*given_all}
    for each in exported.translations:
        assert each.remark or each.kind in {"same", "default"}, each
        assert bool(each.target_key) == (each.kind != "left out"), each
        assert not each.key or each.value == given_all[each.key]
