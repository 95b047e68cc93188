"""A blocking call is a coroutine stepped once: what that gives, and what it refuses."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator

import pytest

from maas_client import AsyncMaasClient, MaasClient
from maas_client.azure.workspace import AsyncWorkspace, Workspaces
from maas_client.computes.resource import AsyncComputes, Computes
from maas_client.core.blocking import Blocking, blocking, iterate, run
from maas_client.datasets.resource import AsyncDatasets, Datasets
from maas_client.endpoints.resource import AsyncEndpoints, Endpoints
from maas_client.inference.chat import AsyncChat, Chat
from maas_client.jobs.resource import AsyncJobs, Jobs
from maas_client.resources import Resources
from maas_client.sweeps.resource import AsyncSweeps, Sweeps


class AsyncCounter:
    """Counts."""

    def __init__(self) -> None:
        self.closed = False

    async def add(self, one: int, *, two: int = 2) -> int:
        """Add two numbers."""
        return one + two

    async def count(self, end: int) -> AsyncIterator[int]:
        """Count up."""
        try:
            for number in range(end):
                yield number
        finally:
            self.closed = True

    async def stray(self) -> None:
        """Await what is not the wire."""
        await asyncio.sleep(0)


class Counter(Blocking[AsyncCounter]):
    """Counts, blocking."""

    add = blocking(AsyncCounter.add)
    count = blocking(AsyncCounter.count)
    stray = blocking(AsyncCounter.stray)


def test_a_blocking_call_returns_what_the_coroutine_returns() -> None:
    assert Counter(AsyncCounter()).add(1, two=3) == 4


def test_a_blocking_listing_is_a_plain_iterator() -> None:
    assert list(Counter(AsyncCounter()).count(3)) == [0, 1, 2]


def test_breaking_out_of_a_blocking_listing_closes_its_generator() -> None:
    counter = AsyncCounter()
    for number in Counter(counter).count(10):
        if number == 2:
            break
    assert counter.closed


def test_a_stray_await_is_reported_instead_of_hanging() -> None:
    with pytest.raises(RuntimeError, match="other than its wire"):
        Counter(AsyncCounter()).stray()


def test_a_blocking_method_has_the_same_signature_and_docstring() -> None:
    assert inspect.signature(Counter.add) == inspect.signature(AsyncCounter.add)
    assert Counter.add.__doc__ == "Add two numbers."


def test_an_error_passes_through_with_its_own_type() -> None:
    async def fail() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(fail())


def test_an_iterator_that_is_not_a_generator_can_be_iterated() -> None:
    class Once:
        left = 1

        def __aiter__(self) -> Once:
            return self

        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return 7

    assert list(iterate(Once())) == [7]


def public(kind: type) -> set[str]:
    """The public methods of a class."""
    return {name for name, value in vars(kind).items() if callable(value) and not name.startswith("_")}


@pytest.mark.parametrize(
    ("view", "resource"),
    [
        (Workspaces, AsyncWorkspace),
        (Datasets, AsyncDatasets),
        (Jobs, AsyncJobs),
        (Sweeps, AsyncSweeps),
        (Endpoints, AsyncEndpoints),
        (Chat, AsyncChat),
        (Computes, AsyncComputes),
    ],
)
def test_every_operation_has_its_blocking_counterpart(view: type, resource: type) -> None:
    internal = {"container", "history", "history_url"}
    assert public(view) == {name for kind in resource.__mro__ for name in public(kind)} - internal
    for name in public(view):
        assert inspect.signature(getattr(view, name)) == inspect.signature(getattr(resource, name))


def test_both_clients_take_the_same_arguments() -> None:
    ours, theirs = (inspect.signature(kind).parameters for kind in (MaasClient, AsyncMaasClient))
    assert list(ours) == list(theirs)
    assert public(AsyncMaasClient) == {"close"}
    assert public(MaasClient) == {"close", "plan", "unlisted_api_versions"}
    assert public(MaasClient) - public(AsyncMaasClient) == public(Resources)
