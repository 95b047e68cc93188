"""azure-ai-ml: serverless endpoints, their keys, and marketplace subscriptions."""

from pathlib import Path
from typing import Any

import pytest
from azure.ai.ml.entities import MarketplaceSubscription, ServerlessEndpoint
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.judges.sdk import Microsoft

PHI = "azureml://registries/azureml/models/Phi-4"
LLAMA = "azureml://registries/azureml-meta/models/Meta-Llama-3-8B-Instruct"


def deploy(microsoft: Microsoft, name: str = "endpoint", model: str = PHI) -> Any:  # Any: see sdk.py
    """Create an endpoint and wait for it."""
    endpoint = ServerlessEndpoint(name=name, model_id=model)
    return microsoft.ml.serverless_endpoints.begin_create_or_update(endpoint).result()


def test_a_tuned_endpoint_is_ready_when_the_poller_is_done(microsoft: Microsoft, train: Path) -> None:
    microsoft.submit(str(microsoft.upload(train).id))
    microsoft.server.advance(3600)
    model = microsoft.ml.models.get("tuned", version="1")
    made = deploy(microsoft, model=str(model.properties["model_id"]))
    found = microsoft.ml.serverless_endpoints.get("endpoint")
    for endpoint in (made, found):
        assert (endpoint.name, endpoint.location, str(endpoint.provisioning_state)) == (
            "endpoint",
            "eastus2",
            "succeeded",
        )
        assert endpoint.scoring_uri == f"{microsoft.server.endpoint}/maas/endpoint"
    states = microsoft.asked("operations.status")
    assert {entry["status"] for entry in states} == {200}


def test_endpoints_are_listed_over_pages(microsoft: Microsoft) -> None:
    for number in range(3):
        deploy(microsoft, f"endpoint{number}")
    listed = {endpoint.name for endpoint in microsoft.ml.serverless_endpoints.list()}
    assert listed == {"endpoint0", "endpoint1", "endpoint2"}
    assert len(microsoft.asked("endpoints.list")) == 2


def test_an_endpoint_has_two_keys(microsoft: Microsoft) -> None:
    deploy(microsoft)
    keys = microsoft.ml.serverless_endpoints.get_keys("endpoint")
    assert {len(str(keys.primary_key)), len(str(keys.secondary_key))} == {32}
    assert keys.primary_key != keys.secondary_key


def test_a_deleted_endpoint_is_gone_when_the_poller_is_done(microsoft: Microsoft) -> None:
    deploy(microsoft)
    microsoft.ml.serverless_endpoints.begin_delete("endpoint").result()
    assert [entry["status"] for entry in microsoft.asked("endpoints.delete")] == [202]
    with pytest.raises(ResourceNotFoundError):
        microsoft.ml.serverless_endpoints.get("endpoint")


def test_a_taken_name_is_refused_with_azure_s_text(microsoft: Microsoft) -> None:
    deploy(microsoft)
    with pytest.raises(HttpResponseError) as caught:
        deploy(microsoft, model="azureml://registries/azureml/models/Phi-3-mini-4k-instruct")
    assert caught.value.error is not None
    assert caught.value.error.message == (
        "Serverless endpoint name 'endpoint' is not available. Please select a different name."
    )


def test_the_model_of_an_endpoint_must_exist(microsoft: Microsoft) -> None:
    with pytest.raises(ResourceNotFoundError, match="was not found"):
        deploy(microsoft, model="azureml://registries/azureml/models/Phi-0")


def test_a_subscription_to_microsoft_s_own_model_is_refused(microsoft: Microsoft) -> None:
    wanted = MarketplaceSubscription(name="phi", model_id=PHI)
    with pytest.raises(HttpResponseError, match="not required") as caught:
        microsoft.ml.marketplace_subscriptions.begin_create_or_update(wanted)
    assert caught.value.status_code == 400


def test_another_publisher_s_subscription_works_to_deletion(microsoft: Microsoft) -> None:
    subscriptions = microsoft.ml.marketplace_subscriptions
    made = subscriptions.begin_create_or_update(MarketplaceSubscription(name="llama", model_id=LLAMA)).result()
    assert (made.name, made.model_id) == ("llama", LLAMA)
    assert (str(made.status), str(made.provisioning_state)) == ("subscribed", "succeeded")
    assert subscriptions.get("llama").id == made.id
    assert [found.name for found in subscriptions.list()] == ["llama"]
    deploy(microsoft, model=LLAMA)
    subscriptions.begin_delete("llama").result()
    with pytest.raises(ResourceNotFoundError):
        subscriptions.get("llama")


def test_another_publisher_s_model_needs_its_subscription(microsoft: Microsoft) -> None:
    with pytest.raises(HttpResponseError, match="needs a marketplace subscription"):
        deploy(microsoft, model=LLAMA)
