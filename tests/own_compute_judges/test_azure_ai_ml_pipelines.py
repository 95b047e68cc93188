"""azure-ai-ml: components of the registry, pipeline jobs, their children, their ends and what they leave."""

import json
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.exceptions import JobException, PipelineChildJobError, UnexpectedKeywordError
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import Microsoft
from tests.own_compute_judges.pipelines import chat_completion, with_user_token

# azure-ai-ml reads components with schemas in marshmallow's old manner.
pytestmark = [
    pytest.mark.filterwarnings("ignore::marshmallow.warnings.RemovedInMarshmallow4Warning"),
    pytest.mark.filterwarnings("ignore::marshmallow.warnings.ChangedInMarshmallow4Warning"),
]
SERVERLESS = {
    "compute_model_import": "serverless",
    "compute_preprocess": "serverless",
    "compute_finetune": "serverless",
    "instance_type_finetune": "Standard_NC24ads_A100_v4",
}
HOUR = 3600.0


@pytest.fixture
def ml(microsoft: Microsoft) -> Any:  # Any: azure-ai-ml's client
    """Give a client whose credential a pipeline can be submitted with."""
    microsoft.server.set_quota({"gpu": 1000})
    return with_user_token(microsoft.server)


@pytest.fixture
def component(microsoft: Microsoft) -> Any:  # Any: a function that azure-ai-ml makes of a component
    """Give the pipeline component for chat completion."""
    return microsoft.registry.components.get("chat_completion_pipeline", label="latest")


def submit(ml: Any, component: Any, train: Path, **more: Any) -> Any:
    """Create a pipeline job on serverless compute."""
    return ml.jobs.create_or_update(chat_completion(component, train, SERVERLESS, **more), experiment_name="trial")


def test_components_are_found_by_version_and_label(microsoft: Microsoft, component: Any) -> None:
    by_version = microsoft.registry.components.get("chat_completion_pipeline", version=component.version)
    assert (by_version.id, by_version.version) == (component.id, "0.0.82")
    assert list(component.jobs)[3] == "chat_completion_finetune"
    assert component.inputs["optim"].enum == ["adamw_torch", "adafactor"]
    assert component.inputs["num_train_epochs"].default == 1
    step = microsoft.registry.components.get("chat_completion_finetune", label="latest")
    assert (step.type, step.version) == ("command", "0.0.81")
    names = {found.name for found in microsoft.registry.components.list()}
    assert {"chat_completion_pipeline", "text_generation_pipeline", "ft_nlp_model_converter"} <= names
    with pytest.raises(ResourceNotFoundError):
        microsoft.registry.components.get("absent", version="1")


def test_a_job_comes_back_with_the_node_it_was_given(ml: Any, component: Any, train: Path) -> None:
    made = submit(ml, component, train)
    found = ml.jobs.get(made.name)
    assert (found.type, found.experiment_name, str(found.status)) == ("pipeline", "trial", "JobStatus.NOT_STARTED")
    assert found.settings.force_rerun is True
    node = found.jobs["node"]
    assert node.component.endswith("/components/chat_completion_pipeline/versions/0.0.82")
    assert node.inputs["learning_rate"]._data == "5e-06"
    assert [job.name for job in ml.jobs.list()] == [made.name]


def test_children_are_nodes_and_their_children_steps(
    ml: Any, component: Any, train: Path, microsoft: Microsoft
) -> None:
    job = submit(ml, component, train)
    microsoft.server.advance(HOUR)
    nodes = list(ml.jobs.list(parent_job_name=job.name))
    assert [(node.display_name, node.status) for node in nodes] == [("node", "Completed")]
    runs = list(ml.jobs.list(parent_job_name=nodes[0].name))
    assert [run.display_name for run in runs] == list(component.jobs)
    assert {run.compute for run in runs} == {"serverless"}
    assert ml.jobs.get(runs[0].name).display_name == "ft_nlp_common_validation"
    with pytest.raises(PipelineChildJobError):
        ml.jobs.stream(runs[0].name)


def test_the_stream_of_a_failed_pipeline_names_the_step_only(ml: Any, component: Any, train: Path) -> None:
    job = submit(ml, component, train, optim="sgd")
    with pytest.raises(JobException, match="Failed nodes: /node/chat_completion_finetune") as caught:
        ml.jobs.stream(job.name)
    assert "invalid choice" not in str(caught.value)


def test_an_unknown_input_is_refused_by_the_sdk_itself(ml: Any, component: Any, train: Path) -> None:
    with pytest.raises(UnexpectedKeywordError):
        submit(ml, component, train, optimizer="adam")


def test_a_canceled_pipeline_is_canceled_with_its_children(
    ml: Any, component: Any, train: Path, microsoft: Microsoft
) -> None:
    job = submit(ml, component, train)
    microsoft.server.advance(10)
    ml.jobs.begin_cancel(job.name).result()
    assert str(ml.jobs.get(job.name).status) == "JobStatus.CANCELED"
    assert {child.status for child in ml.jobs.list(parent_job_name=job.name)} == {"Canceled"}


def test_notes_of_a_fetched_pipeline_are_changed_in_run_history(
    ml: Any, component: Any, train: Path, microsoft: Microsoft
) -> None:
    job = ml.jobs.get(submit(ml, component, train).name)
    job.tags["a"] = "b"
    ml.jobs.create_or_update(job)
    assert ml.jobs.get(job.name).tags["a"] == "b"
    assert [entry["status"] for entry in microsoft.asked("history.update")] == [200]
    assert len(microsoft.asked("jobs.create")) == 1


# azure-ai-ml lists blobs with one release of azure-storage-blob and asks for them in the manner of an older one.
@pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance for param blob:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated:DeprecationWarning")
def test_the_output_of_a_pipeline_can_be_downloaded(
    ml: Any, component: Any, train: Path, microsoft: Microsoft, tmp_path: Path
) -> None:
    job = submit(ml, component, train)
    microsoft.server.advance(HOUR)
    ml.jobs.download(job.name, download_path=tmp_path, output_name="trained_model")
    folder = tmp_path / "named-outputs" / "trained_model"
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {
        "MLmodel",
        "config.json",
        "model.safetensors",
    }


def test_another_pipeline_of_the_same_name_is_refused(
    microsoft: Microsoft, ml: Any, component: Any, train: Path
) -> None:
    job = submit(ml, component, train)
    assert microsoft.asked("jobs.create")[-1]["request_headers"]["x-azureml-token"] == "REDACTED"
    other = chat_completion(component, train, SERVERLESS, seed=1)
    other.name = job.name
    with pytest.raises(HttpResponseError, match="already exists"):
        ml.jobs.create_or_update(other, experiment_name="trial")


def test_text_generation_runs_with_the_names_of_its_columns(microsoft: Microsoft, ml: Any, tmp_path: Path) -> None:
    data = tmp_path / "text.jsonl"
    data.write_text(
        "".join(json.dumps({"ask": f"number {n}", "say": f"answer {n}"}) + "\n" for n in range(30)), "utf-8"
    )
    component = microsoft.registry.components.get("text_generation_pipeline", label="latest")
    keys = {"text_key": "ask", "ground_truth_key": "say"}
    job = ml.jobs.create_or_update(chat_completion(component, data, SERVERLESS, **keys), experiment_name="trial")
    microsoft.server.advance(HOUR)
    assert str(ml.jobs.get(job.name).status) == "JobStatus.COMPLETED"
