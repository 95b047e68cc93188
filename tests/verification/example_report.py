"""The report of a verification of the mock server behind planted differences, as the documentation shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from unittest.mock import patch

import httpx
from changing_wire import Change, ChangingWire, changed_body
from support import Clock, make_wire

from maas_client import BlockingWire, MaasClient
from maas_client.verification.markdown import to_markdown
from maas_client.verification.report import VerificationReport
from maas_client.verification.verification import Verification
from mock_server.server import serve

DAY = datetime(2026, 11, 29, tzinfo=UTC).timestamp()
ANSWER_TIME = 0.21
SENT_TOGETHER = frozenset({"metrics.full", "blob.head", "blob.get", "history.children"})


PLANTED: Mapping[str, Change] = {
    "data.get": changed_body(lambda body: body["properties"].update(retention="P90D")),
    "endpoints.delete": lambda reply: replace(
        reply, headers={name: value for name, value in reply.headers.items() if name != "x-ms-request-id"}
    ),
    "usages.list": changed_body(lambda body: [one.update(limit=str(one["limit"])) for one in body["value"]]),
    "endpoints.get": changed_body(
        lambda body: body["properties"].update(endpointState="Ready" if body["properties"].get("endpointState") else "")
    ),
    "models.list": lambda reply: replace(reply, status=206) if reply.is_success else reply,
}
"""What is different, by operation."""


def example_report() -> VerificationReport:
    """Verify everything of a workspace on the mock server, whose answers are changed on their way."""
    with serve(clock="virtual", quota={"gpu": 1000}) as server, patch("random.uniform", min):
        clock = Clock(httpx.get(f"{server.endpoint}/_mock/clock").json()["now"], listeners=[server.advance])

        def wait(operation: str) -> None:
            if operation not in SENT_TOGETHER:  # several at once: how long each takes would depend on the others
                clock.sleep(ANSWER_TIME)

        wire = ChangingWire(make_wire("blocking", clock), dict(PLANTED), before=wait)
        server.fault(operation="metrics.full", status=503, count=1)
        with MaasClient(
            subscription_id="s",
            resource_group="g",
            workspace="contoso",
            endpoint=server.endpoint,
            wire=cast("BlockingWire", wire),  # it passes on what it does not change
        ) as maas:
            verification = Verification(maas)
            report = verification.run(verification.plan("full"))
    return replace(report, started_at=DAY, platform="3.12.4 on Linux", version="0.1.0")


def example_page() -> str:
    """Return the report as the page of the documentation."""
    return to_markdown(example_report())
