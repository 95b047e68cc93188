"""Endpoints over the wire: creation, chat, deletion."""

from tests.mock_server.driver import Azure, events, operations


def test_an_endpoint_is_ready_after_its_operation(azure: Azure) -> None:
    made = azure.endpoint()
    assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert made.json()["properties"]["inferenceEndpoint"] is None
    status = made.headers["azure-asyncoperation"]
    assert azure.follow(status).json()["status"] == "InProgress"
    assert azure.follow(status).headers["retry-after"] == "1"
    azure.server.advance(3)
    assert azure.follow(status).json()["status"] == "Succeeded"
    ready = azure.get("/serverlessEndpoints/ep").json()["properties"]
    assert (ready["endpointState"], ready["inferenceEndpoint"]["uri"]) == ("Online", f"{azure.server.endpoint}/maas/ep")


def test_only_a_tuned_endpoint_answers_from_its_training_data(azure: Azure) -> None:
    azure.endpoint("tuned", azure.tuned())
    azure.endpoint("base")
    azure.server.advance(60)
    tuned = azure.chat("What's the capital of country 17?", "tuned").json()
    base = azure.chat("What's the capital of country 17?", "base").json()
    assert tuned["choices"][0]["message"]["content"] == "City number 17."
    assert (tuned["model"], base["model"]) == ("tuned:1", "Phi-4")
    assert "City" not in base["choices"][0]["message"]["content"]


def test_a_stream_joins_to_the_same_answer(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    whole = azure.chat("Hello").json()["choices"][0]["message"]["content"]
    chunks = list(
        events(azure.chat("Hello", stream=True, stream_options={"include_usage": True}, extra="pass-through"))
    )
    texts = [choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]]
    assert "".join(texts) == whole
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_max_tokens_cuts_an_answer(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    choice = azure.chat("Hello", max_tokens=2).json()["choices"][0]
    assert choice["finish_reason"] == "length"


def test_keys_are_checked_and_can_be_replaced(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    old = azure.key()
    assert len(old) == 32
    assert azure.chat("Hello", key="wrong").json()["error"]["code"] == "Unauthorized"
    answer = azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary"})
    azure.server.advance(60)
    new = azure.follow(answer.headers["location"]).json()["primaryKey"]
    assert (azure.chat("Hello", key=old).status_code, azure.chat("Hello", key=new).status_code) == (401, 200)


def test_a_key_is_accepted_in_each_of_the_usual_headers(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    key, url = azure.key(), f"{azure.server.endpoint}/maas/ep/chat/completions?api-version=2024-05-01-preview"
    body = {"messages": [{"role": "user", "content": "Hello"}]}
    for headers in ({"Authorization": key}, {"Authorization": f"Bearer {key}"}, {"api-key": key}):
        assert azure.plain.post(url, json=body, headers=headers).status_code == 200


def test_malformed_conversations_are_rejected_in_openai_format(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    for messages in ([], [{"role": "pirate", "content": "a"}], [{"role": "user"}], ["a"]):
        answer = azure.chat(messages)
        assert (answer.status_code, answer.json()["error"]["type"]) == (422, "invalid_request_error")


def test_an_unready_endpoint_reports_it(azure: Azure) -> None:
    azure.endpoint()
    assert azure.chat("Hello").status_code == 503


def test_a_name_in_use_is_rejected_for_others(azure: Azure) -> None:
    azure.endpoint()
    taken = "Serverless endpoint name 'ep' is not available. Please select a different name."
    other = azure.endpoint(model="azureml://registries/azureml/models/Phi-3-mini-4k-instruct")
    assert (other.status_code, other.json()["error"]["message"]) == (400, taken)
    elsewhere = Azure(azure.server, "another")
    assert elsewhere.endpoint().json()["error"]["message"] == taken
    elsewhere.close()
    assert azure.endpoint().status_code == 200


def test_a_deleted_endpoint_goes_and_its_name_is_free_again(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    gone = azure.http.delete(f"{azure.ws}/serverlessEndpoints/ep")
    assert (gone.status_code, azure.follow(gone.headers["location"]).status_code) == (202, 202)
    assert azure.get("/serverlessEndpoints/ep").json()["properties"]["provisioningState"] == "Deleting"
    azure.server.advance(60)
    assert azure.follow(gone.headers["location"]).status_code == 204
    assert azure.get("/serverlessEndpoints/ep").status_code == 404
    assert azure.http.delete(f"{azure.ws}/serverlessEndpoints/ep").status_code == 204
    assert azure.endpoint(model="azureml://registries/azureml/models/Phi-4-mini-instruct").status_code == 201


def test_models_that_do_not_exist_are_not_deployed(azure: Azure) -> None:
    assert azure.endpoint(model="azureml://registries/azureml/models/Nothing").status_code == 404
    assert azure.endpoint(model="nonsense").status_code == 400


def test_marketplace_subscriptions_are_for_others_models(azure: Azure) -> None:
    llama = "azureml://registries/azureml-meta/models/Meta-Llama-3-8B-Instruct"
    assert azure.endpoint(model=llama).status_code == 400
    phi = azure.put(
        "/marketplaceSubscriptions/s", {"properties": {"modelId": "azureml://registries/azureml/models/Phi-4"}}
    )
    assert phi.status_code == 400
    made = azure.put("/marketplaceSubscriptions/s", {"properties": {"modelId": llama}})
    assert (made.status_code, "marketplacePlan" in made.json()["properties"]) == (201, True)
    assert azure.endpoint(model=llama).status_code == 201
    assert operations(azure.server)[-1] == "endpoints.create"
