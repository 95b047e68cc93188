"""A report as SARIF 2.1.0, which code hosts use to annotate the lines of a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..._version import __version__
from .findings import Finding
from .report import CheckReport
from .rules import Rule, Severity

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Mapping[Severity, str] = {
    "refused": "error",
    "fatal": "error",
    "dropped": "error",
    "changed": "warning",
    "warning": "note",
}


def to_sarif(report: CheckReport, uri: str) -> dict[str, Any]:
    """Return a report as a SARIF log with one run.

    Args:
        report: the report of a check.
        uri: the file's path relative to the repository's root, with forward slashes.

    Returns:
        Plain values for JSON (OASIS, Static Analysis Results Interchange Format 2.1.0). Rules that reject a file or
        drop a row are errors, those that change what is learned are warnings, the rest are notes.
    """
    met = [rule for rule in report.rules.values() if rule.id in report.counts]
    index = {rule.id: number for number, rule in enumerate(met)}
    driver = {"name": "maas check", "semanticVersion": __version__, "rules": [_rule(rule) for rule in met]}
    results = [_result(finding, index[finding.rule], uri) for finding in report.findings]
    run = {
        "tool": {"driver": driver},
        "results": results,
        "columnKind": "utf16CodeUnits",
        "properties": {
            "surface": report.surface,
            "method": report.method,
            "rows": report.rows,
            "kept": report.kept,
            "counts": report.counts,
        },
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.service},
        "help": {"text": rule.remedy},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"severity": rule.severity, "repairable": rule.repairable},
    }


def _result(finding: Finding, index: int, uri: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if finding.line is not None:
        place["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": place}
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.pointer, "kind": "value"}]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.service} {finding.remedy}"},
        "locations": [location],
    }
