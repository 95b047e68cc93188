"""Jobs by ARM id, Studio URL and display name: each method takes the first two, and explains the third."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from support import collect

from maas_client import InvalidInput, Job, JobSpec, NotFound
from maas_client.client import Resources
from mock_server.server import Server

MODEL, DATA = "Phi-4-mini-instruct", "azureml://datastores/workspaceblobstore/paths/absent.jsonl"
TITLE = "Support bot, nightly"

Call = Callable[[Resources, str, Path], Awaitable[object] | AsyncIterator[object]]
CALLS: dict[str, Call] = {
    "get": lambda maas, name, _: maas.jobs.get(name),
    "get by keyword": lambda maas, name, _: maas.jobs.get(name=name),
    "cancel": lambda maas, name, _: maas.jobs.cancel(name),
    "wait": lambda maas, name, _: maas.jobs.wait(name),
    "watch": lambda maas, name, _: maas.jobs.watch(name),
    "watch several": lambda maas, name, _: maas.jobs.watch([name]),
    "details": lambda maas, name, _: maas.jobs.details(name),
    "metrics": lambda maas, name, _: maas.jobs.metrics(name),
    "view": lambda maas, name, _: maas.jobs.view(name),
    "watch_views": lambda maas, name, _: maas.jobs.watch_views(name),
    "logs": lambda maas, name, _: maas.jobs.logs(name),
    "log_part": lambda maas, name, _: maas.jobs.log_part(name),
    "follow_logs": lambda maas, name, _: maas.jobs.follow_logs(name),
    "download": lambda maas, name, out: maas.jobs.download(name, out),
}


async def done(call: Awaitable[object] | AsyncIterator[object]) -> object:
    """Await a call, or read it to its end."""
    return await collect(call) if isinstance(call, AsyncIterator) else await call


async def create(maas: Resources, name: str, display_name: str | None = None) -> Job:
    """Create a job without data of its own, which fails as soon as it would train."""
    return await maas.jobs.submit(JobSpec(model=MODEL, training_data=DATA, name=name, display_name=display_name))


@pytest.mark.parametrize("call", [name for name in CALLS if name != "cancel"])
async def test_every_method_takes_an_id_and_a_studio_url(
    maas: Resources, tuned: Callable[[], Awaitable[Job]], tmp_path: Path, call: str
) -> None:
    job = await tuned()
    for number, reference in enumerate((str(job.raw["id"]), job.studio_url)):
        await done(CALLS[call](maas, reference, tmp_path / str(number)))


async def test_a_job_is_canceled_by_its_studio_url(maas: Resources) -> None:
    job = await create(maas, "ft-url")
    assert (await maas.jobs.cancel(job.studio_url)).name == "ft-url"


@pytest.mark.parametrize("call", CALLS)
async def test_a_job_of_another_workspace_is_refused_unsent(
    maas: Resources, maas_server: Server, tmp_path: Path, call: str
) -> None:
    url = "https://ml.azure.com/runs/ft-1?wsid=/subscriptions/x/resourceGroups/y/workspaces/z"
    before = len(maas_server.requests())
    with pytest.raises(InvalidInput, match="job 'ft-1' is in workspace 'z'"):
        await done(CALLS[call](maas, url, tmp_path))
    assert len(maas_server.requests()) == before


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("title", [TITLE, TITLE.upper(), "Jürgen's bot", "Chat/bot v2", "nightly"])
async def test_a_display_name_is_explained_with_the_job(maas: Resources, tmp_path: Path, call: str, title: str) -> None:
    shown = TITLE if title == TITLE.upper() else title
    await create(maas, "ft-other")
    await create(maas, "ft-shown", shown)
    with pytest.raises(NotFound) as caught:
        await done(CALLS[call](maas, title, tmp_path))
    assert f"no job {title!r} in workspace" in caught.value.detail
    assert caught.value.detail.endswith(f": ft-shown is displayed as {shown!r}")
    assert caught.value.status == 404


async def test_several_jobs_with_one_display_name_are_listed(maas: Resources) -> None:
    for number in range(5):
        await create(maas, f"ft-{number}", TITLE)
    with pytest.raises(NotFound, match="ft-4, ft-3, ft-2 and 2 more are displayed as 'Support bot, nightly'"):
        await maas.jobs.get(TITLE)


async def test_a_name_that_nothing_has_is_not_found(maas: Resources, maas_server: Server) -> None:
    await create(maas, "ft-1", TITLE)
    with pytest.raises(NotFound, match=r"^no job 'absent' in workspace 'work-1'; the only one is ft-1 "):
        await maas.jobs.get("absent")
    with pytest.raises(NotFound, match=r"^no job 'ft-11' in workspace 'work-1'; did you mean 'ft-1'\?"):
        await maas.jobs.get("ft-11")
    with pytest.raises(NotFound, match=r"no job 'no such bot' in workspace .*; a job's name is the one that") as caught:
        await maas.jobs.get("no such bot")
    assert "displayed as" not in str(caught.value)
    listings = [entry for entry in maas_server.requests() if entry["operation"] == "jobs.list"]
    assert len(listings) == 3


async def test_only_the_first_pages_are_searched(maas: Resources, maas_server: Server) -> None:
    job = await create(maas, "ft-1", "other")
    url = f"{maas_server.endpoint}{str(job.raw['id']).rpartition('/')[0]}?api-version=2024-10-01-preview"
    for number in range(9):
        maas_server.fault(operation="jobs.list", next_link=f"{url}&page={number}")
    with pytest.raises(NotFound):
        await maas.jobs.get("absent")
    listings = [entry for entry in maas_server.requests() if entry["operation"] == "jobs.list"]
    assert len(listings) == 5


async def test_a_failed_search_leaves_the_error_as_it_was(maas: Resources, maas_server: Server) -> None:
    maas_server.fault(operation="jobs.list", status=403, count=None)
    with pytest.raises(NotFound, match=r"^no job 'absent' in workspace 'work-1' \(GET "):
        await maas.jobs.get("absent")
