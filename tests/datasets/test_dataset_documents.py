"""What is published about reports is true of them: the table of rules, the JSON schema, the form for code hosts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # it has none
import pytest

from maas_client.catalog.lookup import find_model
from maas_client.core.surfaces import SURFACE_TITLES
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.check.report import CheckReport
from maas_client.datasets.check.rule_sets import rule_set
from maas_client.datasets.check.sarif import to_sarif
from maas_client.datasets.parts import check_file

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "check-report.schema.json").read_text("utf-8"))
VALIDATOR: Any = jsonschema.Draft202012Validator(SCHEMA)  # Any: jsonschema has no types
EXAMPLES = ROOT / "examples" / "data"
MODEL = find_model("Phi-3-medium-4k-instruct")
ASKED = [
    CheckOptions(),
    CheckOptions(survey=False, task="text"),
    CheckOptions(model=MODEL, role="validation"),
    CheckOptions(surface="foundry"),
    CheckOptions(surface="foundry", method="dpo"),
]


@pytest.mark.parametrize("title", SURFACE_TITLES.values())
def test_the_table_of_rules_says_what_the_code_says(title: str) -> None:
    page = (ROOT / "docs" / "dataset-rules.md").read_text("utf-8")
    table = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rules = next(rule_set(surface).rules for surface, named in SURFACE_TITLES.items() if named == title)

    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\| `.*\|$", table, re.MULTILINE)
    ]
    assert rows == [
        [f"`{rule.id}`", rule.severity, "yes" * rule.repairable, rule.service, rule.remedy] for rule in rules.values()
    ]


@pytest.fixture(params=ASKED, ids=["survey", "text", "validation", "foundry", "dpo"])
def report(request: pytest.FixtureRequest) -> CheckReport:
    """A report on a file with something of nearly everything."""
    return check_file(EXAMPLES / "flawed.jsonl", request.param)


def test_a_report_is_of_the_published_schema(report: CheckReport) -> None:
    plain = json.loads(json.dumps(report.to_dict()))

    VALIDATOR.validate(plain)
    assert plain["findings"]


def test_the_schema_rejects_what_is_not_a_report(report: CheckReport) -> None:
    plain = report.to_dict()

    for broken in (plain | {"rows": "many"}, plain | {"more": 1}, {key: plain[key] for key in plain if key != "kept"}):
        assert not VALIDATOR.is_valid(broken)


def test_sarif_results_have_the_line_the_rule_and_the_remedy(report: CheckReport) -> None:
    log = to_sarif(report, "data/flawed.jsonl")

    [run] = log["runs"]
    assert log["version"] == "2.1.0"
    assert [result["ruleId"] for result in run["results"]] == [finding.rule for finding in report.findings]
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], report.findings, strict=True):
        place = result["locations"][0]["physicalLocation"]
        assert rules[result["ruleIndex"]]["id"] == finding.rule
        assert place["artifactLocation"] == {"uri": "data/flawed.jsonl"}
        assert place.get("region", {}).get("startLine") == finding.line
        assert finding.remedy in result["message"]["text"]
        assert result["level"] == {"refused": "error", "fatal": "error", "dropped": "error", "changed": "warning"}.get(
            finding.severity, "note"
        )
