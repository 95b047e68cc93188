"""The body of a pipeline job is the one that azure-ai-ml sends, and is read back as it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from maas_client.pipelines.job_document import PipelineDocument, inputs_of, step_of

COMPONENT = "azureml://registries/azureml/components/chat_completion_pipeline/versions/0.0.82"


def of_literals(**literals: str) -> PipelineDocument:
    data = {"train_file_path": ("uri_file", "azureml://datastores/a/paths/b.jsonl")}
    return PipelineDocument(
        component_id=COMPONENT,
        component_output="mlflow_model_folder",
        literals=literals,
        data=data,
        display_name="d",
    )


def test_a_recorded_pipeline_job_is_built_field_for_field(shared: Path) -> None:
    lines = (shared / "wire" / "maap-requests.jsonl").read_text().splitlines()
    jobs = [json.loads(line) for line in lines if '"jobType": "Pipeline"' in line]
    bodies = [job["body"]["properties"] for job in jobs if job["method"] == "PUT"]
    assert len(bodies) >= 5
    for body in bodies:
        [(_, step)] = body["jobs"].items()
        literals = {key: each["value"] for key, each in step["inputs"].items() if "value" in each}
        data = {key: (each["job_input_type"], each["uri"]) for key, each in step["inputs"].items() if "uri" in each}
        built = PipelineDocument(
            component_id=step["componentId"],
            component_output="mlflow_model_folder",
            literals=literals,
            data=data,
            display_name=body["displayName"],
            experiment=body["experimentName"],
            tags=body["tags"],
            force_rerun=True,
        ).properties()
        [(_, own)] = built.pop("jobs").items()
        assert {**own, "name": step["name"]} == step
        assert built == {key: value for key, value in body.items() if key not in {"jobs", "properties"}}


def test_what_was_written_is_read_back() -> None:
    body: dict[str, Any] = {"properties": of_literals(apply_lora="true").properties()}
    assert inputs_of(step_of(body)) == {"apply_lora": "true", "train_file_path": "azureml://datastores/a/paths/b.jsonl"}


def test_a_job_of_another_kind_has_no_step() -> None:
    others: list[dict[str, Any]] = [{}, {"jobs": {"a": {"type": "command"}, "b": 3}}, {"jobs": []}]
    for document in ({"properties": properties} for properties in others):
        assert inputs_of(step_of(document)) == {}


def test_only_what_trains_decides_what_is_trained() -> None:
    one = of_literals(num_train_epochs="1")
    assert one.trained == of_literals(num_train_epochs="1").trained
    assert one.trained != of_literals(num_train_epochs="2").trained
    assert "experimentName" not in one.properties()
