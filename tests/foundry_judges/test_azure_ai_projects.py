"""azure-ai-projects reaches a project: its OpenAI client does the whole job, and it lists the account's deployments."""

import asyncio

import pytest
from azure.ai.projects import AIProjectClient
from azure.ai.projects.aio import AIProjectClient as AsyncAIProjectClient
from azure.ai.projects.models import ModelDeployment
from azure.core.exceptions import ResourceNotFoundError

from tests.foundry_judges.account import ANSWER, FORMAT, QUESTION, Account, AsyncToken, Token
from tests.foundry_judges.training import ask, train, train_async

SCOPE = "https://ai.azure.com/.default"


def test_a_project_client_trains_deploys_and_chats(account: Account) -> None:
    token = Token()
    with (
        AIProjectClient(account.project, token, connection_verify=str(account.server.ca)) as project,
        project.get_openai_client() as client,
    ):
        job = train(client)
        account.deploy(str(job.fine_tuned_model))
        answer = client.chat.completions.create(model="dep", messages=[{"role": "user", "content": QUESTION}])
        assert answer.choices[0].message.content == ANSWER
        (listed,) = project.deployments.list()
        assert isinstance(listed, ModelDeployment)
        assert (listed.name, listed.model_name) == ("dep", job.fine_tuned_model)
        assert (listed.model_publisher, listed.sku.name, listed.sku.capacity) == (FORMAT, "GlobalStandard", 100)
        assert list(project.deployments.list(model_name="other")) == []
        assert project.deployments.get("dep").name == "dep"
        with pytest.raises(ResourceNotFoundError):
            project.deployments.get("other")
    assert set(token.scopes) == {SCOPE}
    assert all("/api/projects/demo/" in entry["url"] for entry in account.server.requests() if "files" in entry["url"])


def test_an_async_project_client_trains_deploys_and_chats(account: Account) -> None:
    async def whole_job() -> None:
        async with (
            AsyncAIProjectClient(account.project, AsyncToken(), connection_verify=str(account.server.ca)) as project,
            project.get_openai_client() as client,
        ):
            model = await train_async(client)
            await asyncio.to_thread(account.deploy, model)
            assert await ask(client, "dep") == ANSWER
            assert [one.name async for one in project.deployments.list()] == ["dep"]
            assert (await project.deployments.get("dep")).name == "dep"

    asyncio.run(whole_job())
