"""Bodies of pipeline jobs, as azure-ai-ml 1.35.2 writes them."""

from typing import Any

from tests.mock_server.driver import MODEL, Azure, Json

COMPONENT = "azureml://registries/azureml/components/chat_completion_pipeline/versions/0.0.82"
GPU = "Standard_NC24ads_A100_v4"


def pipeline_body(data: str, *, component: str = COMPONENT, model: str | None = MODEL, **literals: str) -> Json:
    """Return a pipeline job's body: one node that runs a component of the registry."""
    given = {"number_of_gpu_to_use_finetuning": "1", "instance_type_finetune": GPU, **literals}
    inputs: Json = {name: {"job_input_type": "literal", "value": value} for name, value in given.items()}
    inputs["train_file_path"] = {"job_input_type": "uri_file", "uri": data}
    if model is not None:
        inputs["mlflow_model_path"] = {"job_input_type": "mlflow_model", "uri": model}
    node = {
        "name": "node",
        "type": "pipeline",
        "_source": "REMOTE.REGISTRY",
        "componentId": component,
        "inputs": inputs,
        "outputs": {"mlflow_model_folder": {"value": "${{parent.outputs.trained_model}}", "type": "literal"}},
    }
    return {
        "properties": {
            "jobType": "Pipeline",
            "experimentName": "trial",
            "inputs": {},
            "outputs": {"trained_model": {"jobOutputType": "mlflow_model", "mode": "ReadWriteMount"}},
            "settings": {"force_rerun": True, "continue_on_step_failure": False, "_source": "DSL"},
            "jobs": {"node": node},
        }
    }


def history(azure: Azure, path: str) -> Any:  # Any: a run's JSON
    """GET a path of run history."""
    answer = azure.http.get(f"/history/v1.0{azure.ws}{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def children(azure: Azure, run: str) -> list[Json]:
    """Return the runs directly below a run."""
    found: list[Json] = history(azure, f"/runs/{run}/children")["value"]
    return found


def steps(azure: Azure, job: str) -> list[Json]:
    """Return the runs of a pipeline's steps: the children of its node."""
    nodes = children(azure, job)
    return [step for node in nodes for step in children(azure, str(node["runId"]))]
