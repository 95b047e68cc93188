"""openai's asynchronous client does the whole job, also where an application runs several at once."""

import asyncio

import openai

from tests.foundry_judges.account import ANSWER, Account
from tests.foundry_judges.training import ask, train_async


def test_async_openai_trains_deploys_and_chats(account: Account) -> None:
    async def whole_job() -> None:
        async with openai.AsyncOpenAI(api_key=account.key(), base_url=account.v1, max_retries=0) as client:
            first, second = await asyncio.gather(train_async(client), train_async(client))
            await asyncio.to_thread(account.deploy, first, "first")
            await asyncio.to_thread(account.deploy, second, "second")
            answers = [await ask(client, name) for name in ("first", "second")]
        assert answers == [ANSWER, ANSWER]

    asyncio.run(whole_job())


def test_async_openai_asks_for_its_token_once_a_request(account: Account) -> None:
    asked: list[str] = []

    async def token() -> str:
        asked.append("token")
        return "token"

    async def list_jobs() -> None:
        async with openai.AsyncOpenAI(api_key=token, base_url=account.v1, max_retries=0) as client:
            assert [job async for job in client.fine_tuning.jobs.list()] == []

    asyncio.run(list_jobs())
    assert asked == ["token"]
