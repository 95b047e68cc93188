"""A component's document becomes a value, whatever is wrong with it; names, versions and labels are distinguished."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maas_client.errors import InvalidInput
from maas_client.pipelines.component import Component
from maas_client.pipelines.component_name import ComponentName
from tests.pipelines.documents import CHAT, document


def test_a_document_is_read_with_types_and_choices() -> None:
    component = Component.read("chat_completion_pipeline", document())
    assert (component.reference, component.kind) == ("chat_completion_pipeline:0.0.82", "pipeline")
    assert component.id.endswith("/components/chat_completion_pipeline/versions/0.0.82")
    assert component.inputs["optim"].choices == ("adamw_torch", "adafactor")
    assert component.inputs["num_train_epochs"].least == 1
    assert component.inputs["learning_rate"].default == "2e-05"
    assert component.inputs["task_name"].is_required is False
    assert component.steps == ("chat_completion_model_import", "chat_completion_finetune")
    assert component.output_of_type("mlflow_model") == "mlflow_model_folder"
    assert component.output_of_type("mltable") is None


def test_every_input_of_the_recorded_component_is_read(shared: Path) -> None:
    spec = json.loads((shared / "wire" / "maap-components.json").read_text())["components"]["chat_completion_pipeline"]
    component = Component.read("chat_completion_pipeline", document(inputs=spec["inputs"]))
    assert len(component.inputs) == len(spec["inputs"]) == 69
    for name, said in spec["inputs"].items():
        found = component.inputs[name]
        assert (found.type, found.optional) == (said["type"], said["optional"])
        assert list(found.choices) == said.get("enum", [])
        assert not found.is_required


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"properties": None},
        {"properties": {"componentSpec": []}},
        {"properties": {"componentSpec": {"inputs": {"a": 3, "b": {"enum": "x", "min": "y", "type": 1}}}}},
    ],
)
def test_a_broken_document_is_read_as_far_as_it_goes(broken: dict[str, Any]) -> None:
    component = Component.read("c", broken)
    assert component.name == "c"
    assert all(each.least is None and each.choices == () for each in component.inputs.values())


@pytest.mark.parametrize(
    ("reference", "name", "version"),
    [
        (CHAT, CHAT, None),
        (f"{CHAT}@latest", CHAT, None),
        (f"{CHAT}:0.0.82", CHAT, "0.0.82"),
        (f"azureml:{CHAT}:0.0.82", CHAT, "0.0.82"),
        (f"azureml://registries/azureml/components/{CHAT}", CHAT, None),
        (f"azureml://registries/azureml/components/{CHAT}/labels/latest", CHAT, None),
        (f"azureml://registries/azureml/components/{CHAT}/versions/0.0.82", CHAT, "0.0.82"),
    ],
)
def test_a_component_is_named_in_any_of_these_ways(reference: str, name: str, version: str | None) -> None:
    assert ComponentName.parse(reference) == ComponentName(name, version)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        (f"{CHAT}@default", "only label of components is latest"),
        (f"azureml://registries/azureml-meta/components/{CHAT}", "another registry"),
        ("../x", "does not name a component"),
        ("a/b", "does not name a component"),
        ("", "does not name a component"),
        ("azureml://registries/azureml/models/m/versions/1", "does not name a component"),
    ],
)
def test_what_names_no_component_is_refused_with_why(reference: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        ComponentName.parse(reference)
