"""Every `async def` test runs twice: awaited on an event loop, and stepped with no loop at all."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Generator, Iterator
from inspect import iscoroutinefunction
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
from contract_holding import assert_contract_holds
from promised import promised
from support import Clock, FakeService, make_wire
from targets import ALL, is_left_out
from watched_wires import Exchange, watched_wire

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.wire import AsyncWire, BlockingWire, Wire
from mock_server.server import Server

# How long an example takes depends on the machine, so there is no deadline anywhere.
hypothesis.settings.register_profile("all", deadline=None)
hypothesis.settings.register_profile("few", deadline=None, max_examples=25)
hypothesis.settings.load_profile("all" if ALL else "few")


@pytest.fixture(autouse=True)
def _outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be no CI job, whose error without a sign-in is another one."""
    for name in ("CI", "GITHUB_ACTIONS", "TF_BUILD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Restore the loggers: a command that runs in this process configures them for its process."""
    loggers = [logging.getLogger(name) for name in ("maas_client", "httpx", "azure.identity")]
    before = [(logger.level, list(logger.handlers)) for logger in loggers]
    yield
    for logger, (level, handlers) in zip(loggers, before, strict=True):
        logger.setLevel(level)
        logger.handlers = handlers


@pytest.fixture
def clock() -> Clock:
    """The clock of every wire in the test."""
    return Clock()


@pytest.fixture
def service() -> FakeService:
    """What is at the other end of the `wire` fixture."""
    return FakeService()


@pytest.fixture(params=["blocking", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two wires the test runs on."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def wire(kind: str, service: FakeService, clock: Clock) -> Wire:
    """A wire to the fake service."""
    return make_wire(kind, clock, httpx.MockTransport(service))


@pytest.fixture
def server_wire(kind: str, maas_server: Server, clock: Clock) -> Iterator[Wire]:
    """A wire to the mock server, whose time passes when a caller sleeps on the wire.

    What goes over it is held to the contract.
    """
    clock.time = httpx.get(f"{maas_server.endpoint}/_mock/clock").json()["now"]
    clock.listeners.append(maas_server.advance)
    exchanges: list[Exchange] = []
    yield watched_wire(kind, clock, exchanges)
    assert_contract_holds(maas_server, exchanges)


@pytest.fixture
def settings(maas_server: Server) -> Settings:
    """A workspace on the mock server."""
    return Settings("sub-1", "group-1", "work-1", endpoint=maas_server.endpoint)


@pytest.fixture
def maas(server_wire: Wire, settings: Settings) -> Resources:
    """Every resource, on either wire, against the mock server."""
    return Resources(server_wire, settings, None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what only `make test-all` runs, unless it is named on the command line."""
    is_named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    return None if ALL or is_named or not is_left_out(collection_path) else True


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Run an `async def` test on the wire that it was given; one that closes is closed behind it."""
    test = pyfuncitem.obj
    if iscoroutinefunction(test):
        wires = (value for value in pyfuncitem.funcargs.values() if isinstance(value, AsyncWire | BlockingWire))
        wire = next(wires, None)

        async def closing(**arguments: Any) -> None:
            try:
                await test(**arguments)
            finally:
                if isinstance(wire, AsyncWire):
                    await wire.close()

        def driven(**arguments: Any) -> None:
            if isinstance(wire, BlockingWire):
                try:
                    run(test(**arguments))
                finally:
                    wire.close()
            else:
                asyncio.run(closing(**arguments))

        pyfuncitem.obj = driven
    return (yield)


@pytest.fixture
def shared() -> Path:
    """The folder of real files beside the project; a test that needs it skips where it is absent."""
    folder = Path(os.environ.get("MAAS_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        pytest.skip("needs the folder `shared` beside the project")
    return folder


@pytest.fixture(autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that uploads are remembered in, kept apart from the developer's own."""
    folder = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_azure_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own Azure settings out of every test."""
    for name in list(os.environ):
        if name.startswith(("AZURE", "MAAS_")) and name != "MAAS_SHARED":
            monkeypatch.delenv(name)


RAN: set[str] = set()
"""The tests that passed, or were skipped by name, in this process or its workers."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Take note of what ran."""
    if report.skipped or (report.when == "call" and report.passed):
        RAN.add(report.nodeid.partition("[")[0])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Let a run of the whole suite fail in which a test that holds a promise did not run."""
    config = session.config
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    chosen = config.option.keyword or config.option.markexpr or config.option.deselect or config.option.collectonly
    if exitstatus != pytest.ExitCode.OK or not (whole and ALL) or chosen or hasattr(config, "workerinput"):
        return
    missing = sorted(promised() - RAN)
    if missing:
        print(f"\nheld no promise, for they did not run: {', '.join(missing)}")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
