"""Names become whole segments of paths or nothing: whatever a caller passes, no request leaves for another path."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given, strategies as st
from support import FakeService

from maas_client import JobSpec
from maas_client.azure.settings import Settings
from maas_client.azure.workspace import AsyncWorkspace
from maas_client.client import Resources
from maas_client.computes.resource import AsyncComputes
from maas_client.core.http_messages import Request
from maas_client.core.url_paths import blob_path, segment
from maas_client.datasets.resource import AsyncDatasets
from maas_client.endpoints.resource import AsyncEndpoints
from maas_client.errors import InvalidInput, MaasError
from maas_client.foundry.settings import FoundrySettings
from maas_client.http.channel import check_target
from maas_client.inference.chat import AsyncChat
from maas_client.inference.evaluation_run import AsyncEvals
from maas_client.jobs.resource import AsyncJobs
from maas_client.registered_models.resource import AsyncModels
from maas_client.sweeps.resource import AsyncSweeps
from maas_client.wire import Wire, target_of
from maas_client.workflow.resource import AsyncWorkflow
from tests.surfaces.offers import OFFERS

HOSTILE = ("..", ".", "a/b", "a\\b", "/", "%2e%2e", "a%2Fb", "a%5cb", "\ud800", "a\nb", "a\0b", " ")
MODEL, DATA = "Phi-4-mini-instruct", "azureml://datastores/workspaceblobstore/paths/train.jsonl"

RESOURCES: dict[str, type] = {
    "workspace": AsyncWorkspace,
    "datasets": AsyncDatasets,
    "jobs": AsyncJobs,
    "sweeps": AsyncSweeps,
    "workflow": AsyncWorkflow,
    "endpoints": AsyncEndpoints,
    "models": AsyncModels,
    "computes": AsyncComputes,
    "chat": AsyncChat,
    "evals": AsyncEvals,
}
NAMING = frozenset(
    [
        "name",
        "names",
        "version",
        "endpoint",
        "endpoints",
        "endpoint_name",
        "deployment",
        "output_name",
        "compute",
        "filename",
        "data",
        "spec",
        "model",
        "outputs",
    ]
)
"""Arguments in which a caller names something of the service's."""

Call = Callable[[Resources, str, Path], Awaitable[object] | AsyncIterator[object]]


def spec(**more: Any) -> JobSpec:
    return JobSpec(model=MODEL, training_data=more.pop("training_data", DATA), **more)


CALLS: dict[str, tuple[Call, ...]] = {
    "workspace.datastore": (lambda maas, name, _: maas.workspace.datastore(name),),
    "workspace.storage": (lambda maas, name, _: maas.workspace.storage(name),),
    "workspace.container": (lambda maas, name, _: maas.workspace.container(name),),
    "workspace.registry_model": (
        lambda maas, name, _: maas.workspace.registry_model(name),
        lambda maas, name, _: maas.workspace.registry_model("m", name),
    ),
    "workspace.registry_component": (
        lambda maas, name, _: maas.workspace.registry_component(name),
        lambda maas, name, _: maas.workspace.registry_component("c", name),
    ),
    "datasets.upload": (lambda maas, name, _: maas.datasets.upload(b"x", name=name, check=False),),
    "datasets.copy": (lambda maas, name, _: maas.datasets.copy("https://x.example/a.jsonl", name=name),),
    "datasets.get": (
        lambda maas, name, _: maas.datasets.get(name, "1"),
        lambda maas, name, _: maas.datasets.get("a", name),
        lambda maas, name, _: maas.datasets.get(name),
    ),
    "datasets.list": (lambda maas, name, _: maas.datasets.list(name),),
    "datasets.delete": (
        lambda maas, name, _: maas.datasets.delete(name),
        lambda maas, name, _: maas.datasets.delete(name, "1"),
        lambda maas, name, _: maas.datasets.delete("a", name),
    ),
    "datasets.restore": (
        lambda maas, name, _: maas.datasets.restore(name),
        lambda maas, name, _: maas.datasets.restore("a", name),
    ),
    "models.get": (
        lambda maas, name, _: maas.models.get(name),
        lambda maas, name, _: maas.models.get("m", name),
    ),
    "models.list": (lambda maas, name, _: maas.models.list(name),),
    "computes.create": (lambda maas, name, _: maas.computes.create(name, size="Standard_DS3_v2"),),
    "computes.get": (lambda maas, name, _: maas.computes.get(name),),
    "computes.nodes": (lambda maas, name, _: maas.computes.nodes(name),),
    "computes.scale": (lambda maas, name, _: maas.computes.scale(name, max_nodes=2),),
    "computes.wait": (lambda maas, name, _: maas.computes.wait(name),),
    "computes.delete": (
        lambda maas, name, _: maas.computes.delete(name),
        lambda maas, name, _: maas.computes.delete(name, missing_ok=True),
    ),
    "models.register": (
        lambda maas, name, _: maas.models.register(name, job="j"),
        lambda maas, name, _: maas.models.register("m", job=name),
    ),
    "models.archive": (
        lambda maas, name, _: maas.models.archive(name),
        lambda maas, name, _: maas.models.archive("m", name),
    ),
    "models.restore": (
        lambda maas, name, _: maas.models.restore(name),
        lambda maas, name, _: maas.models.restore("m", name),
    ),
    "datasets.download": (
        lambda maas, name, out: maas.datasets.download(f"a:{name}", out),
        lambda maas, name, out: maas.datasets.download(f"azureml://datastores/{name}/paths/a", out),
        lambda maas, name, out: maas.datasets.download(f"azureml://datastores/a/paths/b/{name}/../c", out),
    ),
    "jobs.create": (
        lambda maas, name, _: maas.jobs.create(model=MODEL, training_data=DATA, name=name),
        lambda maas, name, _: maas.jobs.create(model=MODEL, training_data=DATA, output_name=name),
        lambda maas, name, _: maas.jobs.create(model=MODEL, training_data=DATA, compute=f"./{name}"),
    ),
    "jobs.create_pipeline": (
        lambda maas, name, _: maas.jobs.create_pipeline(model=MODEL, training_data=DATA, name=name),
        lambda maas, name, _: maas.jobs.create_pipeline(model=MODEL, training_data=DATA, output_name=name),
        lambda maas, name, _: maas.jobs.create_pipeline(model=MODEL, training_data=DATA, component=name),
        lambda maas, name, _: maas.jobs.create_pipeline(model=MODEL, training_data=DATA, compute=f"./{name}"),
    ),
    "jobs.children": (lambda maas, name, _: maas.jobs.children(name),),
    "jobs.submit": (lambda maas, name, _: maas.jobs.submit(spec(name=name)),),
    "jobs.preview": (lambda maas, name, _: maas.jobs.preview(spec(name=name)),),
    "jobs.get": (lambda maas, name, _: maas.jobs.get(name),),
    "jobs.archive": (lambda maas, name, _: maas.jobs.archive(name),),
    "jobs.restore": (lambda maas, name, _: maas.jobs.restore(name),),
    "jobs.cancel": (lambda maas, name, _: maas.jobs.cancel(name),),
    "jobs.wait": (lambda maas, name, _: maas.jobs.wait(name),),
    "jobs.watch": (lambda maas, name, _: maas.jobs.watch(name), lambda maas, name, _: maas.jobs.watch([name])),
    "jobs.delete": (lambda maas, name, _: maas.jobs.delete(name),),
    "jobs.pause": (lambda maas, name, _: maas.jobs.pause(name),),
    "jobs.resume": (lambda maas, name, _: maas.jobs.resume(name),),
    "jobs.events": (lambda maas, name, _: maas.jobs.events(name),),
    "jobs.checkpoints": (lambda maas, name, _: maas.jobs.checkpoints(name),),
    "jobs.copy_checkpoint": (
        lambda maas, name, _: maas.jobs.copy_checkpoint(name, "ftchkpt-1", account_id="/x", region="r"),
        lambda maas, name, _: maas.jobs.copy_checkpoint("j", f"./{name}", account_id="/x", region="r"),
    ),
    "jobs.details": (lambda maas, name, _: maas.jobs.details(name),),
    "jobs.details_of": (lambda maas, name, _: maas.jobs.details_of([name]),),
    "jobs.metrics": (lambda maas, name, _: maas.jobs.metrics(name),),
    "jobs.view": (lambda maas, name, _: maas.jobs.view(name),),
    "jobs.watch_views": (lambda maas, name, _: maas.jobs.watch_views(name),),
    "jobs.logs": (lambda maas, name, _: maas.jobs.logs(name),),
    "jobs.log_part": (lambda maas, name, _: maas.jobs.log_part(name),),
    "jobs.follow_logs": (lambda maas, name, _: maas.jobs.follow_logs(name),),
    "jobs.activity": (lambda maas, name, _: maas.jobs.activity(name),),
    "jobs.follow_activity": (lambda maas, name, _: maas.jobs.follow_activity(name),),
    "jobs.download": (lambda maas, name, out: maas.jobs.download(name, out),),
    "sweeps.plan": (lambda maas, name, _: maas.sweeps.plan(spec(name=name)),),
    "sweeps.run": (lambda maas, name, _: maas.sweeps.run(spec(name=name)),),
    "workflow.create": (lambda maas, name, _: maas.workflow.create(spec(name=name)),),
    "workflow.plan": (
        lambda maas, name, _: maas.workflow.plan(spec(name=name)),
        lambda maas, name, _: maas.workflow.plan(spec(), endpoint_name=name),
    ),
    "workflow.run": (
        lambda maas, name, _: maas.workflow.run(spec(name=name)),
        lambda maas, name, _: maas.workflow.run(spec(), endpoint_name=name),
    ),
    "endpoints.create": (
        lambda maas, name, _: maas.endpoints.create(model="m:1", name=name),
        lambda maas, name, _: maas.endpoints.create(model=f"{name}:1"),
        lambda maas, name, _: maas.endpoints.create(model=f"m:{name.strip() or '..'}"),
        lambda maas, name, _: maas.endpoints.create(model="m:1", name=name, instance_type="s"),
        lambda maas, name, _: maas.endpoints.create(model="m:1", deployment=name, instance_type="s"),
        lambda maas, name, _: maas.endpoints.create(model=f"{name}:1", instance_type="s"),
        lambda maas, name, _: maas.endpoints.create(model=f"m:{name.strip() or '..'}", instance_type="s"),
    ),
    "endpoints.get": (lambda maas, name, _: maas.endpoints.get(name),),
    "endpoints.keys": (lambda maas, name, _: maas.endpoints.keys(name),),
    "endpoints.regenerate_key": (lambda maas, name, _: maas.endpoints.regenerate_key(name),),
    "endpoints.delete": (
        lambda maas, name, _: maas.endpoints.delete(name),
        lambda maas, name, _: maas.endpoints.delete(name, missing_ok=True),
        lambda maas, name, _: maas.endpoints.delete(name, deployment="main"),
        lambda maas, name, _: maas.endpoints.delete("abc", deployment=name),
    ),
    "endpoints.scale": (
        lambda maas, name, _: maas.endpoints.scale(name, instance_count=1),
        lambda maas, name, _: maas.endpoints.scale("abc", instance_count=1, deployment=name),
    ),
    "endpoints.traffic": (
        lambda maas, name, _: maas.endpoints.traffic(name, {"main": 100}),
        lambda maas, name, _: maas.endpoints.traffic("abc", {name: 100}),
    ),
    "endpoints.logs": (
        lambda maas, name, _: maas.endpoints.logs(name),
        lambda maas, name, _: maas.endpoints.logs("abc", deployment=name),
    ),
    "endpoints.token": (lambda maas, name, _: maas.endpoints.token(name),),
    "endpoints.serving": (
        lambda maas, name, _: maas.endpoints.serving(f"{name}:1"),
        lambda maas, name, _: maas.endpoints.serving(f"m:{name.strip() or '..'}"),
    ),
    "endpoints.wait": (lambda maas, name, _: maas.endpoints.wait(name),),
    "chat.complete": (lambda maas, name, _: maas.chat.complete(name, "x"),),
    "chat.stream": (lambda maas, name, _: maas.chat.stream(name, "x"),),
    "evals.run": (lambda maas, name, out: maas.evals.run([name], rows_in(out)),),
}

WITHOUT_A_PATH = {
    "datasets.check": "local",
    "datasets.fix": "local",
    "datasets.convert": "local",
    "datasets.split": "local",
    "datasets.estimate": "local",
    "endpoints.signer": "takes an Endpoint, and lists the keys of its name when it signs",
}


def rows_in(folder: Path) -> Path:
    file = folder / "rows.jsonl"
    row = '{"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]}\n'
    file.write_text(row * 3, "utf-8")
    return file


def test_every_public_method_that_takes_a_name_is_tried() -> None:
    taking = {
        f"{noun}.{method}"
        for noun, kind in RESOURCES.items()
        for method, function in inspect.getmembers(kind)
        if not method.startswith("_") and callable(function) and NAMING & set(inspect.signature(function).parameters)
    }
    assert taking == set(CALLS) | (set(WITHOUT_A_PATH) & taking)
    assert not set(CALLS) & set(WITHOUT_A_PATH)


@pytest.fixture
def anything(wire: Wire, service: FakeService) -> Resources:
    """Every resource, with a service that answers whatever it is asked."""
    service.answer = lambda _: httpx.Response(200, json={"name": "w", "properties": {"status": "Completed"}})
    return Resources(wire, Settings("s", "g", "w", endpoint="http://127.0.0.1:1"), None)


async def done(call: Awaitable[object] | AsyncIterator[object]) -> None:
    """Await a call, or read it to its end."""
    if isinstance(call, AsyncIterator):
        async for _ in call:
            pass
    else:
        await call


@pytest.mark.parametrize("operation", CALLS)
async def test_a_name_that_is_not_one_segment_is_rejected_unsent(
    anything: Resources, service: FakeService, tmp_path: Path, operation: str
) -> None:
    for call in CALLS[operation]:
        for name in HOSTILE:
            with pytest.raises(InvalidInput):
                await done(call(anything, name, tmp_path))
            assert service.asked == [], name


@pytest.fixture
def anything_of_foundry(wire: Wire, service: FakeService) -> Resources:
    """Every resource of a Foundry account, with a service that answers whatever it is asked."""
    service.answer = lambda _: httpx.Response(
        200, json={"id": "x", "object": "list", "data": [], "status": "succeeded"}
    )
    return Resources(wire, FoundrySettings("http://127.0.0.1:1", "p", subscription_id="s", **PLACE), None)


PLACE: Any = {"resource_group": "g", "account": "a", "endpoint": "http://127.0.0.1:1"}
ON_FOUNDRY = [name for name, surfaces in OFFERS.items() if "foundry" in surfaces and name in CALLS]
FOUNDRY_PATHS = re.compile(
    r"(?:/api/projects/p)?/openai/(?:v1/)?(?:files|uploads|fine_tuning/jobs|chat/completions|models)(?:/[^/]+){0,4}"
    r"|/subscriptions/s/resourceGroups/g/providers/Microsoft\.CognitiveServices/accounts/a(?:/[^/]+){0,2}"
)


@pytest.mark.parametrize("operation", ON_FOUNDRY)
async def test_no_name_leads_out_of_the_paths_of_foundry(
    anything_of_foundry: Resources, service: FakeService, tmp_path: Path, operation: str
) -> None:
    for call in CALLS[operation]:
        for name in HOSTILE:
            with suppress(MaasError):  # most names are looked up in a list, and are not there
                await done(call(anything_of_foundry, name, tmp_path))
            for request in service.asked:
                path = unquote(request.url.raw_path.decode().partition("?")[0])
                assert FOUNDRY_PATHS.fullmatch(path), (name, path)
                assert not {".", "..", ""} & set(path.split("/")[1:]), (name, path)


@given(st.text(max_size=12) | st.text("./\\%2eEfF5cC;", max_size=12))
def test_any_name_is_one_segment_or_refused(name: str) -> None:
    try:
        quoted = segment(name)
    except InvalidInput:
        return
    url = f"http://127.0.0.1/a/{quoted}/b"
    assert target_of(url)[3] == f"/a/{quoted}/b"
    assert httpx.URL(url).path == f"/a/{name}/b"
    check_target(Request("GET", url))


@given(st.text(max_size=12) | st.text("./\\%2eEfF5cC;a", max_size=12))
def test_any_blob_stays_in_its_container_or_is_refused(name: str) -> None:
    try:
        quoted = blob_path(name)
    except InvalidInput:
        return
    url = f"http://127.0.0.1/container/{quoted}"
    assert httpx.URL(url).path == f"/container/{name}"


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/a/../b",
        "https://h.example/a/./b",
        "https://h.example/a/..",
        "https://h.example/..",
        "https://h.example/a/%2e%2e/b",
        "https://h.example/a/%2E./b",
        "https://h.example/a/%252e%252e/b",
        "https://h.example/a/..;x/b",
        "https://h.example/a%2f..%2fb",
        "https://h.example/a%5c..%5cb",
    ],
)
def test_a_path_that_would_be_sent_otherwise_is_rejected(url: str) -> None:
    with pytest.raises(InvalidInput, match="nothing was sent"):
        check_target(Request("GET", url))


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example",
        "https://h.example:443/a b?x=../..",
        "https://h.example/a/...?b#c",
        "https://h.example/a%20b/c%2Fd",
        "http://[::1]:8765/a(b)'c|d{e}",
        "https://H.example/a//b/",
    ],
)
def test_a_path_that_is_sent_unchanged_passes(url: str) -> None:
    check_target(Request("GET", url))


async def test_an_address_of_the_services_that_walks_up_is_refused(anything: Resources, service: FakeService) -> None:
    link = "http://127.0.0.1:1/subscriptions/s/../../x?api-version=1"
    service.answer = lambda _: httpx.Response(200, json={"value": [], "nextLink": link})
    with pytest.raises(InvalidInput, match="nothing was sent"):
        await done(anything.jobs.list())
    assert len(service.asked) == 1
