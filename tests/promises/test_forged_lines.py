"""A line break in what the service sends forges no line, and a listing beyond reason is refused."""

from __future__ import annotations

import logging

import httpx
import pytest
from hypothesis import given, strategies as st
from support import FakeService, collect

from maas_client import Endpoint, Job, UnexpectedReply
from maas_client.azure.arm import LARGEST_PAGE
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.core.text import one_line
from maas_client.errors import ServiceError
from maas_client.wire import Wire

FORGED = "ft-1\nCRITICAL all is lost\r\x85\u2028\x1b[2J"


@pytest.fixture
def maas(wire: Wire) -> Resources:
    """Every resource, on either wire, with a service that answers as the test says."""
    return Resources(wire, Settings("s", "g", "w", endpoint="http://127.0.0.1:1"), None)


@given(st.text())
def test_any_text_becomes_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


def test_names_and_labels_of_values_are_one_line() -> None:
    properties = {"status": FORGED, "displayName": FORGED, "tags": {FORGED: FORGED}}
    job = Job.read({"name": FORGED, "id": FORGED, "properties": properties})
    endpoint = Endpoint.read({"name": FORGED, "properties": {"provisioningState": FORGED}})
    for shown in (job.name, job.status, *job.tags, *job.tags.values(), endpoint.name, endpoint.provisioning_state):
        assert len(shown.splitlines()) == 1


async def test_a_rejection_is_one_line(maas: Resources, service: FakeService) -> None:
    body = {"error": {"code": FORGED, "message": FORGED, "details": [{"message": f"more {FORGED}"}]}}
    service.answer = lambda _: httpx.Response(400, json=body, headers={"x-ms-request-id": "r"})
    with pytest.raises(ServiceError) as caught:
        await maas.jobs.get("j")
    assert len(str(caught.value).splitlines()) == 1


async def test_a_log_record_is_one_line(
    maas: Resources, service: FakeService, caplog: pytest.LogCaptureFixture
) -> None:
    busy = httpx.Response(503, json={"error": {"message": FORGED}})
    done = httpx.Response(200, json={"name": "j", "properties": {"status": "Completed"}})
    service.script(busy, done)
    with caplog.at_level(logging.INFO, "maas_client"):
        await maas.jobs.wait("j")
    logging.getLogger("maas_client").warning("a name: %s", FORGED)
    assert len(caplog.records) >= 2
    assert all(len(record.getMessage().splitlines()) == 1 for record in caplog.records)


@pytest.mark.parametrize("noun", ["jobs", "endpoints"])
async def test_a_page_beyond_the_limits_is_rejected(maas: Resources, service: FakeService, noun: str) -> None:
    service.answer = lambda _: httpx.Response(200, json={"value": [{}] * (LARGEST_PAGE + 1)})
    with pytest.raises(UnexpectedReply, match="a page of the listing has more than"):
        await collect(getattr(maas, noun).list())
