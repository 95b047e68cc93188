"""Chats and responses of Foundry deployments, over the wire."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mock_server.server import serve
from tests.mock_server.driver import events
from tests.mock_server.foundry_driver import DATED, PROJECT, Foundry, Json
from tests.mock_server.foundry_resource import Resource, error_of

DAY = 86_400.0
OPEN_MODEL = {"format": "Mistral AI", "name": "Ministral-3B", "version": "2411"}


@pytest.fixture
def resource(foundry: Foundry) -> Iterator[Resource]:
    """Return the account in Resource Manager."""
    resource = Resource(foundry.server)
    yield resource
    resource.close()


@pytest.fixture
def deployed(resource: Resource) -> Resource:
    """Return the account with a deployment that answers."""
    resource.deploy()
    resource.server.advance(60)
    return resource


def chat(foundry: Foundry, prompt: object = "Hello", model: str = "dep", **more: object) -> httpx.Response:
    """Send a chat, or the messages given instead of a prompt."""
    messages = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
    return foundry.post("/chat/completions", {"model": model, "messages": messages, **more})


def content(answer: httpx.Response) -> str:
    """Return the text of an answer."""
    assert answer.status_code == 200, answer.text
    return str(answer.json()["choices"][0]["message"]["content"])


def tuned(foundry: Foundry, resource: Resource, model: str = "ministral-3b", capacity: int = 100) -> str:
    """Train and deploy a model; returns the name of the model."""
    job = foundry.job(model=model)
    foundry.server.advance(DAY)
    name = str(foundry.show(job)["fine_tuned_model"])
    assert resource.deploy(capacity=capacity, model={**OPEN_MODEL, "name": name, "version": "1"}).status_code == 201
    return name


def test_a_tuned_deployment_answers_from_its_training_data(foundry: Foundry, resource: Resource) -> None:
    name = tuned(foundry, resource)
    foundry.server.advance(60)
    answer = chat(foundry, "What's the capital of country 17?")
    assert (content(answer), answer.json()["model"]) == ("City number 17.", name)
    assert content(chat(foundry.by(PROJECT), "Which is the capital of country 3?")) == "City number 3."
    path = "/deployments/dep/chat/completions"
    ignored = {"model": "ignored", "messages": [{"role": "user", "content": "capital of country 4?"}]}
    assert content(foundry.by(DATED).post(path, ignored)) == "City number 4."


def test_a_checkpoint_of_a_job_is_deployed_by_its_id(foundry: Foundry, resource: Resource) -> None:
    job = foundry.job(model="ministral-3b")
    foundry.server.advance(DAY)
    (*_, first) = foundry.get(f"/fine_tuning/jobs/{job}/checkpoints").json()["data"]
    made = resource.deploy(model={**OPEN_MODEL, "name": first["id"], "version": "1"})
    assert made.json()["properties"]["model"]["name"] == first["id"]
    foundry.server.advance(60)
    assert content(chat(foundry, "What is the capital of country 2?")) == "City number 2."


def test_the_catalogue_has_the_account_s_tuned_models(foundry: Foundry, resource: Resource) -> None:
    name = tuned(foundry, resource)
    rows = {one["name"]: one for one in resource.arm("GET", "/models").json()["value"]}
    assert rows[name]["format"] == "Mistral AI"
    assert rows[name]["baseModel"] == OPEN_MODEL
    assert rows[name]["skus"][0]["usageName"] == "AIServices.GlobalStandard.Ministral-3B-finetune"


def test_the_answer_has_what_azure_adds_to_openai_s(foundry: Foundry, deployed: Resource) -> None:
    answer = chat(foundry, temperature=2, n=2, max_completion_tokens=5)
    document = answer.json()
    assert [choice["index"] for choice in document["choices"]] == [0, 1]
    assert document["prompt_filter_results"][0]["content_filter_results"]["hate"]["severity"] == "safe"
    assert document["choices"][0]["content_filter_results"]["violence"]["filtered"] is False
    assert document["usage"]["total_tokens"] > 0
    assert answer.headers["x-ratelimit-remaining-tokens"] == "100000"


def test_a_stream_joins_to_the_whole_answer(foundry: Foundry, deployed: Resource) -> None:
    whole = content(chat(foundry))
    chunks = list(events(chat(foundry, stream=True, stream_options={"include_usage": True})))
    assert (chunks[0]["choices"], "prompt_filter_results" in chunks[0]) == ([], True)
    assert (chunks[-1]["choices"], chunks[-1]["usage"]["completion_tokens"] > 0) == ([], True)
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]) == whole


def test_a_deployment_succeeds_before_it_answers(foundry: Foundry, resource: Resource) -> None:
    resource.deploy()
    codes = [error_of(chat(foundry))]
    resource.server.advance(3)
    assert resource.state() == "Succeeded"
    codes.append(error_of(chat(foundry)))
    resource.server.advance(2)
    codes.append(error_of(chat(foundry)))
    assert codes == [(404, "DeploymentNotFound"), (404, "DeploymentNotFound"), (404, "DeploymentNotReady")]
    assert "within the last 5 minutes" in chat(foundry, model="other").json()["error"]["message"]
    resource.server.advance(2)
    assert chat(foundry).status_code == 200


def test_polling_moves_the_clock_until_a_deployment_answers(foundry: Foundry, resource: Resource) -> None:
    foundry.server.advance_on_poll(1)
    resource.deploy()
    statuses = [chat(foundry).status_code for _ in range(8)]
    assert statuses == [404] * 6 + [200] * 2


@pytest.mark.parametrize(
    ("fault", "status", "code"), [("not_ready", 400, "DeploymentNotReady"), ("not_found", 404, "DeploymentNotFound")]
)
def test_a_fault_delays_the_first_answer(
    foundry: Foundry, resource: Resource, fault: str, status: int, code: str
) -> None:
    resource.server.fault(deployment=fault, code=status, calls=2)
    resource.deploy()
    resource.server.advance(60)
    assert [error_of(chat(foundry)) for _ in range(2)] == [(status, code)] * 2
    assert chat(foundry).status_code == 200


def test_a_fault_keeps_a_deployment_from_ever_answering(foundry: Foundry, resource: Resource) -> None:
    resource.server.fault(deployment="not_ready")
    resource.deploy()
    resource.server.advance(14 * DAY)
    assert error_of(chat(foundry)) == (404, "DeploymentNotReady")


def test_little_capacity_leaves_an_adapter_unloaded(foundry: Foundry, resource: Resource) -> None:
    tuned(foundry, resource, capacity=1)
    foundry.server.advance(60)
    refused = chat(foundry)
    assert refused.status_code == 500
    assert "Failed to load LoRA" in refused.json()["error"]["message"]
    resource.arm("PATCH", "/deployments/dep", {"sku": {"name": "GlobalStandard", "capacity": 100}})
    assert chat(foundry).status_code == 200


def test_a_chat_keeps_a_tuned_deployment_for_another_15_days(foundry: Foundry, resource: Resource) -> None:
    tuned(foundry, resource)
    for _ in range(2):
        resource.server.advance(14 * DAY)
        assert chat(foundry).status_code == 200
    resource.server.advance(15 * DAY)
    assert error_of(chat(foundry)) == (404, "DeploymentNotFound")
    assert resource.state() == "ResourceNotFound"


def test_what_a_model_does_not_take_is_refused_in_openai_s_shape(foundry: Foundry, resource: Resource) -> None:
    resource.deploy(model={"name": "o4-mini", "version": "2025-04-16"})
    resource.server.advance(60)
    refused = chat(foundry, max_tokens=5).json()["error"]
    assert (refused["code"], refused["param"]) == ("unsupported_parameter", "max_tokens")
    assert refused["type"] == "invalid_request_error"
    assert chat(foundry, max_completion_tokens=5).status_code == 200
    image = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x/y.png"}}]}]
    assert "images are not supported" in chat(foundry, image).json()["error"]["message"]
    invalid: list[Json] = [{}, {"messages": []}, {"messages": [{"role": "x"}]}, {"messages": "a"}, {"temperature": 3}]
    for body in invalid:
        refused = foundry.post("/chat/completions", {"model": "dep", **body})
        assert (refused.status_code, refused.json()["error"]["type"]) == (400, "invalid_request_error")
    assert error_of(foundry.post("/chat/completions", {"messages": []})) == (400, "missing_required_parameter")


def test_faults_throttle_filter_and_break_chats(foundry: Foundry, deployed: Resource) -> None:
    for fault in ("throttled", "filtered", "broken"):
        deployed.server.fault(chat=fault)
    throttled = chat(foundry)
    assert error_of(throttled) == (429, "rate_limit_exceeded")
    assert (throttled.json()["error"]["type"], throttled.headers["retry-after-ms"]) == ("too_many_requests", "1000")
    filtered = chat(foundry)
    assert error_of(filtered) == (400, "content_filter")
    assert filtered.json()["error"]["innererror"]["code"] == "ResponsibleAIPolicyViolation"
    broken = chat(foundry, stream=True).text
    assert '{"error":' in broken.splitlines()[-2]
    assert "[DONE]" not in broken
    deployed.server.fault(chat="throttled", operation="foundry.responses.create")
    assert error_of(foundry.post("/responses", {"model": "dep", "input": "Hello"})) == (429, "rate_limit_exceeded")


def test_a_marker_in_a_prompt_is_refused_by_the_content_filter(foundry: Foundry, deployed: Resource) -> None:
    assert error_of(chat(foundry, "Say MOCK_UNSAFE_PROMPT")) == (400, "content_filter")
    refused = foundry.post("/responses", {"model": "dep", "input": "MOCK_UNSAFE_PROMPT"})
    assert error_of(refused) == (400, "content_filter")


def test_deployments_and_webhooks_survive_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with serve(clock="virtual", state=state) as server, closing(Resource(server)) as resource:
        with closing(Foundry(server).http) as http:
            tuned(Foundry(server, http=http), resource)
        body = {"name": "w", "url": "https://example.com", "event_types": ["fine_tuning.job.failed"]}
        resource.http.post("/openai/v1/webhook_endpoints", json=body)
        key, before = resource.key(), resource.arm("GET", "/deployments").json()
    with serve(clock="virtual", state=state) as server, closing(Resource(server)) as resource:
        assert (resource.key(), resource.arm("GET", "/deployments").json()) == (key, before)
        server.advance(60)
        with closing(Foundry(server).http) as http:
            assert content(chat(Foundry(server, http=http), "What is the capital of country 5?")) == "City number 5."
        (shown,) = resource.http.get("/openai/v1/webhook_endpoints").json()["data"]
        assert shown["name"] == "w"


def test_a_response_follows_one_that_is_stored(foundry: Foundry, resource: Resource) -> None:
    resource.deploy()
    resource.server.advance(700)
    first = foundry.post("/responses", {"model": "dep", "input": "Hello"}).json()["id"]
    assert foundry.post("/responses", {"model": "dep", "input": "Hi", "previous_response_id": first}).status_code == 200
    for unknown in ("resp_x", 5):
        refused = foundry.post("/responses", {"model": "dep", "input": "Hi", "previous_response_id": unknown})
        assert error_of(refused) == (400, "previous_response_not_found")


def test_responses_are_created_stored_and_deleted(foundry: Foundry, resource: Resource) -> None:
    tuned(foundry, resource)
    foundry.server.advance(60)
    body: Json = {"model": "dep", "input": "What is the capital of country 9?", "instructions": "s"}
    made = foundry.post("/responses", body).json()
    assert (made["object"], made["status"]) == ("response", "completed")
    assert made["output"][0]["content"][0]["text"] == "City number 9."
    assert foundry.get(f"/responses/{made['id']}").json() == made
    assert foundry.delete(f"/responses/{made['id']}").json()["deleted"] is True
    assert error_of(foundry.get(f"/responses/{made['id']}")) == (404, "not_found")
    parts = [{"role": "user", "content": [{"type": "input_text", "text": "capital of country 8"}]}]
    cut = foundry.post("/responses", {"model": "dep", "input": parts, "max_output_tokens": 1}).json()
    assert (cut["status"], cut["output"][0]["content"][0]["text"]) == ("incomplete", "City ")
    streamed = foundry.post("/responses", {**body, "stream": True}).text
    assert "event: response.output_text.delta" in streamed
    assert streamed.splitlines()[-3] == "event: response.completed"


def test_a_project_lists_the_account_s_deployments(foundry: Foundry, deployed: Resource) -> None:
    path = "/api/projects/demo/deployments"

    def ask(below: str = "", **query: str) -> httpx.Response:
        return foundry.http.get(path + below, params={"api-version": "v1", **query})

    (shown,) = ask().json()["value"]
    assert (shown["type"], shown["modelName"], shown["modelPublisher"]) == ("ModelDeployment", "gpt-4.1-mini", "OpenAI")
    assert shown["sku"]["name"] == "GlobalStandard"
    assert ask("/dep").json() == shown
    assert ask(modelName="other").json()["value"] == []
    assert (
        len(ask(modelName="gpt-4.1-mini", modelPublisher="OpenAI", deploymentType="ModelDeployment").json()["value"])
        == 1
    )
    assert ask("/other").status_code == 404
    assert foundry.http.get(path).status_code == 404
