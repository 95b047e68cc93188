"""Online endpoints on the user's own compute: made in one call, scaled, divided, logged, deleted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support import Clock, collect

from maas_client import (
    BadRequest,
    Conflict,
    DoesNotFit,
    Endpoint,
    EndpointFailed,
    EndpointState,
    InvalidInput,
    Job,
    NotFound,
    OnlineEndpoint,
    ServiceUnavailable,
    UnexpectedReply,
    WaitTimeout,
)
from maas_client.client import Resources
from mock_server.server import Server

Tuned = Callable[[], Awaitable[Job]]

SIZE = "Standard_NC24ads_A100_v4"
BASE = "Phi-4-mini-instruct"


@pytest.fixture(autouse=True)
def plenty(maas_server: Server) -> None:
    """Quota for every GPU size, which a subscription has not by itself."""
    maas_server.set_quota({"gpu": 1000})


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


async def made(maas: Resources, name: str = "own", **more: Any) -> OnlineEndpoint:
    """Make an online endpoint that answers."""
    asked: dict[str, Any] = {"model": BASE, "name": name, "instance_type": SIZE, **more}
    endpoint = await maas.endpoints.create(**asked)
    assert isinstance(endpoint, OnlineEndpoint)
    return endpoint


async def test_a_tuned_model_answers_on_own_compute_after_one_call(
    maas: Resources, maas_server: Server, tuned: Tuned
) -> None:
    job = await tuned()
    seen: list[tuple[str, tuple[str, ...]]] = []

    def saw(endpoint: Endpoint) -> None:
        assert isinstance(endpoint, OnlineEndpoint)
        seen.append((endpoint.state, tuple(each.provisioning_state for each in endpoint.deployments)))

    endpoint = await made(maas, model=job.output_model, on_update=saw)
    assert (endpoint.state, endpoint.traffic, endpoint.model) == ("Online", {"main": 100}, f"{job.name}-model")
    assert seen[0] == ("Creating", ())
    assert ("Creating", ("Creating",)) in seen
    assert seen[-1] == ("Online", ("Succeeded",))
    assert (await maas.chat.complete("own", "question 7")).text == "answer 7"
    assert sent(maas_server, "online_deployments.put")[0]["request_body"]["properties"]["model"].endswith(
        f"/workspaces/work-1/models/{job.name}-model/versions/1"
    )
    assert maas_server.verdict()["verdict"] == "clean"


async def test_a_deployment_gives_a_language_model_time(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    [put] = sent(maas_server, "online_deployments.put")
    properties = put["request_body"]["properties"]
    assert properties["requestSettings"] == {"requestTimeout": "PT3M", "maxConcurrentRequestsPerInstance": 32}
    assert (properties["livenessProbe"]["initialDelay"], properties["livenessProbe"]["period"]) == ("PT10M", "PT1M40S")
    assert properties["model"].startswith(f"azureml://registries/azureml/models/{BASE}/versions/")


async def test_the_same_call_again_makes_nothing_more(maas: Resources, maas_server: Server) -> None:
    first = await maas.endpoints.create(model=BASE, instance_type=SIZE)
    again = await maas.endpoints.create(model=BASE, instance_type=SIZE)
    assert first.name == again.name
    assert len(sent(maas_server, "online_endpoints.put")) == 2  # one creates it, one gives the deployment its traffic
    assert len(sent(maas_server, "online_deployments.put")) == 1


async def test_an_interrupted_call_continues_where_it_was(maas: Resources, maas_server: Server) -> None:
    with pytest.raises(WaitTimeout, match=r"resume with the same call and name='own'"):
        await made(maas, timeout=5)
    endpoint = await made(maas)
    assert endpoint.is_online
    assert len(sent(maas_server, "online_deployments.put")) == 1


async def test_a_name_that_serves_something_else_is_taken(maas: Resources) -> None:
    await made(maas)
    with pytest.raises(Conflict, match=r"a deployment of this name serves azureml://registries/azureml/models/Phi-4-m"):
        await made(maas, model="Phi-4")
    with pytest.raises(Conflict, match=f"a deployment of this name runs on {SIZE}"):
        await made(maas, instance_type="Standard_NC40ads_H100_v5")
    with pytest.raises(Conflict, match="has the authorization Key, which cannot be changed"):
        await made(maas, auth_mode="aad_token")
    with pytest.raises(Conflict, match="this is the name of the online endpoint own"):
        await maas.endpoints.create(model="Phi-4", name="own")
    await maas.endpoints.create(model="Phi-4", name="shop")
    with pytest.raises(Conflict, match="this is the name of the serverless endpoint shop"):
        await made(maas, name="shop")


@pytest.mark.parametrize(
    ("cause", "why"), [("probe", "Liveness probe failed"), ("image", "image"), ("capacity", "capacity")]
)
async def test_a_failed_deployment_says_why_and_that_it_costs(
    maas: Resources, maas_server: Server, cause: str, why: str
) -> None:
    maas_server.fault(operation="online_deployments.put", deployment=cause)
    with pytest.raises(EndpointFailed, match=rf"deployment 'main' is Failed: .*{why}.* until it is deleted") as caught:
        await made(maas)
    assert "maas endpoints delete own --deployment main" in str(caught.value)
    with pytest.raises(EndpointFailed, match="deployment 'main' is Failed"):
        await made(maas)
    assert len(sent(maas_server, "online_deployments.put")) == 1


async def test_a_killed_container_fails_with_its_last_lines(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="online_deployments.put", deployment="probe")
    with pytest.raises(EndpointFailed) as caught:
        await made(maas)
    assert any("Liveness probe failed" in line for line in caught.value.log_tail)
    assert len(caught.value.log_tail) <= 20
    found = await maas.endpoints.get("own")
    assert (found.state, found.is_lost) == ("CreationFailed", True)
    assert "has failed, and costs as much as one that answers" in found.notes[1]
    with pytest.raises(EndpointFailed):
        await maas.endpoints.wait("own")


async def test_a_failed_deployment_is_replaced_if_that_is_asked_for(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="online_deployments.put", deployment="probe")
    with pytest.raises(EndpointFailed):
        await made(maas)
    assert (await made(maas, replace_failed=True)).is_online
    assert len(sent(maas_server, "online_deployments.delete")) == 1
    assert len(sent(maas_server, "online_deployments.put")) == 2


async def test_an_endpoint_that_fails_is_reported_and_replaced(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="online_endpoints.put", endpoint="fail")
    with pytest.raises(EndpointFailed, match="online endpoint 'own' cannot become ready"):
        await made(maas)
    with pytest.raises(Conflict, match="an endpoint of this name is Failed; delete it first"):
        await made(maas)
    assert (await made(maas, replace_failed=True)).is_online


async def test_a_full_region_refuses_the_endpoint(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="online_endpoints.put", endpoint="full")
    with pytest.raises(BadRequest, match=r"cannot create endpoint 'own'.*[Qq]uota"):
        await made(maas)


async def test_a_busy_endpoint_is_waited_for(maas: Resources, maas_server: Server) -> None:
    text = "Cannot create a deployment in endpoint own because it is in Updating provisioning state"
    body = {"error": {"code": "Conflict", "message": text}}
    maas_server.fault(operation="online_deployments.put", status=409, body=body, count=2)
    assert (await made(maas)).is_online


async def test_a_size_that_does_not_fit_is_refused_unsent(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 12})
    with pytest.raises(DoesNotFit, match=r"a deployment on 1 x Standard_NC24ads_A100_v4 cannot run.*24"):
        await made(maas)
    maas_server.set_quota({"gpu": 8})
    with pytest.raises(DoesNotFit, match="the fifth on top that endpoints reserve: 2 x 8 vCPUs"):
        await made(maas, instance_type="Standard_NC8as_T4_v3")
    assert sent(maas_server, "online_endpoints.put") == []


async def test_a_size_without_quota_ends_the_call_at_once(maas: Resources, maas_server: Server) -> None:
    maas_server.set_quota({"gpu": 12})
    with pytest.raises(BadRequest, match=r"cannot create deployment 'main' of endpoint 'own'.*Additional needed: 24"):
        await made(maas, force=True)


async def test_a_second_deployment_gets_no_traffic_until_it_is_set(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    green = await made(maas, model="Phi-4", deployment="green")
    assert (green.pinned, green.model, green.traffic) == ("green", "Phi-4", {"main": 100})
    await maas.chat.complete(green, "Hello")
    await maas.chat.complete("own", "Hello")
    pinned = [entry["request_headers"].get("azureml-model-deployment") for entry in sent(maas_server, "scoring.chat")]
    assert pinned[-2:] == ["green", None]
    divided = await maas.endpoints.traffic("own", {"main": 90, "green": 10})
    assert isinstance(divided, OnlineEndpoint)
    assert {each.name: each.traffic for each in divided.deployments} == {"main": 90, "green": 10}


async def test_traffic_that_answers_nothing_is_refused_unsent(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    puts = len(sent(maas_server, "online_endpoints.put"))
    for traffic, why in (
        ({"main": 90}, "must add up to 100 or 0, not 90"),
        ({"blue": 100}, "has no deployment 'blue'; it has main"),
        ({"main": 101}, "must be an integer from 0 to 100"),
    ):
        with pytest.raises(InvalidInput, match=why):
            await maas.endpoints.traffic("own", traffic)
    assert len(sent(maas_server, "online_endpoints.put")) == puts


async def test_a_change_of_traffic_resets_nothing_else(maas: Resources, maas_server: Server) -> None:
    await made(maas, tags={"team": "a"})
    await maas.endpoints.traffic("own", {"main": 0})
    body = sent(maas_server, "online_endpoints.put")[-1]["request_body"]
    assert (body["tags"], body["identity"], body["properties"]["authMode"]) == ({"team": "a"}, SYSTEM, "Key")
    assert body["properties"]["traffic"] == {}
    assert (await maas.endpoints.get("own")).state == EndpointState.NO_TRAFFIC


SYSTEM = {"type": "SystemAssigned"}


async def test_a_deployment_is_scaled_by_a_change_of_that_alone(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    endpoint = await maas.endpoints.scale("own", instance_count=3)
    assert isinstance(endpoint, OnlineEndpoint)
    assert endpoint.deployments[0].instance_count == 3
    assert sent(maas_server, "online_deployments.scale")[0]["request_body"] == {
        "sku": {"name": "Default", "capacity": 3}
    }
    with pytest.raises(InvalidInput, match="instance_count=0 is not an integer, 1 or more"):
        await maas.endpoints.scale("own", instance_count=0)


async def test_both_containers_have_a_log(maas: Resources) -> None:
    await made(maas)
    assert "Application startup complete" in await maas.endpoints.logs("own")
    assert "Download done" in await maas.endpoints.logs("own", container="storage-initializer")
    with pytest.raises(InvalidInput, match="container must be inference-server or storage-initializer"):
        await maas.endpoints.logs("own", container="sidecar")


async def test_both_kinds_are_listed_and_found_by_name(maas: Resources) -> None:
    await maas.endpoints.create(model="Phi-4", name="shop")
    await made(maas)
    listed = await collect(maas.endpoints.list())
    assert [(each.name, each.noun) for each in listed] == [("shop", "serverless endpoint"), ("own", "online endpoint")]
    found = await maas.endpoints.get("own")
    assert (found.model, found.facts["traffic"]) == (BASE, "main 100 %")
    with pytest.raises(NotFound, match=r"^no endpoint 'ownn' in workspace 'work-1'; did you mean 'own'"):
        await maas.endpoints.get("ownn")


async def test_a_deletion_ends_what_an_endpoint_costs(maas: Resources, maas_server: Server) -> None:
    endpoint = await made(maas)
    assert endpoint.notes[0].startswith(f"endpoint own is paid for by the hour (1 x {SIZE}), used or not")
    await maas.endpoints.delete("own")
    assert await collect(maas.endpoints.list()) == []
    await maas.endpoints.delete("own", missing_ok=True)
    with pytest.raises(NotFound):
        await maas.endpoints.delete("own")
    assert len(sent(maas_server, "online_endpoints.delete")) == 2


async def test_one_deployment_is_deleted_alone(maas: Resources) -> None:
    await made(maas)
    await made(maas, deployment="green")
    await maas.endpoints.delete("own", deployment="green")
    found = await maas.endpoints.get("own")
    assert isinstance(found, OnlineEndpoint)
    assert [each.name for each in found.deployments] == ["main"]


async def test_the_online_endpoint_that_serves_a_model_is_found(maas: Resources, tuned: Tuned) -> None:
    job = await tuned()
    await made(maas, model=job.output_model)
    found = await maas.endpoints.serving(job.output_model or "")
    assert found is not None
    assert found.name == "own"


async def test_an_endpoint_of_tokens_is_asked_with_a_token(maas: Resources, maas_server: Server) -> None:
    await made(maas, auth_mode="aml_token")
    token = await maas.endpoints.token("own")
    assert token.token not in repr(token)
    assert token.expires is not None
    assert token.refresh_after is not None
    assert token.refresh_after < token.expires
    with pytest.raises(BadRequest, match=r"endpoints\.token\('own'\) returns one"):
        await maas.endpoints.keys("own")


async def test_an_entra_endpoint_needs_no_key(maas: Resources, maas_server: Server) -> None:
    await made(maas, auth_mode="aad_token")
    assert (await maas.chat.complete("own", "Hello")).text
    assert sent(maas_server, "online_endpoints.list_keys") == []


async def test_a_key_is_replaced_without_sending_the_old_one(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    before = await maas.endpoints.keys("own")
    after = await maas.endpoints.regenerate_key("own")
    assert before.primary != after.primary
    assert before.secondary == after.secondary
    assert sent(maas_server, "online_endpoints.regenerate_keys")[0]["request_body"] == {"keyType": "Primary"}
    assert (await maas.chat.complete("own", "Hello")).text


NO_CHAT = {"status": 424, "headers": {"ms-azureml-model-error-statuscode": "404"}, "body": {"detail": "Not Found"}}


@pytest.mark.parametrize("answer", [{"output": "Yes"}, [{"0": "Yes"}], {"output": "Yes", "finish_reason": "stop"}])
async def test_a_container_with_the_scoring_route_only_answers(
    maas: Resources, maas_server: Server, answer: object
) -> None:
    maas_server.fault(operation="scoring.chat", count=None, **NO_CHAT)
    maas_server.fault(operation="scoring.score", status=200, body=answer, count=None)
    await made(maas)
    completion = await maas.chat.complete("own", "Hello", max_tokens=5, temperature=0)
    assert (completion.text, completion.finish_reason) == ("Yes", "stop")
    assert "".join([chunk.text for chunk in await collect(maas.chat.stream("own", "Hello"))]) == "Yes"
    asked = sent(maas_server, "scoring.score")[1]["request_body"]
    assert asked["input_data"]["input_string"] == [{"role": "user", "content": "Hello"}]
    assert asked["input_data"]["parameters"] == {"max_new_tokens": 5, "do_sample": False}
    assert len(sent(maas_server, "scoring.chat")) == 1  # what a container lacks is asked for once


async def test_an_empty_answer_is_an_error_and_not_an_answer(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    maas_server.fault(operation="scoring.chat", count=None, **NO_CHAT)
    maas_server.fault(operation="scoring.score", status=200, body={}, count=None)
    with pytest.raises(UnexpectedReply, match=r"answered 200 with an empty object.*maas endpoints logs"):
        await maas.chat.complete("own", "Hello")
    with pytest.raises(UnexpectedReply, match="answered 200 with an empty object"):
        await collect(maas.chat.stream("own", "Hello"))
    with pytest.raises(UnexpectedReply):
        await maas.endpoints.wait("own")


async def test_tools_need_a_container_that_knows_them(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    maas_server.fault(operation="scoring.chat", count=None, **NO_CHAT)
    with pytest.raises(InvalidInput, match="has only the route /score, which takes no response_format"):
        await maas.chat.complete("own", "Hello", response_format="json_object")


@pytest.mark.parametrize(
    ("form", "text"), [("earlier", "answer 7"), ("list", "answer 7"), ("empty", None), ("error", None)]
)
async def test_each_form_of_the_images_answers_is_read(
    maas: Resources, maas_server: Server, tuned: Tuned, form: str, text: str | None
) -> None:
    job = await tuned()
    await made(maas, model=job.output_model)
    maas_server.fault(operation="scoring.chat", count=None, **NO_CHAT)
    maas_server.fault(operation="scoring.score", scoring=form, count=None)
    if text is None:
        with pytest.raises(UnexpectedReply, match="answered 200 with an"):
            await maas.chat.complete("own", "question 7")
        return
    assert (await maas.chat.complete("own", "question 7")).text == text


async def test_the_gateways_refusals_are_typed_with_what_to_do(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    for refusal, kind, why in (
        ("unrouted", NotFound, r"maas endpoints traffic NAME DEPLOYMENT=100"),
        ("crash", BadRequest, "maas endpoints logs NAME"),
    ):
        maas_server.fault(operation="scoring.chat", scoring=refusal)
        with pytest.raises(kind, match=why):
            await maas.chat.complete("own", "Hello")
    maas_server.fault(operation="scoring.chat", scoring="slow")
    with pytest.raises(ServiceUnavailable):
        await maas.chat.complete("own", "Hello")
    maas_server.fault(operation="scoring.chat", scoring="busy")
    assert (await maas.chat.complete("own", "Hello")).text  # it was not processed, so it is asked again
    assert sent(maas_server, "scoring.score") == []


async def test_a_refusal_of_the_container_has_its_status(maas: Resources, maas_server: Server) -> None:
    await made(maas)
    headers = {"ms-azureml-model-error-statuscode": "400", "ms-azureml-model-error-reason": "model_error"}
    body = {"error": {"message": "This model's maximum context length is 4096 tokens."}}
    maas_server.fault(operation="scoring.chat", status=424, headers=headers, body=body, count=None)
    with pytest.raises(BadRequest, match=r"maximum context length.*container answered 400") as caught:
        await maas.chat.complete("own", "Hello")
    assert caught.value.model_status == 400
    assert sent(maas_server, "scoring.score") == []


async def test_without_traffic_the_error_says_what_to_do(maas: Resources) -> None:
    await made(maas)
    await maas.endpoints.traffic("own", {"main": 0})
    with pytest.raises(NotFound, match=r"maas endpoints traffic NAME DEPLOYMENT=100"):
        await maas.chat.complete("own", "Hello")


async def test_an_evaluation_asks_an_online_endpoint(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.fault(operation="scoring.chat", count=None, **NO_CHAT)
    await made(maas)
    evaluation = await maas.evals.run(["own"], rows, rows=3)
    assert [answer.error for row in evaluation.rows for answer in row.answers] == ["", "", ""]


async def test_the_probe_pauses_as_for_any_endpoint(maas: Resources, maas_server: Server, clock: Clock) -> None:
    maas_server.fault(operation="scoring.chat", status=503, count=2)
    assert (await made(maas)).is_online
    assert clock.naps[-1] >= 6


LOST: list[dict[str, Any]] = [{"drop": "after"}, {"drop": "headers"}, {"drop": "before"}]


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("operation", ["online_endpoints.put", "online_deployments.put"])
async def test_a_lost_reply_makes_one_endpoint_and_deployment(
    maas: Resources, maas_server: Server, operation: str, lost: dict[str, Any]
) -> None:
    maas_server.fault(operation=operation, **lost)
    endpoint = await made(maas)
    assert (endpoint.is_online, len(endpoint.deployments)) == (True, 1)
    worked = [entry["worked"] for entry in sent(maas_server, operation) if entry["worked"]]
    assert worked.count(201) == 1
    assert maas_server.verdict()["verdict"] == "clean"
