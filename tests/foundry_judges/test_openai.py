"""openai does the whole job on the account's v1 base and on its dated one: files, job, events, checkpoints, chat."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import openai
import pytest
from azure.identity import get_bearer_token_provider

from maas_client.webhooks import verify
from tests.foundry_judges.account import ANSWER, MODEL, QUESTION, TRAINING, Account, Token
from tests.foundry_judges.training import train
from tests.mock_server.webhook_receiver import Receiver


@pytest.fixture(params=["v1", "dated"])
def client(request: pytest.FixtureRequest, account: Account) -> Iterator[openai.OpenAI]:
    """Give openai's client with the account's key, or that of Azure OpenAI with a dated api-version."""
    if request.param == "v1":
        client = openai.OpenAI(api_key=account.key(), base_url=account.v1, max_retries=0)
    else:
        client = openai.AzureOpenAI(
            api_key=account.key(),
            azure_endpoint=account.server.endpoint,
            api_version="2025-04-01-preview",
            max_retries=0,
        )
    with client:
        yield client


def test_openai_trains_deploys_and_chats(client: openai.OpenAI, account: Account) -> None:
    job = train(client)
    assert job.status == "succeeded"
    assert job.metadata is not None
    assert job.metadata["run"] == "r1"
    assert job.fine_tuned_model is not None
    messages = [event.message for event in client.fine_tuning.jobs.list_events(job.id, limit=50)]
    assert "Job succeeded." in messages
    steps = [point.step_number for point in client.fine_tuning.jobs.checkpoints.list(job.id)]
    assert steps == sorted(steps, reverse=True)
    assert len(steps) == 2
    result = client.files.content(job.result_files[0]).read()
    assert result.lstrip(b"\xef\xbb\xbf").startswith(b"step,train_loss")
    account.deploy(job.fine_tuned_model)
    answer = client.chat.completions.create(model="dep", messages=[{"role": "user", "content": QUESTION}])
    assert answer.choices[0].message.content == ANSWER
    with client.chat.completions.create(
        model="dep",
        messages=[{"role": "user", "content": QUESTION}],
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == ANSWER
    assert chunks[-1].usage is not None
    response = client.responses.create(model="dep", input=QUESTION)
    assert response.output_text == ANSWER


def test_openai_lists_jobs_and_files_page_by_page(client: openai.OpenAI) -> None:
    files = [client.files.create(file=TRAINING, purpose="fine-tune").id for _ in range(3)]
    for file in files:
        client.files.wait_for_processing(file, poll_interval=0.001)
    jobs = [
        client.fine_tuning.jobs.create(
            model=MODEL, training_file=file, extra_body={"trainingType": "GlobalStandard"}
        ).id
        for file in files
    ]
    cancelled = client.fine_tuning.jobs.cancel(jobs[0])
    assert cancelled.status == "cancelled"
    assert sorted(one.id for one in client.fine_tuning.jobs.list(limit=2)) == sorted(jobs)
    assert {one.id for one in client.files.list(purpose="fine-tune")} >= set(files)
    client.files.delete(files[0])
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(files[0])


def test_openai_streams_a_response_and_deletes_it(client: openai.OpenAI, account: Account) -> None:
    job = train(client)
    account.deploy(str(job.fine_tuned_model))
    with client.responses.stream(model="dep", input=QUESTION) as stream:
        for _ in stream:
            pass
        final = stream.get_final_response()
    assert final.output_text == ANSWER
    assert client.responses.retrieve(final.id).output_text == ANSWER
    client.responses.delete(final.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(final.id)


def test_openai_raises_its_own_exceptions(client: openai.OpenAI, account: Account) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="none", messages=[{"role": "user", "content": "x"}])
    assert missing.value.code == "DeploymentNotFound"
    with pytest.raises(openai.BadRequestError, match="training_file"):
        client.fine_tuning.jobs.create(
            model=MODEL, training_file="file-0", extra_body={"trainingType": "GlobalStandard"}
        )
    account.server.fault(operation="foundry.files.list", status=429, retry_after=0, body={"error": {"code": "429"}})
    with pytest.raises(openai.RateLimitError):
        client.files.list()


def test_openai_sends_the_tokens_of_azure_identity(account: Account) -> None:
    token, scope = Token(), "https://ai.azure.com/.default"
    provider = get_bearer_token_provider(token, scope)
    by_version = openai.OpenAI(api_key=provider, base_url=account.v1, max_retries=0)
    by_date = openai.AzureOpenAI(
        azure_ad_token_provider=provider,
        azure_endpoint=account.server.endpoint,
        api_version="2024-10-21",
        max_retries=0,
    )
    for client in (by_version, by_date):
        with client:
            assert list(client.fine_tuning.jobs.list()) == []
    assert set(token.scopes) == {scope}
    assert account.server.verdict()["verdict"] == "clean"


def test_openai_makes_two_jobs_after_a_lost_reply(client: openai.OpenAI, account: Account) -> None:
    file = client.files.create(file=TRAINING, purpose="fine-tune")
    client.files.wait_for_processing(file.id, poll_interval=0.001)
    account.server.fault(operation="foundry.jobs.create", drop="after")
    retrying = client.with_options(max_retries=2)
    retrying.fine_tuning.jobs.create(model=MODEL, training_file=file.id, extra_body={"trainingType": "GlobalStandard"})
    assert len(list(client.fine_tuning.jobs.list())) == 2
    assert "created twice" in [one["charge"] for one in account.server.verdict()["charges"]]


def test_openai_reports_an_error_in_the_middle_of_a_stream(client: openai.OpenAI, account: Account) -> None:
    job = train(client)
    account.deploy(str(job.fine_tuned_model))
    account.server.fault(chat="broken")
    stream = client.chat.completions.create(model="dep", messages=[{"role": "user", "content": QUESTION}], stream=True)
    with stream, pytest.raises(openai.APIError, match="had an error while processing"):
        list(stream)


def test_openai_and_our_client_accept_the_server_s_webhooks(account: Account) -> None:
    with (
        closing(Receiver()) as receiver,
        openai.OpenAI(api_key=account.key(), base_url=account.v1, max_retries=0) as client,
    ):
        kinds: Any = ["fine_tuning.job.succeeded"]  # Any: Azure's types are not among those that openai lists
        made = client.webhooks.create(name="hook", url=receiver.url, event_types=kinds)
        job = train(client)
        headers, body = receiver.next()
        event = client.webhooks.unwrap(body, headers, secret=made.signing_secret)
        assert (event.type, event.data.id) == ("fine_tuning.job.succeeded", job.id)  # type: ignore[union-attr] # pyright: ignore[reportAttributeAccessIssue] - of the kind that the type names
        assert verify(headers, body, made.signing_secret, now=float(headers["webhook-timestamp"])).type == event.type


def test_openai_manages_webhook_endpoints(account: Account) -> None:
    with openai.OpenAI(api_key=account.key(), base_url=account.v1, max_retries=0) as client:
        made = client.webhooks.create(
            name="hook",
            url="https://example.com/hook",
            event_types=["fine_tuning.job.succeeded"],  # pyright: ignore[reportArgumentType] - Azure's types are not among those that openai lists
        )
        assert made.signing_secret.startswith("whsec_")
        assert [one.id for one in client.webhooks.list()] == [made.id]
        assert client.webhooks.update(made.id, name="other").name == "other"
        assert client.webhooks.delete(made.id).deleted is True
