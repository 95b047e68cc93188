"""The findings of `maas check` for machines: annotations of GitHub's workflow commands, and SARIF."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .check_report import where

if TYPE_CHECKING:
    from ... import CheckReport
    from ...datasets.check.rules import Severity

_LEVELS: Mapping[Severity, str] = {
    "refused": "error",
    "fatal": "error",
    "dropped": "error",
    "changed": "warning",
    "warning": "notice",
}


def github_annotations(reports: Sequence[tuple[str, CheckReport]]) -> Iterator[str]:
    """Yield a workflow command for each rule with findings, at its first line.

    GitHub shows ten annotations of each level for a step, so a rule has one, which names its other lines (GitHub,
    "Workflow commands for GitHub Actions").
    """
    for name, report in reports:
        for group in report.groups:
            rule = group.rule
            at = f",line={group.first[0].line}" if group.first[0].line else ""
            text = f"{group.message} ({where(group)}). {rule.service} {rule.remedy}"
            level = _LEVELS[rule.severity]
            yield f"::{level} file={_property(Path(name).as_posix())}{at},title={_property(rule.id)}::{_data(text)}"


def write_sarif(out: Path, reports: Sequence[tuple[str, CheckReport]]) -> None:
    """Write a SARIF log with one run per file and service."""
    from ...datasets.check.sarif import to_sarif

    logs = [to_sarif(report, Path(name).as_posix()) for name, report in reports]
    merged = {**logs[0], "runs": [run for log in logs for run in log["runs"]]}
    out.write_text(json.dumps(merged, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
