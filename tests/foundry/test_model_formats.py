"""How a deployment names a model: found in the account, never guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from support import FakeService

from maas_client.azure.credentials import Tokens, default_credential
from maas_client.errors import InvalidInput, NotFound
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.model_formats import DeployableModel, ModelFormats
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.wire import Wire

HEX = "0123456789abcdef0123456789abcdef"
Answers = dict[str, Any]


@pytest.fixture
def formats(wire: Wire, service: FakeService) -> Callable[[Answers], ModelFormats]:
    """Find formats in an account that answers with these documents, by the end of their path."""

    def of(answers: Answers) -> ModelFormats:
        def answer(request: httpx.Request) -> httpx.Response:
            found = next((body for path, body in answers.items() if request.url.path.endswith(path)), None)
            return httpx.Response(404 if found is None else 200, json=found or {"error": {"code": "notFound"}})

        service.answer = answer
        settings = resolve_foundry(foundry_endpoint="http://127.0.0.1:9", environ={})
        tokens = Tokens(wire, lambda: default_credential(settings))
        return ModelFormats(FoundryConnection(Channel(wire, settings.trust), settings, tokens))

    return of


def rows(*listed: tuple[str, str, str], **more: Any) -> Answers:
    """The account's list of models."""
    return {
        "/models": {
            "value": [{"name": name, "version": version, "format": form, **more} for name, version, form in listed]
        }
    }


def job(options: Any) -> Answers:
    """The job that has made the tuned model, with what its metadata offers."""
    return {f"/jobs/ftjob-{HEX}": {"id": f"ftjob-{HEX}", "metadata": {"deployment_options": options}}}


@pytest.mark.parametrize(
    "options",
    [
        [{"format": "Mistral AI"}],
        [{"sku": "x"}, {"format": "Mistral AI"}],
        {"format": "Mistral AI"},
        json.dumps([{"format": "Mistral AI"}]),
    ],
)
async def test_the_job_says_the_format(formats: Callable[[Answers], ModelFormats], options: Any) -> None:
    found = await formats(job(options)).find(f"Ministral-3B.ft-{HEX}-shop", None)
    assert found == DeployableModel(f"Ministral-3B.ft-{HEX}-shop", "1", "Mistral AI", "Ministral-3B")
    assert found.is_open


@pytest.mark.parametrize("options", [None, [], "no JSON", [1, None], 7])
async def test_else_the_list_of_models_says_it(formats: Callable[[Answers], ModelFormats], options: Any) -> None:
    answers = job(options) | rows(("gpt-4.1-mini", "2025-04-14", "OpenAI"), ("Ministral-3B", "2411", "Mistral AI"))
    assert (await formats(answers).find(f"ministral-3b.ft-{HEX}", None)).format == "Mistral AI"


async def test_a_given_format_is_taken_without_a_request(
    formats: Callable[[Answers], ModelFormats], service: FakeService
) -> None:
    found = await formats({}).find(f"Qwen3-32B.ft-{HEX}", "Alibaba")
    assert (found.format, found.version) == ("Alibaba", "1")
    assert service.asked == []


async def test_formats_that_disagree_are_not_chosen_from(formats: Callable[[Answers], ModelFormats]) -> None:
    answers = rows(("gpt-oss-20b", "11", "Microsoft"), ("gpt-oss-20b", "11", "OpenAI-OSS"))
    with pytest.raises(InvalidInput, match=r"lists gpt-oss-20b with Microsoft and OpenAI-OSS: choose one"):
        await formats(answers).find(f"gpt-oss-20b.ft-{HEX}", None)


async def test_a_row_that_can_be_tuned_decides(formats: Callable[[Answers], ModelFormats]) -> None:
    answers = rows(("gpt-oss-20b", "11", "Microsoft"))
    answers["/models"]["value"] += rows(("gpt-oss-20b", "11", "OpenAI-OSS"), finetuneCapabilities={"fineTune": "true"})[
        "/models"
    ]["value"]
    assert (await formats(answers).find(f"gpt-oss-20b.ft-{HEX}", None)).format == "OpenAI-OSS"


async def test_an_unknown_format_is_asked_for(formats: Callable[[Answers], ModelFormats]) -> None:
    with pytest.raises(InvalidInput, match=r"the model format of Nova-1 is not known.*--model-format"):
        await formats(rows()).find(f"Nova-1.ft-{HEX}", None)


async def test_a_base_model_has_the_version_of_its_id(formats: Callable[[Answers], ModelFormats]) -> None:
    answers = rows(
        ("gpt-4.1", "2025-04-14", "OpenAI"), ("gpt-4.1", "2026-01-01", "OpenAI"), ("Phi-4", "7", "Microsoft")
    )
    found = await formats(answers).find("GPT-4.1-2026-01-01", None)
    assert (found.name, found.version, found.is_open) == ("gpt-4.1", "2026-01-01", False)
    assert (await formats(answers).find("phi-4", None)).version == "7"
    with pytest.raises(NotFound, match="the account's list of models has no such model"):
        await formats(answers).find("gpt-9", None)


async def test_a_checkpoint_is_found_through_the_jobs(formats: Callable[[Answers], ModelFormats]) -> None:
    name = f"gpt-4.1-mini-2025-04-14.ft-{HEX}:ckpt-step-10"
    listed = {"id": "ftchkpt-1", "fine_tuned_model_checkpoint": name}
    answers = {
        f"/jobs/ftjob-{HEX}/checkpoints": {"data": [listed], "has_more": False},
        f"/jobs/ftjob-{HEX}": {"id": f"ftjob-{HEX}", "model": "gpt-4.1-mini-2025-04-14"},
        "/jobs": {"data": [{"id": f"ftjob-{HEX}", "model": "gpt-4.1-mini-2025-04-14"}], "has_more": False},
        **rows(("gpt-4.1-mini", "2025-04-14", "OpenAI")),
    }
    wanted = DeployableModel("ftchkpt-1", "1", "OpenAI", "gpt-4.1-mini-2025-04-14")
    assert await formats(answers).find("ftchkpt-1", None) == wanted
    assert await formats(answers).find(name, None) == wanted
    with pytest.raises(NotFound, match="no job of the account has this checkpoint"):
        await formats(answers).find(name.replace("step-10", "step-20"), None)


async def test_a_job_with_an_id_of_openais_is_not_looked_for(
    formats: Callable[[Answers], ModelFormats], service: FakeService
) -> None:
    answers = rows(("gpt-4.1", "2025-04-14", "OpenAI"))
    assert (await formats(answers).find("gpt-4.1-2025-04-14.ft-AbCdEf123", None)).format == "OpenAI"
    assert not any("/jobs/" in request.url.path for request in service.asked)
