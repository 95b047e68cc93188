"""azure-ai-ml: the seed's notebook for chat completion, call by call, without its downloads.

`sdk/python/foundation-models/system/finetune/chat-completion/chat-completion.ipynb` of Azure/azureml-examples.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.entities import (
    AmlCompute,
    ManagedOnlineDeployment,
    ManagedOnlineEndpoint,
    Model,
    OnlineRequestSettings,
    ProbeSettings,
)
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import MODEL, Microsoft
from tests.mock_server.driver import row
from tests.own_compute_judges.pipelines import GPU_SIZE, chat_completion, with_user_token

# azure-ai-ml reads components with schemas in marshmallow's old manner.
pytestmark = [
    pytest.mark.filterwarnings("ignore::marshmallow.warnings.RemovedInMarshmallow4Warning"),
    pytest.mark.filterwarnings("ignore::marshmallow.warnings.ChangedInMarshmallow4Warning"),
]
CLUSTER = "gpu-cluster-big"
QUESTION = "What is the capital of country 7?"


@pytest.fixture
def ml(microsoft: Microsoft) -> Any:  # Any: azure-ai-ml's client
    """Give a client whose user may train on the sizes that the notebook asks for."""
    microsoft.server.set_quota({"gpu": 1000})
    return with_user_token(microsoft.server)


def test_the_notebook_runs_from_the_cluster_to_the_answer(
    microsoft: Microsoft, ml: Any, train: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert microsoft.registry.models.get(MODEL, label="latest").id.startswith("azureml://registries/azureml/models/")
    gpus = _cluster(ml, "Dedicated")
    component = microsoft.registry.components.get("chat_completion_pipeline", label="latest")
    inputs = ("compute_model_import", "compute_preprocess", "compute_finetune")
    compute: dict[str, str] = dict.fromkeys(inputs, CLUSTER)
    wanted = chat_completion(component, train, compute, number_of_gpu_to_use_finetuning=gpus)
    job = ml.jobs.create_or_update(wanted, experiment_name="chat_completion_phi")
    ml.jobs.stream(job.name)
    assert "Execution Summary" in capsys.readouterr().out
    assert "trained_model" in ml.jobs.get(job.name).outputs
    registered = ml.models.create_or_update(
        Model(
            path=f"azureml://jobs/{job.name}/outputs/trained_model",
            name="phi-ultrachat",
            type="mlflow_model",
            version="1",
        )
    )
    assert registered.job_name == job.name
    try:
        answer = _serve(ml, str(registered.id), tmp_path)
        assert "City number 7." in answer
    finally:
        ml.online_endpoints.begin_delete("phi-ultrachat").wait()
        ml.compute.begin_delete(CLUSTER).wait()
    with pytest.raises(ResourceNotFoundError):
        ml.online_endpoints.get("phi-ultrachat")
    with pytest.raises(ResourceNotFoundError):
        ml.compute.get(CLUSTER)


def _cluster(ml: Any, tier: str) -> int:
    """Get or create the notebook's cluster; returns the GPUs of its nodes, as the notebook finds them out."""
    with pytest.raises(ResourceNotFoundError):
        ml.compute.get(CLUSTER)
    ml.compute.begin_create_or_update(AmlCompute(name=CLUSTER, size=GPU_SIZE, tier=tier, max_instances=2)).wait(60)
    compute = ml.compute.get(CLUSTER)
    assert compute.provisioning_state.lower() != "failed"
    sizes = {size.name.lower(): size.gpus for size in ml.compute.list_sizes()}
    return int(sizes[compute.size.lower()])


def _serve(ml: Any, model: str, folder: Path) -> str:
    """Make the notebook's endpoint and deployment, and return the answer to a question of the data."""
    ml.begin_create_or_update(ManagedOnlineEndpoint(name="phi-ultrachat", auth_mode="key")).wait()
    ml.online_deployments.begin_create_or_update(
        ManagedOnlineDeployment(
            name="demo",
            endpoint_name="phi-ultrachat",
            model=model,
            instance_type=GPU_SIZE,
            instance_count=1,
            liveness_probe=ProbeSettings(initial_delay=600),
            request_settings=OnlineRequestSettings(request_timeout_ms=90000),
        )
    ).wait()
    endpoint = ml.online_endpoints.get("phi-ultrachat")
    endpoint.traffic = {"demo": 100}
    ml.begin_create_or_update(endpoint).result()
    request = folder / "sample_score.json"
    parameters = {"temperature": 0.6, "top_p": 0.9, "do_sample": True, "max_new_tokens": 200}
    messages = row(QUESTION, "")["messages"][:1]
    request.write_text(json.dumps({"input_data": {"input_string": messages, "parameters": parameters}}), "utf-8")
    return str(ml.online_endpoints.invoke("phi-ultrachat", deployment_name="demo", request_file=str(request)))


def test_low_priority_as_the_notebook_spells_it_is_understood(ml: Any) -> None:
    assert _cluster(ml, "LowPriority") == 8
    assert ml.compute.get(CLUSTER).tier.lower().replace("_", "") == "lowpriority"


def test_the_notebooks_default_size_without_quota_is_refused(microsoft: Microsoft) -> None:
    ml = with_user_token(microsoft.server)
    with pytest.raises(HttpResponseError, match="quota"):
        ml.compute.begin_create_or_update(AmlCompute(name=CLUSTER, size=GPU_SIZE, max_instances=2)).wait(60)
    microsoft.server.advance(60)
    assert ml.compute.get(CLUSTER).provisioning_state == "Failed"
