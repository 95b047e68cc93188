"""What either client has uploaded, the other recognises: no byte is sent twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maas_client import MaasClient
from tests.judges.sdk import GROUP, SUBSCRIPTION, WORKSPACE, Microsoft

DATA = ("blob.put", "blob.put_block", "blob.put_block_list")


@pytest.fixture
def maas(microsoft: Microsoft) -> Iterator[MaasClient]:
    """Give our own client of the same workspace."""
    with MaasClient(
        subscription_id=SUBSCRIPTION,
        resource_group=GROUP,
        workspace=WORKSPACE,
        endpoint=microsoft.server.endpoint,
        credential=microsoft.credential,
        cloud="AzureCloud",
    ) as client:
        yield client


def sent(microsoft: Microsoft) -> list[dict[str, Any]]:  # Any: journal entries are JSON
    """Give the requests that carried the bytes of a blob."""
    return [entry for entry in microsoft.server.requests() if entry["operation"] in DATA]


def test_we_resend_nothing_that_azure_ai_ml_has_uploaded(microsoft: Microsoft, maas: MaasClient, train: Path) -> None:
    theirs = microsoft.upload(train)
    already = len(sent(microsoft))
    ours = maas.datasets.upload(train)
    assert (ours.bytes_sent, len(sent(microsoft))) == (0, already)
    assert ours.uri.partition("/paths/")[2] == str(theirs.path).partition("/paths/")[2]


def test_azure_ai_ml_resends_nothing_that_we_have_uploaded(microsoft: Microsoft, maas: MaasClient, train: Path) -> None:
    maas.datasets.upload(train)
    already, noted = len(sent(microsoft)), len(microsoft.asked("blob.set_metadata"))
    assert already > 0
    microsoft.upload(train, "theirs")
    assert (len(sent(microsoft)), len(microsoft.asked("blob.set_metadata"))) == (already, noted)
