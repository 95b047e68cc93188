"""The report: its JSON, its verdict, and what may be added to it."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from maas_client.catalog.lookup import find_model
from maas_client.datasets.check.checker import Checker, CheckOptions
from maas_client.datasets.check.report import CheckReport

ROW = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'


def check(data: bytes, **options: Any) -> CheckReport:
    name, continues = options.pop("name", None), options.pop("continues", False)
    options.setdefault("survey", False)
    checker = CheckOptions(**options).checker(name=name, continues=continues)
    checker.feed(data)
    return checker.finish()


def test_the_json_of_a_report_has_the_totals_and_the_findings() -> None:
    plain = json.loads(json.dumps(check(ROW * 10 + b"oops\n", model=find_model("Phi-4")).to_dict()))

    assert {key: plain[key] for key in ("ok", "rows", "kept", "dropped", "task", "task_from", "model")} == {
        "ok": True,
        "rows": 11,
        "kept": 10,
        "dropped": {"json-invalid": 1},
        "task": "chat",
        "task_from": "detected",
        "model": "Phi-4",
    }
    [finding] = plain["findings"]
    assert (finding["rule"], finding["severity"], finding["line"]) == ("json-invalid", "dropped", 11)


def test_nine_rows_are_rejected_for_the_most_severe_rule() -> None:
    report = check(ROW * 9 + b"\n" * 3)

    assert not report.ok
    assert "9 of 12 rows" in report.findings[0].message
    assert "row-blank (3)" in report.findings[0].message
    assert "reject" in report.summary


def test_two_parts_too_small_apart_are_enough_together() -> None:
    half = check(ROW * 5)

    assert not half.ok
    assert (half + half).ok


def test_lines_and_bytes_of_the_second_part_count_from_the_first() -> None:
    first, second = check(ROW * 4), check(b"\xe9\n", continues=True)

    [finding] = [each for each in (first + second).findings if each.rule == "utf8-invalid"]
    assert (finding.line, finding.byte) == (5, 4 * len(ROW))


def test_a_finding_listed_once_keeps_its_first_line_in_a_sum() -> None:
    part = check(ROW.replace(b"}\n", b', "weight": 1}\n') * 2)

    [finding] = [each for each in (part + part).findings if each.rule == "column-ignored"]
    assert (finding.line, (part + part).counts["column-ignored"]) == (1, 4)


def test_the_rows_of_all_parts_decide_the_task() -> None:
    text = check(b'{"prompt": "a", "completion": "b"}\n')

    both = text + check(ROW * 30)

    assert (both.task, both.kept, both.dropped) == ("chat", 30, {"schema-mismatch": 1})


def test_the_first_findings_are_kept_and_all_are_counted() -> None:
    report = check(b"oops\n" * 50, keep=3)

    assert [finding.line for finding in report.findings if finding.rule == "json-invalid"] == [1, 2, 3]
    assert report.counts["json-invalid"] == 50


@pytest.mark.parametrize(
    "options", [{"task": "chat"}, {"keep": 1}, {"role": "validation"}, {"model": find_model("Phi-4")}]
)
def test_reports_that_answer_different_questions_do_not_add(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        _ = check(ROW) + check(ROW, **options)


def test_a_report_travels_between_processes() -> None:
    report = check(ROW * 3 + b"oops")

    assert pickle.loads(pickle.dumps(report)) == report


def test_finish_may_be_asked_twice() -> None:
    checker = Checker()
    checker.feed(ROW * 40)

    assert checker.finish() == checker.finish()
