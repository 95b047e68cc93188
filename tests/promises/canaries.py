"""The whole job with everything logged and every error written out: a script, run by `test_no_secret_anywhere`.

`python -m tests.promises.canaries ENDPOINT FOLDER TOKEN KIND` leaves the log, the errors with all their locals, and the
reprs in FOLDER, and prints as JSON every secret that it sent or was given.
"""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import sys
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import httpx
from rich.console import Console
from rich.traceback import Traceback

from maas_client.azure.credentials import Tokens
from maas_client.azure.settings import Settings
from maas_client.azure.signers import EndpointKey, Sas, SharedKey
from maas_client.client import Resources
from maas_client.core.blocking import run
from maas_client.core.secret_text import SecretText
from maas_client.errors import MaasError
from maas_client.foundry.settings import FoundrySettings
from maas_client.wire import AsyncWire, BlockingWire, Wire, no_tls
from tests.promises.tape import MODEL, write_rows

LOGGED = ("traceparent", "tracestate", "baggage", "user-agent", "x-ms-client-request-id", "referer")
"""Headers that are for everybody's logs."""


class Watched:
    """Takes note of every secret that leaves in a request, and of the headers that are for everybody's logs."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.texts: list[str] = []

    def note(self, request: httpx.Request) -> None:
        self.secrets |= {request.headers.get("authorization", "").rpartition(" ")[2]}
        self.secrets |= {request.headers.get("api-key", "")}
        query = request.url.query.decode()
        for name, value in parse_qsl(query):
            if name == "sig":
                self.secrets |= {value, unquote(value), query.partition("sig=")[2].partition("&")[0]}
        self.texts += [request.headers.get(name, "") for name in LOGGED]


class Blocking(httpx.HTTPTransport):
    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = watched

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._watched.note(request)
        return super().handle_request(request)


class OnLoop(httpx.AsyncHTTPTransport):
    def __init__(self, watched: Watched) -> None:
        super().__init__()
        self._watched = watched

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._watched.note(request)
        return await super().handle_async_request(request)


@dataclass(frozen=True)
class Given:
    """A token, and when it ends."""

    token: str
    expires_on: int = 1 << 40

    def __repr__(self) -> str:
        return "Given()"


class Credential:
    """Hands out one token; a second one says why it does not, with the token in it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> Given:
        return Given(self._token)


class Written:
    """What could be read afterwards."""

    def __init__(self, folder: Path) -> None:
        self._out = (folder / "seen.txt").open("a", encoding="utf-8")
        self.errors = 0

    def value(self, value: object) -> None:
        self._out.write(f"{value!r}\n{value}\n")

    def error(self, error: BaseException) -> None:
        """Write an error as every tool would that shows it."""
        self.errors += 1
        self._out.write(everything_of(error, __file__))
        self._out.flush()


def everything_of(error: BaseException, *knowing: str) -> str:
    """Return all that anybody could read of an error: plain, with locals, as rich draws it, and what it hides.

    Frames at the outer end are left out for as long as they are of the files that know the secrets.
    """
    texts: list[str] = []
    left, seen = [error], set[int]()
    while left:
        if id(one := left.pop()) in seen:
            continue
        seen.add(id(one))
        trace = one.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename in knowing:
            trace = trace.tb_next
        one = one.with_traceback(trace)
        texts += [repr(one), str(one), repr(one.args), repr(getattr(one, "__notes__", ()))]
        texts += [f"{name} = {value!r} {value}" for name, value in vars(one).items()]
        texts += traceback.format_exception(one)
        texts += traceback.TracebackException.from_exception(one, capture_locals=True).format()
        texts += [_drawn(one), *_objects_in(one)]
        texts += [_pickled(one)]
        left += [other for other in (one.__cause__, one.__context__) if other is not None]
        left += cast("Sequence[BaseException]", getattr(one, "exceptions", ()))
    return "\n".join(texts)


def _drawn(error: BaseException) -> str:
    drawn = StringIO()
    shown = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_length=99, locals_max_string=10_000
    )
    Console(file=drawn, width=300).print(shown)
    return drawn.getvalue()


def _objects_in(error: BaseException) -> Iterator[str]:
    """Look into the library's own objects among the locals of each frame, one level deep."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        for value in frame.f_locals.values():
            if type(value).__module__.startswith("maas_client") and ".wire" not in type(value).__module__:
                yield repr(getattr(value, "__dict__", {}))


def _pickled(error: BaseException) -> str:
    try:
        return pickle.dumps(error).decode("latin-1")
    except Exception as refused:
        return repr(refused)


async def every(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


async def work(maas: Resources, folder: Path, fault: Callable[..., object], written: Written) -> set[str]:
    """Do the whole job, well and badly; return the secrets that the service gave."""

    async def done(act: Callable[[], Awaitable[object]]) -> None:
        try:
            written.value(await act())
        except Exception as error:  # whatever it is, it is written out
            written.error(error)

    file = folder / "train.jsonl"
    write_rows(folder)
    await done(lambda: maas.datasets.upload(file, name="rows"))
    await maas.jobs.create(model=MODEL, training_data=file, name="ft-1")
    await maas.jobs.wait("ft-1")
    await maas.endpoints.wait(await maas.endpoints.create(model="Phi-4", name="e-1"))
    keys = await maas.endpoints.keys("e-1")
    written.value(keys)
    secrets: Mapping[str, Any] = {}
    with suppress(MaasError):  # a datastore without credentials has none
        ask = maas._surface.workspace._arm.request  # pyright: ignore[reportPrivateUsage] -- no operation returns them, and they must be known
        secrets, _ = await ask("POST", "/datastores/workspaceblobstore/listSecrets", {}, repeatable=True)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "blob.*": lambda: maas.datasets.upload(file.with_name("other.jsonl"), name="other"),
        "blob.get": lambda: maas.jobs.download("ft-1", folder / "down", overwrite=True),
        "chat.complete": lambda: maas.chat.complete("e-1", "Hello"),
        "chat.*": lambda: every(maas.chat.stream("e-1", "Hello")),
        "jobs.get": lambda: maas.jobs.get("ft-1"),
        "jobs.list": lambda: every(maas.jobs.list()),
        "endpoints.*": lambda: maas.endpoints.keys("e-1"),
        "history.*": lambda: every(maas.jobs.logs("ft-1")),
    }
    troubles: list[dict[str, Any]] = [
        {"status": 403, "body": "no"},
        {"status": 401, "headers": {"WWW-Authenticate": 'Bearer claims="e30="'}, "count": 2},
        {"status": 302, "headers": {"Location": "https://evil.test/?sig=abc"}},
        {"drop": "body", "count": None},
        {"status": 503, "count": None, "retry_after": 999},
    ]
    write_rows(folder / "more", 14)
    (folder / "more" / "train.jsonl").rename(file.with_name("other.jsonl"))
    for trouble in troubles:
        for operation, act in acts.items():
            fault(operation=operation, **trouble)
            await done(act)
            fault()
    kept = {name: value for name, value in secrets.items() if isinstance(value, str) and name != "secretsType"}
    return {keys.primary, keys.secondary, *kept.values()}


Job = Callable[[Resources, Path, Callable[..., object], Written], Coroutine[Any, Any, set[str]]]
"""What is done with a client: returns the secrets that it was given, or gave."""


def main(
    endpoint: str, folder: Path, token: str, kind: str, *, settings: Settings | FoundrySettings, job: Job = work
) -> None:
    """Run a whole job, and print the secrets."""
    logging.basicConfig(filename=folder / "log.txt", level=logging.DEBUG, encoding="utf-8")
    logging.captureWarnings(True)
    warnings.simplefilter("always")
    for name in ("httpx", "httpcore", "azure", "asyncio", "maas_client"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    (folder / "more").mkdir()
    watched, written, http = Watched(), Written(folder), httpx.Client()

    def fault(**rule: Any) -> object:
        if rule:
            return http.post(f"{endpoint}/_mock/faults", json=rule).raise_for_status()
        return http.delete(f"{endpoint}/_mock/faults").raise_for_status()

    def pass_time(seconds: float) -> None:
        http.post(f"{endpoint}/_mock/clock", json={"advance": seconds}).raise_for_status()

    async def passing(seconds: float) -> None:
        pass_time(seconds)

    def now() -> float:
        return float(http.get(f"{endpoint}/_mock/clock").json()["now"])

    blocking = BlockingWire(verify=no_tls(), transport=Blocking(watched), sleep=pass_time, now=now, clock=now)
    wire: Wire = blocking
    if kind == "blocking":
        given = run(job(Resources(wire, settings, Credential(token)), folder, fault, written))
    else:

        async def all_of_it() -> set[str]:
            nonlocal wire
            on_loop = AsyncWire(
                verify=no_tls(), transport=OnLoop(watched), courier=blocking, sleep=passing, now=now, clock=now
            )
            wire = on_loop
            try:
                return await job(Resources(wire, settings, Credential(token)), folder, fault, written)
            finally:
                await on_loop.close()

        given = asyncio.run(all_of_it(), debug=True)
    maas = Resources(wire, settings, Credential(token))
    pickled: list[str] = []
    for holder in (
        maas,
        wire,
        Tokens(wire, lambda: Credential(token)),
        EndpointKey(SecretText(token)),
        Sas(SecretText(token)),
        SharedKey("a", SecretText(token), now),
    ):
        written.value(holder)
        try:
            pickled.append(type(holder).__name__ if token.encode() in pickle.dumps(holder) else "")
        except Exception as refused:
            written.error(refused)
    secrets = {secret for secret in {token, *given, *watched.secrets} if len(secret) > 8}
    texts = sorted({text for text in watched.texts if any(secret in text for secret in secrets)})
    print(json.dumps({"secrets": sorted(secrets), "texts": texts, "pickled": pickled, "errors": written.errors}))


if __name__ == "__main__":
    mine = Settings("sub-1", "group-1", "work-1", endpoint=sys.argv[1])
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4], settings=mine)
