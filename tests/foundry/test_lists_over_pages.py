"""Lists are read to their end, whatever a page says about whether more follow."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from support import FakeService, collect

from maas_client.azure.credentials import Tokens, default_credential
from maas_client.azure.settings import Settings
from maas_client.errors import UnexpectedReply
from maas_client.foundry.connection import FoundryConnection
from maas_client.foundry.settings import resolve_foundry
from maas_client.http.channel import Channel
from maas_client.wire import Wire

IDS = [f"file-{number}" for number in range(5)]


def connected(wire: Wire) -> FoundryConnection:
    account = resolve_foundry(foundry_endpoint="http://127.0.0.1:9", environ={})
    settings = Settings("s", "g", "w", endpoint="http://127.0.0.1:9")
    return FoundryConnection(Channel(wire, account.trust), account, Tokens(wire, lambda: default_credential(settings)))


def lists(service: FakeService, *, says: dict[str, Any], honours_after: bool = True) -> None:
    """Let the service list two files a page; `says` is what its pages say about the next one."""

    def answer(request: httpx.Request) -> httpx.Response:
        after = request.url.params.get("after", "")
        start = IDS.index(after) + 1 if after and honours_after else 0
        page = [{"id": each} for each in IDS[start : start + 2]]
        return httpx.Response(200, json={"object": "list", "data": page, **says})

    service.answer = answer


@pytest.mark.parametrize("says", [{}, {"has_more": None}])
async def test_a_page_that_does_not_say_is_not_the_last(wire: Wire, service: FakeService, says: dict[str, Any]) -> None:
    lists(service, says=says)
    listed = await collect(connected(wire).pages("/files"))
    assert [each["id"] for each in listed] == IDS


async def test_a_page_that_says_so_is_the_last(wire: Wire, service: FakeService) -> None:
    lists(service, says={"has_more": False})
    assert len(await collect(connected(wire).pages("/files"))) == 2
    assert len(service.asked) == 1


@pytest.mark.parametrize("says", [{}, {"has_more": True}])
async def test_a_page_that_is_repeated_ends_the_list(wire: Wire, service: FakeService, says: dict[str, Any]) -> None:
    lists(service, says=says, honours_after=False)
    assert len(await collect(connected(wire).pages("/files"))) == 2
    assert len(service.asked) == 2


async def test_a_list_that_never_ends_is_an_error_after_some_time(wire: Wire, service: FakeService) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"data": [{"id": str(len(service.asked))}], "has_more": True})

    service.answer = answer
    with pytest.raises(UnexpectedReply, match="the list never ends"):
        await collect(connected(wire).pages("/files"))
    assert len(service.asked) == 1_000
