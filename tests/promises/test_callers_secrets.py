"""What a caller hands in, and what the service gives or repeats, is in nothing that anybody could read of an error."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import logging
import pickle
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import asdict, replace
from inspect import signature
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
import pytest
from support import Clock, FakeService, make_wire

from maas_client import AsyncMaasClient, Dataset, Endpoint, Job, MaasClient, MaasError, RunDetails
from maas_client.core.blocking import run
from maas_client.core.secret_arguments import takes_secrets
from maas_client.core.secret_text import SecretText
from maas_client.errors import (
    CredentialError,
    InvalidInput,
    PermissionDenied,
    ServiceError,
    StreamInterrupted,
    UnexpectedReply,
)
from maas_client.jobs.spec import JobSpec
from maas_client.wire import AsyncWire, BlockingWire
from tests.promises.canaries import everything_of

KEY = "CANARY-key+0123456789/abc=def"
SIGNATURE = "CANARY+signature/0123456789="
SOURCE = f"https://files.test/train.jsonl?sv=1&sig={quote(SIGNATURE, safe='')}"
AMAZON = f"https://files.test/train.jsonl?X-Amz-Signature={quote(SIGNATURE, safe='')}"
TOKEN = "CANARY-token.0123456789_abcdef"
ENDPOINT = Endpoint(name="e", scoring_url="https://e.eastus2.models.ai.azure.com")
Act = Callable[[Any], Any]


class Credential:
    """Hands out one token."""

    def get_token(self, *_scopes: str, **_options: object) -> Any:
        from azure.core.credentials import AccessToken

        return AccessToken(TOKEN, 1 << 40)


def failure(kind: str, service: FakeService, act: Act, credential: Any = None) -> BaseException:
    """Do something with a client of either kind, to the end of what it yields; return what it raised."""
    clock, transport = Clock(), httpx.MockTransport(service)
    options: dict[str, Any] = {
        "subscription_id": "s",
        "resource_group": "g",
        "workspace": "w",
        "endpoint": "https://management.azure.com",
        "credential": credential or Credential(),
    }
    wire = make_wire(kind, clock, transport)
    try:
        if isinstance(wire, BlockingWire):
            _at_once(act, MaasClient(**options, wire=wire))
        elif isinstance(wire, AsyncWire):
            asyncio.run(_on_a_loop(act, AsyncMaasClient(**options, wire=wire)))
    except BaseException as error:  # whatever it is, its secrets are looked for
        return error
    raise AssertionError("nothing was raised")


def _at_once(act: Act, client: MaasClient) -> None:
    with client as maas:
        found = act(maas)
        if isinstance(found, Iterator):
            list(cast("Iterator[object]", found))


async def _on_a_loop(act: Act, client: AsyncMaasClient) -> None:
    async with client as maas:
        found = act(maas)
        if isinstance(found, Awaitable):
            await cast("Awaitable[object]", found)
        else:
            async for _ in found:
                pass


def spellings(secret: str) -> set[str]:
    """Return a secret as it is, and in every encoding that a service may repeat it in."""
    quoted = quote(secret, safe="")
    return {
        secret,
        quoted,
        quote(quoted),
        re.sub("%..", lambda octet: octet[0].lower(), quoted),
        secret.replace("/", "\\/"),
        "".join(f"\\u{ord(one):04X}" if one in "+/=" else one for one in secret),
        "".join(f"&#{ord(one)};" if one in "+/=" else one for one in secret),
        *encoded(secret),
    }


def encoded(secret: str) -> list[str]:
    """Return base64 with a secret inside, at each place in a group of three."""
    return [base64.b64encode(before + secret.encode() + b":").decode() for before in (b"", b"x", b"xy")]


def leaks(error: BaseException, *secrets: str) -> list[str]:
    """Return what is left of the secrets in all that could be read of an error."""
    text = everything_of(error, __file__, asyncio.runners.__file__, asyncio.base_events.__file__)
    parts = [part for secret in secrets for part in (*spellings(secret), *(each[4:-4] for each in encoded(secret)))]
    found = [part for part in parts if part in text]
    return [f"{text[max(0, text.index(spelt) - 200) : text.index(spelt) + 40]!r}" for spelt in found]


def broken(*pieces: bytes) -> httpx.Response:
    """Give an answer that breaks off."""

    def body() -> Iterator[bytes]:
        yield from pieces
        raise httpx.ReadError("cut")

    class Both(httpx.SyncByteStream, httpx.AsyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            return body()

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in body():
                yield piece

    return httpx.Response(401, stream=Both())


def echo(request: httpx.Request, status: int, secret: str) -> httpx.Response:
    """Repeat a secret wherever a service can."""
    spelled = {spelling: spelling for spelling in spellings(secret)}
    error = {"code": secret, "message": f"what is {secret}?", "details": [{"message": quote(secret)}], **spelled}
    headers = {"x-ms-request-id": secret, "x-ms-error-code": secret, "www-authenticate": f'Key realm="{secret}"'}
    return httpx.Response(status, json={"error": error}, headers=headers)


def refuse(secret: str) -> httpx.Response:
    raise httpx.ConnectError(f"no way to {secret}")


def interrupt(_: httpx.Request) -> httpx.Response:
    raise KeyboardInterrupt


ANSWERS: dict[str, Callable[[httpx.Request, str], httpx.Response]] = {
    "401": lambda request, secret: echo(request, 401, secret),
    "403": lambda request, secret: echo(request, 403, secret),
    "500": lambda request, secret: echo(request, 500, secret),
    "xml": lambda _, secret: httpx.Response(400, text=f"<Error><Code>{secret}</Code></Error>{secret}"),
    "utf-16": lambda _, secret: httpx.Response(400, content=json.dumps({"message": secret}).encode("utf-16")),
    "a page": lambda _, secret: httpx.Response(502, text=f"<title>no {secret}</title>"),
    "a word": lambda _, secret: httpx.Response(200, json=secret),
    "garbage": lambda _, secret: httpx.Response(200, content=b'{"x": "' + secret.encode()),
    "another type": lambda _, secret: httpx.Response(200, text="x", headers={"content-type": secret}),
    "cut": lambda _, secret: broken(b'{"error": "', secret.encode()),
    "no connection": lambda _, secret: refuse(secret),
    "Ctrl-C": lambda request, _: interrupt(request),
}
CALLS: dict[str, tuple[Act, str]] = {
    "complete": (lambda maas: maas.chat.complete(ENDPOINT, "hi", key=KEY), KEY),
    "stream": (lambda maas: maas.chat.stream(ENDPOINT, "hi", key=KEY), KEY),
    "copy": (lambda maas: maas.datasets.copy(SOURCE), SIGNATURE),
    "copy by name": (lambda maas: maas.datasets.copy(url=AMAZON, name="x"), SIGNATURE),
    "jobs": (lambda maas: maas.jobs.get("j"), TOKEN),
    "listing": (lambda maas: maas.jobs.list(), TOKEN),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("call", CALLS)
def test_no_response_puts_a_secret_into_an_error(
    kind: str, call: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    act, secret = CALLS[call]
    answered = ANSWERS[answer]
    service = FakeService(lambda request: answered(request, secret))
    with caplog.at_level(logging.DEBUG):
        error = failure(kind, service, act)
    assert leaks(error, KEY, SIGNATURE, TOKEN) == []
    assert not any(spelt in caplog.text for spelt in spellings(secret))
    if not isinstance(error, KeyboardInterrupt):
        assert isinstance(error, MaasError)


EVENTS = {
    "an error": f'data: {{"error": {{"message": "what is {KEY}?"}}}}\n\n',
    "no object": f'data: "{KEY}"\n\n',
    "no JSON": f"data: {KEY}\n\n",
    "the end is missing": f'data: {{"choices": [], "key": "{KEY}"}}\n\n',
    "a line without end": f"data: {KEY}{'x' * (2 << 20)}",
}


@pytest.mark.parametrize("events", EVENTS)
def test_a_stream_that_repeats_the_key_shows_it_in_no_error(kind: str, events: str) -> None:
    answer = httpx.Response(200, text=EVENTS[events], headers={"content-type": "text/event-stream"})
    error = failure(kind, FakeService(lambda _: answer), CALLS["stream"][0])
    assert isinstance(error, StreamInterrupted)
    assert leaks(error, KEY, TOKEN) == []


def test_an_answer_without_a_choice_shows_no_key(kind: str) -> None:
    error = failure(kind, FakeService(lambda _: httpx.Response(200, json={"for": KEY})), CALLS["complete"][0])
    assert isinstance(error, UnexpectedReply)
    assert leaks(error, KEY, TOKEN) == []


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_a_canceled_call_shows_no_key(stream: bool, steps: int) -> None:
    async def answer(_: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def canceled() -> BaseException:
        wire = AsyncWire(transport=httpx.MockTransport(answer))
        place = AsyncMaasClient(
            subscription_id="s", resource_group="g", workspace="w", credential=Credential(), wire=wire
        )
        async with place as maas:
            call = anext(maas.chat.stream(ENDPOINT, "hi", key=KEY)) if stream else None
            task = asyncio.ensure_future(call or maas.chat.complete(ENDPOINT, "hi", key=KEY))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(outcome, asyncio.CancelledError)
            return outcome

    assert leaks(asyncio.run(canceled()), KEY, TOKEN) == []


def test_a_key_is_hidden_wherever_it_stands_among_the_arguments() -> None:
    class Asked:
        async def ask(self, name: str, key: str | SecretText = "", *, other: str | SecretText = "") -> object:
            return name, key, other

    decorated = takes_secrets("key", "other")(Asked.ask)
    assert run(decorated(Asked(), "n", KEY, other=KEY)) == ("n", SecretText(KEY), SecretText(KEY))
    assert run(decorated(Asked(), "n", key=SecretText(KEY))) == ("n", SecretText(KEY), "")
    assert signature(decorated) == signature(Asked.ask)


@pytest.mark.parametrize("call", ["keys", "regenerate", "probe"])
@pytest.mark.parametrize("answer", ["cut", "words", "a list", "deep", "an error"])
def test_an_answer_that_holds_keys_is_not_kept(kind: str, call: str, answer: str) -> None:
    document = json.dumps({"primaryKey": KEY, "secondaryKey": KEY})
    answers = {
        "cut": httpx.Response(200, text=document[:-4]),
        "words": httpx.Response(200, text=f"your key is {KEY}"),
        "a list": httpx.Response(200, text=f"[{document}]"),
        "deep": httpx.Response(200, text='{"primaryKey":"' + KEY + '","x":' + "[" * 200 + "]" * 200 + "}"),
        "an error": httpx.Response(500, text=f"but the key is {KEY}"),
    }
    calls: dict[str, Act] = {
        "keys": lambda maas: maas.endpoints.keys("e"),
        "regenerate": lambda maas: maas.endpoints.regenerate_key("e"),
        "probe": lambda maas: maas.chat.complete(ENDPOINT, "hi"),
    }
    error = failure(kind, FakeService(lambda _: answers[answer]), calls[call])
    assert isinstance(error, ServiceError)
    assert error.body == b""
    assert leaks(error, KEY, TOKEN) == []


def test_a_failed_regeneration_keeps_nothing_of_the_key(kind: str) -> None:
    def service(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return httpx.Response(202, headers={"location": "https://management.azure.com/operations/1"})
        return httpx.Response(200, text=f'{{"primaryKey": "{KEY}')

    error = failure(kind, FakeService(service), lambda maas: maas.endpoints.regenerate_key("e", timeout=60.0))
    assert isinstance(error, MaasError)
    assert leaks(error, KEY, TOKEN) == []


DATASTORE = {
    "properties": {
        "accountName": "acct",
        "containerName": "c",
        "endpoint": "core.windows.net",
        "credentials": {"credentialsType": "Sas"},
    }
}


@pytest.mark.parametrize("secret", ["sasToken", "key", "neither"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_secret_of_the_datastore_is_in_no_error(kind: str, tmp_path: Path, secret: str, answer: str) -> None:
    account = base64.b64encode(b"CANARY of an account's key, 0123").decode()
    secrets = {"sasToken": f"sv=1&sig={quote(SIGNATURE, safe='')}", "key": account, "neither": "x"}
    sent = TOKEN if secret == "neither" else SIGNATURE if secret == "sasToken" else account

    def service(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/listSecrets"):
            return httpx.Response(200, json={secret: secrets[secret]})
        if "/datastores/" in request.url.path:
            return httpx.Response(200, json=DATASTORE)
        return ANSWERS[answer](request, sent)

    file = tmp_path / "train.jsonl"
    file.write_text("{}\n")
    error = failure(kind, FakeService(service), lambda maas: maas.datasets.upload(file, check=False))
    assert leaks(error, SIGNATURE, account, TOKEN) == []


class Failing:
    """A credential with a secret of its own, which it fails with in one way or another."""

    def __init__(self, how: str) -> None:
        self.how = how

    def get_token(self, *_scopes: str, **_options: object) -> Any:
        from azure.core.credentials import AccessToken

        secret = KEY
        if self.how == "raises":
            raise ValueError(f"no tenant {len(secret)}")
        if self.how == "is interrupted":
            raise KeyboardInterrupt
        return AccessToken(secret if self.how == "never ends" else f"{secret}\n", cast("int", "x"))


@pytest.mark.parametrize("how", ["raises", "is interrupted", "never ends", "hands out two lines"])
def test_a_failing_credential_reveals_none_of_its_content(kind: str, how: str) -> None:
    error = failure(kind, FakeService(), lambda maas: maas.jobs.get("j"), Failing(how))
    assert isinstance(error, KeyboardInterrupt if how == "is interrupted" else CredentialError)
    assert leaks(error, KEY) == []


@pytest.mark.parametrize("options", [{}, {"filename": "train.jsonl"}])
def test_a_signed_source_of_an_upload_is_in_no_error(kind: str, options: dict[str, str]) -> None:
    url = SOURCE.replace("https", "memory")
    error = failure(kind, FakeService(), lambda maas: maas.datasets.upload(url, **options))
    assert isinstance(error, InvalidInput)
    assert leaks(error, SIGNATURE) == []


def test_a_signed_log_address_is_in_no_value_of_the_job(kind: str) -> None:
    logs = {"user_logs/std_log.txt": f"https://acct.blob.core.windows.net/c/log?sv=1&sig={quote(SIGNATURE, safe='')}"}
    details = {"status": "Running", "logFiles": logs, "properties": {"log": logs}}

    def service(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/details"):
            return httpx.Response(200, json=details)
        if request.url.host == "acct.blob.core.windows.net":
            return ANSWERS["403"](request, SIGNATURE)
        return httpx.Response(200, json={"name": "w", "api": "https://eastus.api.azureml.ms", "properties": DISCOVERY})

    kept: list[RunDetails] = []

    def look(maas: Any) -> Any:
        if isinstance(maas, MaasClient):
            kept.append(maas.jobs.details("j"))
            return maas.jobs.logs("j")
        return _details_and_logs(maas, kept)

    error = failure(kind, FakeService(service), look)
    assert isinstance(error, PermissionDenied)
    assert leaks(error, SIGNATURE) == []
    (found,) = kept
    assert found.log_files == {"user_logs/std_log.txt": "https://acct.blob.core.windows.net/c/log?sv=1&sig=***"}
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    shown = f"{found!r} {asdict(found)}"
    assert not any(spelt in shown for spelt in spellings(SIGNATURE))


DISCOVERY = {"discoveryUrl": "https://eastus.api.azureml.ms/discovery"}


async def _details_and_logs(maas: AsyncMaasClient, kept: list[RunDetails]) -> None:
    kept.append(await maas.jobs.details("j"))
    async for _ in maas.jobs.logs("j"):
        pass


@pytest.mark.parametrize("kind_of_value", [Job, Endpoint, Dataset])
def test_a_value_read_from_a_document_has_no_signature(kind_of_value: type[Job | Endpoint | Dataset]) -> None:
    remembered = SecretText(TOKEN)
    document = {"name": "n", "id": SOURCE, "properties": {"a": [{"b": SOURCE}], "dataUri": SOURCE, "c": TOKEN}}
    value = kind_of_value.read(document)
    shown = f"{value!r} {value.raw} {value.model_dump()} {pickle.dumps(value)!r} {copy.deepcopy(value)!r}"
    assert not any(spelt in shown for secret in (SIGNATURE, TOKEN) for spelt in spellings(secret))
    assert remembered.reveal() == TOKEN
    assert value.raw["properties"]["a"] == [{"b": "https://files.test/train.jsonl?sv=1&sig=***"}]


@pytest.mark.parametrize("call", ["create", "create validated", "preview", "sweep", "workflow", "plan"])
def test_a_signed_address_as_training_data_is_in_no_error(kind: str, call: str, tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text('{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n' * 10)
    url = SOURCE.replace("https", "memory")
    spec = JobSpec(model="Phi-4-mini-instruct", training_data=url, hyperparameters={"num_train_epochs": 1})
    sweep = replace(spec, hyperparameters={"learning_rate": [0.1, 0.2]})
    calls: dict[str, Act] = {
        "create": lambda maas: maas.jobs.create(model=spec.model, training_data=url),
        "create validated": lambda maas: maas.jobs.create(model=spec.model, training_data=file, validation_data=url),
        "preview": lambda maas: maas.jobs.preview(spec),
        "sweep": lambda maas: maas.sweeps.run(sweep),
        "workflow": lambda maas: maas.workflow.run(spec),
        "plan": lambda maas: maas.sweeps.plan(sweep, prices=file),
    }

    def service(request: httpx.Request) -> httpx.Response:
        if "/versions" in request.url.path:
            return httpx.Response(200, json={"value": [{"name": "1", "properties": {}}], "name": "1", "properties": {}})
        return httpx.Response(200, json={"name": "w", "properties": DISCOVERY, **REGISTRY})

    error = failure(kind, FakeService(service), calls[call])
    assert isinstance(error, InvalidInput)
    assert leaks(error, SIGNATURE) == []


REGISTRY = {
    "primaryRegionResourceProviderUri": "https://cert-eastus.experiments.azureml.net",
    "subscriptionId": "s",
    "resourceGroup": "g",
}
