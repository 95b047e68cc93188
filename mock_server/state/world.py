"""The server's whole state, and what a restart or a reset does to it."""

import base64
import hashlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mock_server.core import quotas
from mock_server.core.copy_origins import first_invalid_origin
from mock_server.core.json_values import Json, number, text
from mock_server.core.scope import Scope
from mock_server.faults.active_rules import ActiveRules
from mock_server.faults.rule import Rule
from mock_server.journal.journal import Journal
from mock_server.state.blob_store import BlobStore
from mock_server.state.clock import Clocks, ForwardClock
from mock_server.state.document_store import Store, connect
from mock_server.state.lock import StateLock
from mock_server.state.repeated_polls import RepeatedPolls
from mock_server.training.tuned_model import ExampleIndex

Credentials = Literal["sas", "key", "none"]
ACCOUNT = "mockstore"
MAX_INDEXES = 4


@dataclass(frozen=True, slots=True)
class Options:
    """The options that the server was started with."""

    state: Path | None = None
    job_seconds: float = 30.0
    seed: int = 0
    workspaces: Sequence[str] = ()
    clock: Literal["real", "virtual"] = "real"
    load: Path | None = None  # an export of /_mock/state to start from
    step_on_poll: float = 0.0  # seconds by which a virtual clock advances when a client has to poll again
    datastore_credentials: Credentials = "sas"
    requests_per_page: int = 100
    copy_sources: Sequence[str] = ()  # origins on this machine that blobs may be copied from, besides the server itself
    end_waits_after: float | None = None  # real seconds of polling without progress after which a wait gets an error
    quota: str = ""  # cores by family of machines, as `FAMILY=N` with spaces between them
    admin_token: str | None = None  # required by admin routes if the server can be reached from other machines


@dataclass
class World:
    """The state behind the surfaces; only the server's event loop uses it."""

    options: Options
    database: sqlite3.Connection
    store: Store
    blobs: BlobStore
    clocks: Clocks
    journal: Journal
    faults: ActiveRules
    account_key: str
    settings: dict[str, str]
    repeated_polls: RepeatedPolls
    wall: Callable[[], float] = time.time
    indexes: dict[str, ExampleIndex] = field(default_factory=dict[str, ExampleIndex])
    known_workspaces: set[str] = field(default_factory=set[str])
    fault_rule: Rule | None = None  # the rule that applies to the current request, in that request's copy of the world
    lock: StateLock | None = None  # of the state directory
    closing: bool = False  # the server is stopping: endless responses must end

    def now(self, workspace: str) -> float:
        """Return a workspace's time."""
        return self.clocks.now(workspace)

    def remember(self, scope: Scope) -> None:
        """Store a workspace's names under its guid, for requests that contain only the guid."""
        if scope.guid not in self.known_workspaces:
            self.store.add("workspace", "", scope.guid, scope.document())
            self.known_workspaces.add(scope.guid)

    def workspace_of(self, guid: str) -> str | None:
        """Return the name of the workspace with this guid, if a request ever named it."""
        document = self.store.get("workspace", "", guid)
        return text(document, "workspace") if document else None

    def exists(self, workspace: str) -> bool:
        """Return whether a workspace exists: one of those given at the start, or any if none were given."""
        names = [name.lower() for name in self.options.workspaces]
        return not names or workspace.lower() in names

    def set_account_key(self, key: str) -> None:
        """Use this account key for signatures from now on, also after a restart."""
        self.store.put("server", "", "account", {"key": key})
        self.account_key = key

    def reset(self) -> None:
        """Remove resources, requests, rules and workspace clocks; the address, the account key and the time stay."""
        self.lose()
        self.faults.clear()
        self.journal.clear()
        self.clocks.reset()
        self.repeated_polls.clear()
        self.repeated_polls.limit = self.options.end_waits_after
        self.settings.update(_default_settings(self.options))

    def lose(self) -> None:
        """Remove resources, as after data loss; requests and rules stay."""
        self.store.clear()
        self.blobs.clear()
        self.indexes.clear()
        self.known_workspaces.clear()

    def close(self) -> None:
        """Close the database; the world cannot be used afterwards."""
        self.database.close()
        if self.lock is not None:
            self.lock.release()


def open_world(options: Options, *, wall: Callable[[], float] = time.time) -> World:
    """Open the state directory, or a temporary state; raises ValueError for a directory that cannot be used."""
    if options.state is None:
        return _build_world(options, wall, connect(None), None)
    try:
        options.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = StateLock(options.state)
    except OSError as error:
        raise _unusable_state(options.state, error) from error
    try:
        database = connect(options.state)
        try:
            return _build_world(options, wall, database, lock)
        except BaseException:
            database.close()
            raise
    except (OSError, sqlite3.Error, TypeError) as error:
        lock.release()
        raise _unusable_state(options.state, error) from error
    except BaseException:
        lock.release()
        raise


def _unusable_state(state: Path, error: Exception) -> ValueError:
    reason = (error.strerror or "") if isinstance(error, OSError) else str(error)
    return ValueError(
        f"the state directory {str(state)!r} cannot be used: {reason or type(error).__name__}. Its content was left "
        "unchanged; move it away, or use another directory"
    )


def _build_world(
    options: Options, wall: Callable[[], float], database: sqlite3.Connection, lock: StateLock | None
) -> World:
    store = Store(database)
    saved = store.get("server", "", "clocks") or {}
    saved_floor = number((store.get("server", "", "latest-time") or {}).get("until")) or 0.0
    clocks = Clocks(
        options.clock,
        step_on_poll=options.step_on_poll,
        saved=saved,
        save=lambda body: store.put("server", "", "clocks", body),
        wall=ForwardClock(
            wall, saved_floor, keep=lambda until: store.put("server", "", "latest-time", {"until": until})
        ),
    )
    key = base64.b64encode(hashlib.sha512(f"mock_server account key {options.seed}".encode()).digest()).decode()
    stored = store.get("server", "", "account")
    if stored is None:
        store.put("server", "", "account", {"key": key})
    return World(
        options=options,
        database=database,
        store=store,
        blobs=BlobStore(database),
        clocks=clocks,
        journal=Journal(),
        faults=ActiveRules(options.seed),
        account_key=text(stored or {}, "key", key),
        settings=_default_settings(options),
        repeated_polls=RepeatedPolls(options.end_waits_after),
        wall=wall,
        lock=lock,
    )


def _default_settings(options: Options) -> dict[str, str]:
    return {
        "datastore_credentials": options.datastore_credentials,
        "blob_addressing": "path",
        "copy_sources": " ".join(options.copy_sources),
        "quota": options.quota,
    }


def update_settings(world: World, requested: Json) -> str | None:
    """Change settings of a running server; returns an error message for an invalid one."""
    allowed = {"datastore_credentials": ("sas", "key", "none"), "blob_addressing": ("path", "host")}
    for name, value in requested.items():
        if name == "copy_sources":
            if invalid := first_invalid_origin(value):
                return f"copy_sources must be origins on loopback, such as http://127.0.0.1:9000; got {invalid!r}"
            continue
        if name == "quota":
            if quotas.parse(value) is None:
                return f"quota must be {quotas.ACCEPTS}; got {str(value)[:80]!r}"
            continue
        if name not in allowed or value not in allowed[name]:
            return f"settings accept {allowed}; got {name!r}: {value!r}: change it to one of those"
    given = {name: value for name, value in requested.items() if name != "quota"}
    world.settings.update({name: str(value) for name, value in given.items()})
    if "quota" in requested:
        world.settings["quota"] = quotas.written(quotas.parse(requested["quota"]) or {})
    return None
