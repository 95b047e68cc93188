"""pytest fixtures: an environment for an app that makes its own client, and both clients, on the mock server's clock;
and cassettes, for an app that was recorded with the real service.

def test_my_app(maas_env):
    assert my_app.train("train.jsonl") == "Completed"  # it calls MaasClient.from_env()

def test_my_function(maas):
    job = maas.jobs.create(model="Phi-4-mini-instruct", training_data="train.jsonl")
    assert maas.jobs.wait(job.name).status == "Completed"

def test_the_same_on_foundry(maas_foundry):
    job = maas_foundry.jobs.create(model="Ministral-3B", training_data="train.jsonl")
    assert maas_foundry.jobs.wait(job.name).status == "succeeded"

def test_my_app_as_it_was_with_azure(maas_cassette):
    maas_cassette("train.jsonl", record="once")
    assert my_app.train("rows.jsonl") == "Completed"
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, get_args

import pytest

if TYPE_CHECKING:
    from .client import AsyncMaasClient, MaasClient
    from .wire import AsyncWire, BlockingWire

ANY = "test"
"""A name of a subscription, resource group and workspace: the server takes any."""

PROJECT = "/api/projects/test"
"""Where the server has a project of Azure AI Foundry: every name is one."""

Record: TypeAlias = Literal["none", "once", "new"]
RECORDS = get_args(Record)

POLL_STEP = 5.0
"""Seconds by which the clock moves with each poll of an app that waits in a loop of its own."""


class MockServer(Protocol):
    """What these fixtures need of the server of `maas_server`."""

    @property
    def endpoint(self) -> str:
        """Its URL."""
        ...

    def advance(self, seconds: float) -> None:
        """Advance its clock."""
        ...

    def advance_on_poll(self, seconds: float) -> None:
        """Advance its clock from now on by this many seconds whenever it is polled."""
        ...

    def now(self) -> float:
        """Return its time, in seconds since 1970."""
        ...


@pytest.fixture
def maas_env(
    maas_server: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """Point the environment to the mock server, for an app that makes its own client; return the variables.

    They hold for the test, in this process and in those that it starts: for `MaasClient.from_env()`, its asynchronous
    counterpart and the command `maas`. Where their waits would sleep, the server's clock moves instead; it moves by
    five seconds with each poll, too, for an app with a loop of its own. A credential that the app passes is not used.
    """
    workspace = _workspace(maas_server.endpoint)
    maas_server.advance_on_poll(POLL_STEP)
    return _set_up(workspace, monkeypatch, tmp_path_factory)


@pytest.fixture
def maas_foundry_env(
    maas_server: MockServer, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """Point the environment to the mock server's project of Azure AI Foundry; `maas_env` for that surface."""
    project = {"FOUNDRY_ENDPOINT": maas_server.endpoint + PROJECT}
    maas_server.advance_on_poll(POLL_STEP)
    return _set_up(project, monkeypatch, tmp_path_factory)


@pytest.fixture
def maas(maas_server: MockServer) -> Iterator[MaasClient]:
    """Return a client of the mock server; where it would sleep, the server's clock moves instead."""
    from .client import MaasClient  # here: a session that takes no fixture pays nothing

    endpoint, wire = maas_server.endpoint, _wire(maas_server)
    with MaasClient(subscription_id=ANY, resource_group=ANY, workspace=ANY, endpoint=endpoint, wire=wire) as client:
        yield client


@pytest.fixture
def maas_foundry(maas_server: MockServer) -> Iterator[MaasClient]:
    """Return a client of the mock server's project of Azure AI Foundry; `maas` for that surface."""
    from .client import MaasClient

    with MaasClient(foundry_endpoint=maas_server.endpoint + PROJECT, wire=_wire(maas_server)) as client:
        yield client


@pytest.fixture
def async_maas(maas_server: MockServer) -> Iterator[AsyncMaasClient]:
    """Return an asynchronous client of the mock server, for the event loop that the test runs on."""
    from .client import AsyncMaasClient

    endpoint = maas_server.endpoint
    with _async_wire(maas_server) as wire:
        yield AsyncMaasClient(subscription_id=ANY, resource_group=ANY, workspace=ANY, endpoint=endpoint, wire=wire)


@pytest.fixture
def async_maas_foundry(maas_server: MockServer) -> Iterator[AsyncMaasClient]:
    """Return an asynchronous client of the mock server's project of Azure AI Foundry."""
    from .client import AsyncMaasClient

    with _async_wire(maas_server) as wire:
        yield AsyncMaasClient(foundry_endpoint=maas_server.endpoint + PROJECT, wire=wire)


class CassetteServer(Protocol):
    """What `maas_cassette` needs of the server that answers from a cassette."""

    @property
    def endpoint(self) -> str:
        """Its URL."""
        ...

    @property
    def has_workspace(self) -> bool:
        """Whether something of a workspace was recorded."""
        ...

    @property
    def foundry_endpoint(self) -> str | None:
        """The URL of the Foundry project or account that was recorded, if any was."""
        ...


class CassetteReplays(Protocol):
    """What `maas_cassette` needs of the fixture `maas_replay`."""

    @property
    def has_passed(self) -> Callable[[], bool]:
        """Whether the test has passed."""
        ...

    def __call__(self, path: Path, /, *, strict: bool = True) -> CassetteServer:
        """Replay a cassette until the test ends."""
        ...


@dataclass(frozen=True, slots=True)
class MaasCassette:
    """A cassette in use: the file, whether it is replayed or recorded now, and the variables that were set."""

    path: Path
    is_replayed: bool
    environ: Mapping[str, str]


class MaasCassettes:
    """The function that the fixture `maas_cassette` returns."""

    def __init__(
        self,
        folder: Path,
        replays: CassetteReplays,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        self._folder, self._replays = folder, replays
        self._monkeypatch, self._tmp_path_factory = monkeypatch, tmp_path_factory
        self._recorded: list[tuple[Path, Path]] = []

    def __call__(self, path: str | os.PathLike[str], record: Record = "none") -> MaasCassette:
        """Use a cassette for the rest of the test.

        Args:
            path: the file; a relative one is in the folder of the test.
            record: `none` answers from it alone. `once` records it with the real service if it does not exist, and
                answers from it if it does. `new` does the same, but asks the service for what was not recorded, and
                adds it.

        Returns:
            What was set.

        Raises:
            ValueError: `record` is another word, or the file is missing, no cassette, or a damaged one.
        """
        file = self._folder / path
        if record not in RECORDS:
            raise ValueError(f"record must be one of {', '.join(RECORDS)}; got {record!r}")
        if record == "none" and not file.exists():
            raise ValueError(f'there is no cassette {file}: record="once" records it with the real service')
        if record == "new" and file.exists():
            return self._extend(file)
        return self._replay(file) if record == "none" or file.exists() else self._record(file)

    def _replay(self, file: Path) -> MaasCassette:
        server = self._replays(file)
        workspace = _workspace(server.endpoint) if server.has_workspace or server.foundry_endpoint is None else {}
        foundry = {"FOUNDRY_ENDPOINT": server.foundry_endpoint} if server.foundry_endpoint else {}
        surface = {"MAAS_SURFACE": os.environ.get("MAAS_SURFACE") or "azureml"} if workspace and foundry else {}
        variables = {**workspace, **foundry, **surface}
        return MaasCassette(file, True, _set_up(variables, self._monkeypatch, self._tmp_path_factory))

    def _record(self, file: Path) -> MaasCassette:
        """Let every client of the app write to a file of its own, which gets its name if the test passes."""
        recorded = self._tmp_path_factory.mktemp("maas_cassette") / file.name
        self._recorded.append((recorded, file))
        return MaasCassette(file, False, self._set({"MAAS_RECORD": str(recorded)}))

    def _extend(self, file: Path) -> MaasCassette:
        """Let every client of the app ask a replay first, and add to a copy of the file what it asks the service."""
        used = self._record(file)
        recorded, _ = self._recorded[-1]
        recorded.write_bytes(file.read_bytes())
        replay = self._set({"MAAS_REPLAY": self._replays(file, strict=False).endpoint})
        return MaasCassette(file, True, {**used.environ, **replay})

    def _set(self, variables: Mapping[str, str]) -> Mapping[str, str]:
        for name, value in variables.items():
            self._monkeypatch.setenv(name, value)
        return variables

    def keep(self) -> None:
        """Keep what was recorded, if the test has passed."""
        for recorded, file in self._recorded if self._replays.has_passed() else ():
            if not recorded.exists():
                pytest.fail(
                    f"nothing was recorded to {file}: no request was sent by a client that the test made after it had "
                    "called maas_cassette()",
                    pytrace=False,
                )
            file.parent.mkdir(parents=True, exist_ok=True)
            temporary = file.with_name(f".{file.name}.{os.getpid()}")
            temporary.write_bytes(recorded.read_bytes())
            temporary.replace(file)


@pytest.fixture
def maas_cassette(
    maas_replay: CassetteReplays,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[MaasCassettes]:
    """Return a function that lets an app use a recording for the service: `maas_cassette("job.jsonl", record="once")`.

    With `none`, the default, nothing but the cassette is asked, and a request that fits none of its exchanges fails the
    test with the nearest ones. With `once` a file that does not exist is recorded with the service that the environment
    selects, and kept if the test passes. With `new` that service is asked for what the file lacks, and it is added. It
    sets the environment as `maas_env` does.
    """
    cassettes = MaasCassettes(request.path.parent, maas_replay, monkeypatch, tmp_path_factory)
    yield cassettes
    cassettes.keep()


def _workspace(endpoint: str) -> dict[str, str]:
    """Return the variables of a workspace on a local server, which takes any name."""
    names = ("AZURE_SUBSCRIPTION_ID", "AZURE_RESOURCE_GROUP", "AZUREML_WORKSPACE_NAME")
    return {"MAAS_ENDPOINT": endpoint, **dict.fromkeys(names, ANY)}


def _set_up(
    surface: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, str]:
    """Set the variables of a surface, and what both need; return all of them."""
    for name in list(os.environ):
        if name.startswith(("AZURE", "FOUNDRY_", "MAAS_")):  # settings of the developer's own, cloud and credential
            monkeypatch.delenv(name)
    variables = {
        **surface,
        "MAAS_MOCK": "1",
        "XDG_STATE_HOME": str(tmp_path_factory.mktemp("maas_state")),  # where interrupted uploads are recorded
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@contextmanager
def _async_wire(server: MockServer) -> Generator[AsyncWire]:
    from .wire import AsyncWire, no_tls

    async def sleep(seconds: float) -> None:
        server.advance(seconds)

    courier, now = _wire(server), server.now
    yield AsyncWire(verify=no_tls(), courier=courier, sleep=sleep, now=now, clock=now, keep_alive=False)
    courier.close()


def _wire(server: MockServer) -> BlockingWire:
    from .wire import BlockingWire, no_tls

    return BlockingWire(verify=no_tls(), sleep=server.advance, now=server.now, clock=server.now)
