"""Promises 23 to 25: every address that the service names is checked, and no byte goes to a foreign host."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from support import Clock, FakeService, collect

from maas_client import Endpoint, MaasError, UnexpectedReply, UntrustedHost
from maas_client.azure.clouds import PUBLIC, trust_for
from maas_client.azure.settings import Settings
from maas_client.azure.signers import EndpointKey
from maas_client.client import Resources
from maas_client.core.http_messages import Request
from maas_client.core.secret_text import SecretText
from maas_client.foundry.settings import FoundrySettings
from maas_client.http.auth import Unsigned
from maas_client.http.channel import Channel
from maas_client.http.trusted_hosts import LONGEST_URL, Audience, Trust
from maas_client.wire import Wire
from tests.promises.credentials import NewTokens
from tests.promises.tape import ON_BOTH_WIRES, OPERATIONS, Player, Taped, tapes
from tests.promises.test_hostile_answers import paths, with_value


def elsewhere(address: str) -> str:
    """Return an address with a foreign host in the place of this machine."""
    return re.sub(r"127\.0\.0\.1:\d+", "evil.test", address)


def named_elsewhere(taped: Taped) -> Iterator[tuple[str, Taped]]:
    """Yield the answer once for each address in it, which leads elsewhere in that copy."""
    for name, header in taped.headers.items():
        if "://" in header:
            yield name, replace(taped, headers={**taped.headers, name: elsewhere(header)})
    document = taped.document()
    for path in paths(document):
        value: Any = document
        for key in path:
            value = value[key]
        if elsewhere(str(value)) != str(value) and isinstance(value, str):
            yield "/".join(map(str, path)), taped.with_document(with_value(document, path, elsewhere(value)))


FOLLOWED = {
    "properties/discoveryUrl",
    "api",
    "primaryRegionResourceProviderUri",
    "properties/accountName",
    "properties/inferenceEndpoint/uri",
    "azure-asyncoperation",
    "location",
    "logFiles/user_logs/std_log.txt",
}
"""Where the answers of the service name an address that is then asked for something."""


def refused_by(operation: str, kind: str) -> set[str]:
    """Let each address that an operation learns lead elsewhere; return the places of those that it refused."""
    refused: set[str] = set()
    for place, taped in enumerate(tapes().answers[operation]):
        for name, changed in named_elsewhere(taped):
            player = Player(tapes().answers[operation], {place: changed.response})
            try:
                tapes().play(operation, player, kind)
            except UntrustedHost:
                refused.add(name)
            except MaasError:  # a failed job, say, which is reported without the log, as that cannot be read
                pass
            assert {request.url.host for request in player.asked} == {"127.0.0.1"}
    return refused


def test_no_address_in_any_answer_leads_a_byte_elsewhere(kind: str) -> None:
    refused = {operation: refused_by(operation, kind) for operation in OPERATIONS if (operation, kind) in ON_BOTH_WIRES}
    assert set().union(*refused.values()) >= FOLLOWED
    assert refused["jobs.logs"] == {"properties/discoveryUrl", "api", "logFiles/user_logs/std_log.txt"}
    assert refused["endpoints.delete"] == refused["endpoints.regenerate_key"] == {"location"}
    assert refused["chat.stream"] == refused["chat.complete"] == {"properties/inferenceEndpoint/uri"}
    assert "properties/accountName" in refused["datasets.upload"]


GOOD = {
    Audience.ARM: "management.azure.com",
    Audience.ML: "eastus2.api.azureml.ms",
    Audience.BLOB: "acct.blob.core.windows.net",
    Audience.SCORING: "e.eastus2.models.ai.azure.com",
    Audience.FOUNDRY: "acct.services.ai.azure.com",
}


def trust_of(audience: Audience) -> Trust:
    """Return what a client trusts that sends requests to an audience."""
    if audience == Audience.FOUNDRY:
        return FoundrySettings(f"https://{GOOD[audience]}").trust
    return trust_for(PUBLIC, PUBLIC.resource_manager)


LOOK_ALIKES: Sequence[Callable[[str], str]] = (
    lambda good: f"https://{good}.evil.test/x",
    lambda good: f"https://{good}@evil.test/x",
    lambda good: f"https://{good}:443@evil.test/x",
    lambda good: f"https://user:pass@{good}/x",
    lambda good: f"https://evil.test@{good}/x",
    lambda good: f"https://evil.test#@{good}/x",
    lambda good: f"https://evil.test?@{good}/x",
    lambda good: f"https://evil.test/{good}",
    lambda good: f"https://evil.test\\@{good}/x",
    lambda good: f"https://evil.test\\.{good}/x",
    lambda good: f"https://{good}\\evil.test/x",
    lambda good: f"https://{good}\t.evil.test/x",
    lambda good: f"https://{good}\n/x",
    lambda good: f"\thttps://{good}/x",
    lambda good: f" https://{good}/x",
    lambda good: f"https://{good}\0.evil.test/x",
    lambda good: f"https://{good}:8443/x",
    lambda good: f"https://{good}:0/x",
    lambda good: f"https://{good}:443:80/x",
    lambda good: f"https://{good}:99999/x",
    lambda good: f"https://{good}:https/x",
    lambda good: f"https://{good}./x",
    lambda good: f"https://.{good}/x",
    lambda good: f"https://a..{good}/x",
    lambda good: f"https://evil.test%2f.{good}/x",
    lambda good: f"https://evil.test%00.{good}/x",
    lambda good: f"https://{good.replace('.', '%2e')}/x",
    lambda good: f"https://{good.replace('.', '。')}/x",
    lambda good: f"https://{good.replace('a', 'а', 1)}/x",
    lambda good: f"https://xn--{good.replace('a', '', 1)}-6ya/x",
    lambda good: f"https://[{good}]/x",
    lambda good: f"https://[::ffff:7f00:1].{good}/x",
    lambda good: "https://[::1]/x",
    lambda good: "https://[::1",
    lambda good: "https://127.0.0.1/x",
    lambda good: "https://2130706433/x",
    lambda good: "https://localhost.evil.test/x",
    lambda good: f"http://{good}/x",
    lambda good: f"HTTP://{good}/x",
    lambda good: f"ftp://{good}/x",
    lambda good: f"file://{good}/x",
    lambda good: f"javascript://{good}/x",
    lambda good: f"//{good}/x",
    lambda good: f"/{good}/x",
    lambda good: f"https:/{good}/x",
    lambda good: f"https:{good}/x",
    lambda good: f"https:///{good}/x",
    lambda good: f"{good}/x",
    lambda good: "",
    lambda good: f"https://{good}/" + "x" * LONGEST_URL,
)


WIRES_AROUND_WIRES = ("recording/recorder.py", "recording/replay_first.py", "verification/watching_wire.py")
"""They record, replay or check what another wire sends."""


@pytest.fixture
def settings() -> Settings:
    """A workspace in the cloud."""
    return Settings("sub-1", "group-1", "work-1")


@pytest.fixture
def maas(wire: Wire, settings: Settings, clock: Clock) -> Resources:
    """Every resource, on either wire, with a service that answers as the test says."""
    return Resources(wire, settings, NewTokens(clock))


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("look_alike", LOOK_ALIKES)
def test_a_lookalike_of_a_trusted_host_is_rejected(look_alike: Callable[[str], str], audience: Audience) -> None:
    with pytest.raises(UntrustedHost) as caught:
        trust_of(audience).check(look_alike(GOOD[audience]), audience)
    assert len(str(caught.value)) < 1000
    assert str(caught.value).isprintable() or "\n" in look_alike("") or "\t" in look_alike("")


@pytest.mark.parametrize("audience", Audience)
def test_the_trusted_host_may_have_any_case_and_its_port(audience: Audience) -> None:
    trust = trust_of(audience)
    for address in (f"HTTPS://{GOOD[audience].upper()}/x", f"https://{GOOD[audience]}:443/x?y=https://evil.test#z"):
        assert trust.check(address, audience) == address


@pytest.mark.parametrize("audience", Audience)
def test_no_audiences_host_is_anothers(audience: Audience) -> None:
    trust = trust_of(audience)
    for other in set(Audience) - {audience}:
        with pytest.raises(UntrustedHost):
            trust.check(f"https://{GOOD[other]}/x", audience)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1.evil.test/x",
        "http://localhost.evil.test/x",
        "http://127.0.0.1@evil.test/x",
        "http://localhost@10.0.0.1/x",
        "http://localhost\\@evil.test/x",
        "http://0.0.0.0/x",
        "http://[::]/x",
        "http://[fe80::1]/x",
        "http://169.254.169.254/metadata",
        "http://127.1/x",
        "http://2130706433/x",
        "http://0x7f000001/x",
        "http://evil.test/x",
        "ftp://127.0.0.1/x",
    ],
)
def test_only_a_loopback_literal_is_this_machine(address: str) -> None:
    for audience in Audience:
        with pytest.raises(UntrustedHost):
            trust_for(PUBLIC, "http://127.0.0.1:8765").check(address, audience)
        with pytest.raises(UntrustedHost):
            FoundrySettings("http://127.0.0.1:8765", endpoint="http://127.0.0.1:8765").trust.check(address, audience)


async def test_a_foreign_next_link_gets_no_byte(maas: Resources, service: FakeService) -> None:
    for look_alike in LOOK_ALIKES[:-2]:
        link = look_alike("management.azure.com")
        for listing in (maas.jobs.list, maas.endpoints.list):
            service.asked.clear()
            service.script(httpx.Response(200, json={"value": [], "nextLink": link}))
            with pytest.raises(UntrustedHost):
                await collect(listing())
            assert [request.url.host for request in service.asked] == ["management.azure.com"]


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
async def test_a_foreign_operation_gets_no_byte(maas: Resources, service: FakeService, header: str) -> None:
    for look_alike in (LOOK_ALIKES[0], LOOK_ALIKES[1], LOOK_ALIKES[16], LOOK_ALIKES[37]):
        service.asked.clear()
        headers = {header: look_alike("management.azure.com")}
        service.script(httpx.Response(202, headers=headers), httpx.Response(202, headers=headers))
        with pytest.raises(UntrustedHost):
            await maas.endpoints.delete("e", missing_ok=True)
        with pytest.raises(UntrustedHost):
            await maas.endpoints.regenerate_key("e")
        assert {request.url.host for request in service.asked} == {"management.azure.com"}


async def test_a_foreign_operation_that_a_value_names_gets_no_byte(maas: Resources, service: FakeService) -> None:
    service.answer = lambda _: httpx.Response(200, json={"name": "e"})
    with pytest.raises(UntrustedHost):
        await maas.endpoints.wait(Endpoint(name="e", operation="https://evil.test/operations/1"))
    assert service.asked == []
    assert Endpoint.read({"name": "e", "operation": "https://evil.test/"}).operation is None


@pytest.mark.parametrize(
    "named",
    [
        {"accountName": "evil.test/", "endpoint": "core.windows.net"},
        {"accountName": "evil.test?", "endpoint": "core.windows.net"},
        {"accountName": "evil.test#", "endpoint": "core.windows.net"},
        {"accountName": "evil.test:443/", "endpoint": "core.windows.net"},
        {"accountName": "acct.blob.core.windows.net@evil.test/", "endpoint": "core.windows.net"},
        {"accountName": "acct", "endpoint": "evil.test"},
        {"accountName": "acct", "endpoint": "core.windows.net.evil.test"},
        {"accountName": "acct", "endpoint": "core.windows.net:8443"},
        {"accountName": "acct", "endpoint": "core.windows.net", "protocol": "http"},
    ],
)
async def test_a_foreign_storage_account_gets_no_byte(
    maas: Resources, service: FakeService, rows: Path, named: Mapping[str, str]
) -> None:
    properties = {"containerName": "c", "credentials": {"credentialsType": "Sas"}, **named}

    def answer(request: httpx.Request) -> httpx.Response:
        secret = request.url.path.endswith("listSecrets")
        return httpx.Response(200, json={"sasToken": "sig=x"} if secret else {"name": "d", "properties": properties})

    service.answer = answer
    with pytest.raises(UntrustedHost):
        await maas.datasets.upload(rows)
    with pytest.raises(UntrustedHost):
        await maas.datasets.download("azureml://datastores/d/paths/a.jsonl", rows.parent / "down")
    assert {request.url.host for request in service.asked} == {"management.azure.com"}


REDIRECTS = (301, 302, 303, 307, 308)


@pytest.mark.parametrize(("status", "target"), [(302, "https://evil.test/x"), (307, "/other")])
def test_no_operation_follows_a_redirect(status: int, target: str) -> None:
    for operation, kind in ON_BOTH_WIRES:
        answers = tapes().answers[operation]
        for place in range(len(answers)):
            redirect = partial(httpx.Response, status, headers={"location": target})
            player = Player(answers, {place: redirect})
            with suppress(MaasError):  # some go on without what they cannot have, such as the end of a log
                tapes().play(operation, player, kind)
            assert all(request.url.host == "127.0.0.1" for request in player.asked)
            assert not [request for request in player.asked if request.url.path == "/other"]


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("audience", Audience)
async def test_a_redirect_is_an_error_for_every_audience(
    wire: Wire, service: FakeService, audience: Audience, status: int
) -> None:
    service.answer = lambda _: httpx.Response(status, headers={"location": f"https://{GOOD[audience]}/other"})
    channel = Channel(wire, trust_of(audience))
    request = Request("GET", f"https://{GOOD[audience]}/x")
    with pytest.raises(UnexpectedReply, match="redirects"):
        await channel.send(request, audience=audience, signer=EndpointKey(SecretText("k")))
    with pytest.raises(UnexpectedReply, match="redirects"):
        async with channel.open(request, audience=audience, signer=EndpointKey(SecretText("k"))):
            pass
    assert [request.url.path for request in service.asked] == ["/x", "/x"]


async def test_no_cookie_is_kept_or_sent(wire: Wire, service: FakeService) -> None:
    cookies = [(b"set-cookie", b"a=1; Path=/"), (b"set-cookie", b"b=2; Domain=x.test"), (b"set-cookie", b"=;\x80;;")]
    service.answer = lambda _: httpx.Response(200, headers=cookies)
    for _ in range(3):
        await wire.send(Request("GET", "https://x.test/"))
        async with wire.open(Request("GET", "https://y.x.test/")):
            pass
    assert not [request for request in service.asked if "cookie" in request.headers]
    assert list(vars(wire)["_http"].cookies.jar) == []


def test_only_the_module_that_checks_addresses_sends_requests() -> None:
    package = Path(__file__).parents[2] / "maas_client"
    senders = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"send", "open"}
        if isinstance(node.value, ast.Attribute | ast.Name) and "wire" in ast.unparse(node.value)
    }
    # --notify posts to the user's own URL, without a credential (tests/cli/test_actions_when_a_job_ends.py), and
    # `maas drift FILE mock` to the mock server in its own process, with an invented one.
    assert senders == {"http/channel.py", "cli/commands/job_end.py", "drift/feeding.py", *WIRES_AROUND_WIRES}


@pytest.mark.parametrize("file", WIRES_AROUND_WIRES)
def test_a_wire_around_a_wire_sends_only_what_it_was_given(file: str) -> None:
    """Whoever gave it the request has checked the address."""
    tree = ast.parse((Path(__file__).parents[2] / "maas_client" / file).read_text("utf-8"))
    sent = [
        [ast.unparse(argument) for argument in node.args]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in {"send", "open"} and "wire" in ast.unparse(node.func.value)
    ]
    assert sent
    assert [arguments for arguments in sent if arguments != ["request"]] == []


@pytest.mark.parametrize("audience", Audience)
async def test_the_check_comes_before_the_secret(wire: Wire, service: FakeService, audience: Audience) -> None:
    class Untouched(Unsigned):
        async def sign(self, request: Request) -> Request:
            raise AssertionError("a request to a foreign host was signed")

    channel = Channel(wire, trust_of(audience))
    request = Request("GET", "https://evil.test/")
    with pytest.raises(UntrustedHost):
        await channel.send(request, audience=audience, signer=Untouched())
    with pytest.raises(UntrustedHost):
        async with channel.open(request, audience=audience, signer=Untouched()):
            pass
    assert service.asked == []
