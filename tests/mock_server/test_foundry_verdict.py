"""What the verdict says of clients of Foundry: keys in the wrong place, jobs made twice, retries."""

from collections.abc import Iterator

import httpx
import pytest

from tests.mock_server.foundry_driver import Foundry
from tests.mock_server.foundry_resource import Resource

MESSAGES = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def resource(foundry: Foundry) -> Iterator[Resource]:
    """Return the account in Resource Manager."""
    resource = Resource(foundry.server)
    yield resource
    resource.close()


def charges(foundry: Foundry) -> list[str]:
    """Return the names of the charges against this client."""
    return [str(one["charge"]) for one in foundry.server.verdict()["charges"]]


def chat(foundry: Foundry) -> httpx.Response:
    """Send a chat, always the same."""
    return foundry.post("/chat/completions", {"model": "dep", "messages": MESSAGES})


@pytest.mark.parametrize("as_token", [False, True])
def test_a_key_sent_to_resource_manager_is_a_charge(foundry: Foundry, resource: Resource, as_token: bool) -> None:
    key = resource.key()
    foundry.http.headers["api-key"] = key
    foundry.get("/files")
    assert charges(foundry) == []
    resource.arm("GET", headers={"Authorization": f"Bearer {key}"} if as_token else {"api-key": key})
    assert charges(foundry) == ["credentials sent where they don't belong"]


def test_a_token_for_both_sides_of_an_account_is_no_charge(foundry: Foundry, resource: Resource) -> None:
    with httpx.Client(base_url=foundry.server.endpoint, headers={"Authorization": "Bearer token"}) as http:
        http.get("/openai/v1/files")
    resource.arm("GET")
    assert charges(foundry) == []


def test_a_job_repeated_after_a_lost_reply_is_made_twice(foundry: Foundry) -> None:
    body = foundry.job_body(foundry.file())
    foundry.server.fault(operation="foundry.jobs.create", drop="after")
    with pytest.raises(httpx.RemoteProtocolError):
        foundry.post("/fine_tuning/jobs", body)
    assert charges(foundry) == []
    foundry.post("/fine_tuning/jobs", body)
    assert charges(foundry) == ["retried what must not be retried", "created twice"]


def test_waiting_for_a_deployment_to_answer_is_no_charge(foundry: Foundry, resource: Resource) -> None:
    resource.deploy()
    for seconds in (3, 2, 2):
        assert chat(foundry).status_code == 404
        resource.server.advance(seconds)
    assert chat(foundry).status_code == 200
    assert charges(foundry) == []


def test_repeating_a_filtered_prompt_is_a_charge(foundry: Foundry, resource: Resource) -> None:
    resource.server.fault(deployment="instant")
    resource.server.fault(chat="filtered", count=2)
    resource.deploy()
    for _ in range(2):
        assert chat(foundry).status_code == 400
    assert charges(foundry) == ["retried what must not be retried"]


def lose(foundry: Foundry, operation: str) -> None:
    """Lose the reply to the next request of an operation, which is carried out."""
    foundry.server.fault(operation=operation, status=500, carried_out=True)


@pytest.mark.parametrize("looks", [True, False])
def test_a_creation_is_repeated_only_after_a_look(foundry: Foundry, looks: bool) -> None:
    body = foundry.job_body(foundry.file())
    foundry.server.fault(operation="foundry.jobs.create", status=500)
    for _ in range(2):
        foundry.post("/fine_tuning/jobs", body)
        if looks:
            foundry.get("/fine_tuning/jobs")
        foundry.server.advance(10)
    assert charges(foundry) == ([] if looks else ["retried what must not be retried"])


@pytest.mark.parametrize("what", ["jobs", "files"])
def test_two_of_the_same_after_a_lost_reply_are_a_charge(foundry: Foundry, what: str) -> None:
    body = foundry.job_body(foundry.file())
    lose(foundry, f"foundry.{what}.create")
    statuses: list[int] = []
    for _ in range(2):
        answer = foundry.post("/fine_tuning/jobs", body) if what == "jobs" else foundry.upload(b"{}")
        statuses.append(answer.status_code)
        foundry.get("/fine_tuning/jobs" if what == "jobs" else "/files")
        foundry.server.advance(10)
    assert statuses == [500, 200]
    assert charges(foundry) == ["created twice"]


def test_another_job_after_a_lost_reply_and_a_look_is_right(foundry: Foundry) -> None:
    body = foundry.job_body(foundry.file())
    lose(foundry, "foundry.jobs.create")
    foundry.post("/fine_tuning/jobs", body)
    foundry.get("/fine_tuning/jobs")
    foundry.server.advance(10)
    assert foundry.post("/fine_tuning/jobs", {**body, "suffix": "other"}).status_code == 200
    assert charges(foundry) == []
