"""The report can be filed: it names fields, expectations and files, and no name, host or text of a user."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from changing_wire import changed_body

from maas_client.verification.findings import VerificationFinding, findings_of
from maas_client.verification.markdown import title_of, to_markdown
from maas_client.verification.observation import Observation
from maas_client.verification.report import Remainder, VerificationReport
from mock_server.server import Server
from tests.verification.conftest import Verify
from tests.verification.example_report import example_page

PAGE = Path(__file__).parents[2] / "docs" / "site" / "verify-report.md"
CANARIES = ("canary-subscription", "canary-group", "canaryspace")


def test_the_page_of_the_documentation_is_a_report_of_today() -> None:
    page = example_page()
    if os.environ.get("WRITE_EXAMPLES"):
        PAGE.write_text(page, "utf-8")
    assert PAGE.read_text("utf-8") == page, f"WRITE_EXAMPLES=1 writes {PAGE.name} again"


@pytest.fixture
def canaries(verify: Verify, maas_server: Server) -> dict[str, str]:
    """Settings whose every name must not be seen."""
    del verify
    subscription, group, workspace = CANARIES
    return {"subscription_id": subscription, "resource_group": group, "workspace": workspace}


async def test_no_name_of_the_settings_is_in_the_report(verify: Verify, canaries: dict[str, str]) -> None:
    def leak(body: Any) -> None:
        body["properties"].update({"canaryspace": 1, "provisioningState": "canaryspace"})

    verification = verify(changes={"workspaces.get": changed_body(leak)}, settings=canaries)
    report = await verification.run(await verification.plan("job"))
    text = to_markdown(report)
    assert not [each for each in (*CANARIES, "127.0.0.1", report.name) if each in text]
    assert "/properties/workspace-1" in text
    assert "| unknown value | `/properties/provisioningState` |" in text
    shared = json.dumps([one.to_dict() for one in report.findings])
    assert not [each for each in CANARIES if each in shared]


async def test_no_name_of_foundry_is_in_the_report(verify: Verify, maas_server: Server) -> None:
    place = {"foundry_endpoint": f"{maas_server.endpoint}/api/projects/canaryproject"}

    def leak(body: Any) -> None:
        body["object"] = "canaryproject"

    verification = verify("foundry", changes={"foundry.files.list": changed_body(leak)}, settings=place)
    report = await verification.run(await verification.plan("job"))
    text = to_markdown(report)
    assert not [each for each in ("canary", "127.0.0.1", report.name) if each in text]
    assert "| project-1 |" in text


async def test_an_error_is_reported_by_its_class_and_code_alone(
    verify: Verify, maas_server: Server, canaries: dict[str, str]
) -> None:
    maas_server.fault(operation="jobs.list", status=400, count=None)
    verification = verify(settings=canaries)
    report = await verification.run(await verification.plan("read"))
    [failed] = [one for one in report.failed if one.name == "list jobs"]
    assert failed.reason
    row = next(line for line in to_markdown(report).splitlines() if line.startswith("| list jobs |"))
    assert "BadRequest 400" in row
    assert failed.reason not in row


def test_an_unknown_request_is_described_without_names() -> None:
    unknown = Observation("chat", "", "POST /subscriptions/*/new", 200, 0.1)
    [one] = findings_of([unknown, unknown], [])
    assert (one.kind, one.where, one.count, one.steps) == (
        "unknown request",
        "POST /subscriptions/*/new",
        2,
        ("chat",),
    )
    assert one.is_contradiction


def report_with(report: VerificationReport, *findings: VerificationFinding) -> VerificationReport:
    """Return the same report with other findings."""
    return replace(report, findings=findings)


def finding(**changes: Any) -> VerificationFinding:
    """Return a contradiction of `jobs.get`."""
    given: dict[str, Any] = {
        "operation": "jobs.get",
        "kind": "missing field",
        "where": "/properties/status",
        "expected": "string",
        "found": "nothing",
        "steps": ("cancel job",),
        "count": 3,
        "source": "the specification",
        "file": "maas_client/contract/operations/azure_ml.py",
    }
    return VerificationFinding(**{**given, **changes})


async def test_a_contradiction_says_what_where_and_whence(verify: Verify) -> None:
    report = report_with(await some_report(verify), finding())
    text = to_markdown(report)
    assert title_of(report).endswith("level read: 1 contradiction, 0 additions")
    assert "### `jobs.get`: GET `/subscriptions/{sub}/" in text
    assert "| missing field | `/properties/status` | string | nothing | cancel job | 3 |" in text
    assert "Expected after: the specification. In this library: `maas_client/contract/operations/azure_ml.py`." in text


async def test_additions_are_apart(verify: Verify) -> None:
    addition = finding(kind="unknown field", is_contradiction=False)
    text = to_markdown(report_with(await some_report(verify), addition))
    contradictions, additions = text.split("## Additions")
    assert "unknown field" in additions
    assert "None." in contradictions


async def test_what_is_left_is_reported_without_its_name(verify: Verify) -> None:
    left = Remainder(kind="endpoint", name="secret-ep", why="secret", command="maas endpoints delete secret-ep --yes")
    text = to_markdown(replace(await some_report(verify), remainders=(left,)))
    assert "- endpoint: `maas endpoints delete endpoint-1 --yes`" in text
    assert "secret-ep" not in text


async def test_a_table_stays_one_with_a_bar_in_a_cell(verify: Verify) -> None:
    text = to_markdown(report_with(await some_report(verify), finding(found="a|b")))
    assert "a\\|b" in text


async def some_report(verify: Verify) -> VerificationReport:
    """Return a report of reading."""
    verification = verify()
    return await verification.run(await verification.plan("read"))


async def test_a_report_is_plain_data(verify: Verify) -> None:
    document = json.loads((await some_report(verify)).to_json())
    assert document["level"] == "read"
    assert document["steps"][0]["name"] == "workspace"
    assert document["times"][0].keys() == {"operation", "count", "median", "slowest"}
