"""The result of a check: a frozen report that can be merged with the report on the next part of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ...catalog.tuning_methods import TuningMethod
from ...core.plain_values import PlainValue, brief
from ...core.surfaces import Surface
from ...rendering.histogram_svg import histogram
from ...rendering.html import card, escaped, fields, state, table
from ..rows.schemas import Task
from .duplicate_sketch import SharedRow
from .finding_groups import FindingGroup, group_findings
from .findings import Finding, Tallies, Tally, merge
from .line_ranges import ranges_of
from .rule_set import RuleSet
from .rule_sets import rule_set
from .rules import Rule
from .statistics import Statistics
from .task_reading import TaskReading

Role = Literal["training", "validation"]

FEWEST_ROWS: Mapping[Role, int] = {"training": 10, "validation": 1}
"""Rows that must be kept. The training back end rejects fewer than ten for generative tasks."""

_IN_REPORT = "The error's `report` has every finding"

_ENDING = frozenset({"refused", "fatal"})
"""Severities after which nothing is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport(PlainValue):
    """What the service would do with a dataset.

    A file is read under every schema it may follow, and all rows together decide; so the parts of a file can be checked
    separately and their reports added in order: `check(a) + check(b) == check(a then b)` as long as parts end at line
    ends. Findings on the whole file are derived from totals and never stored.

    `asked`, `asked_method`, `surface`, `model`, `role` and `keep` are the options. `opening` is the file's first
    non-blank character, `pieces` the number of invalid lines that look like pieces of larger JSON, `common` the
    findings that do not depend on a schema, `survey` the statistics if requested, `leaked` the rows of a validation
    set that are also in the training set.
    """

    asked: Task | None = None
    model: str | None = None
    role: Role = "training"
    keep: int = 20
    bytes: int = 0
    rows: int = 0
    opening: str = ""
    pieces: int = 0
    common: Tallies = ()
    readings: tuple[TaskReading, ...] = ()
    survey: Statistics | None = None
    leaked: Tallies = ()
    surface: Surface = "azureml"
    asked_method: TuningMethod | None = None

    def __repr__(self) -> str:
        about = {"ok": self.ok, "rows": self.rows, "kept": self.kept, "task": self.task, "model": self.model}
        about |= {"surface": self.surface, "method": self.method} if self.surface != "azureml" else {}
        return brief(type(self).__name__, {**about, "findings": sum(self.counts.values()), "rules": [*self.counts]})

    def _repr_html_(self) -> str:
        return report_html(self)

    @property
    def rule_set(self) -> RuleSet:
        """The rules of the surface."""
        return rule_set(self.surface)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of the surface by their ids."""
        return self.rule_set.rules

    @property
    def ok(self) -> bool:
        """Whether a job on the file would train: no finding is `refused` or `fatal`, and enough rows are kept."""
        return not any(self.rules[rule].severity in _ENDING for rule in self.counts)

    @property
    def reading(self) -> TaskReading:
        """The reading under one schema: of the task that keeps the most rows, and there of the first row that fits.

        What is said of tasks holds for methods, too.
        """
        fitting = sorted((each.first, number) for number, each in enumerate(self.readings) if each.first is not None)
        by_task: dict[tuple[Task, TuningMethod], TaskReading] = {}
        for _, number in fitting:
            schema = self.readings[number].schema
            by_task.setdefault((schema.task, schema.method), self.readings[number])
        return max(by_task.values(), key=lambda each: each.kept, default=self.readings[0])

    @property
    def task(self) -> Task:
        """The task for which the rows were checked."""
        return self.reading.schema.task

    @property
    def method(self) -> TuningMethod:
        """The method of fine-tuning for which the rows were checked."""
        return self.reading.schema.method

    @property
    def task_from(self) -> Literal["given", "detected", "assumed"]:
        """Where task and method come from: the caller, the rows, or nowhere (no row fits any task)."""
        if (self.asked if self.surface == "azureml" else self.asked_method) is not None:
            return "given"
        return "assumed" if self.reading.first is None else "detected"

    @property
    def kept(self) -> int:
        """Rows that are kept; rows dropped by truncation are excluded only if a model is given."""
        return self.reading.kept

    @property
    def dropped(self) -> dict[str, int]:
        """Dropped rows by rule; together with `kept` they add up to `rows`."""
        return {tally.rule: tally.count for tally in self._tallies() if self.rule_set.loses_row(tally.rule)}

    @property
    def counts(self) -> dict[str, int]:
        """Number of findings by rule."""
        counted = {finding.rule: 1 for finding in self._conclusions()}
        counted.update((tally.rule, tally.count) for tally in self._tallies())
        return counted

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings on the whole file, then the first `keep` of each rule, by line."""
        listed = [finding for tally in self._tallies() for finding in tally.first]
        found = *self._conclusions(), *sorted(listed, key=lambda finding: finding.line or 0)
        return found if self.surface == "azureml" else tuple(replace(each, surface=self.surface) for each in found)

    @property
    def groups(self) -> tuple[FindingGroup, ...]:
        """The findings by rule, the worst first."""
        return group_findings(tuple(self._conclusions()), self._tallies(), self.rules)

    @property
    def summary(self) -> str:
        """One sentence: total rows, kept rows, and the verdict."""
        verdict = f"{self.rule_set.subject} would accept it" if self.ok else self.failure("it")
        purpose = self.rule_set.purpose(self.task, self.method)
        return f"{self.kept} of {self.rows} rows {self.rule_set.good} for {purpose}; {verdict}"

    def failure(self, name: str) -> str:
        """Say how the file of this name fails: rejected as it is, or at a row that ends the job."""
        rejected = any(self.rules[rule].severity == "refused" for rule in self.counts)
        return f"{self.rule_set.subject} would reject {name}" if rejected else f"the whole job would fail on {name}"

    def refusal(self, name: str, *, is_file: bool = True) -> str:
        """Explain in one or two lines why a job on the file would not train, and how to see all findings.

        Where the data is no file of the caller's, such as rows, `maas check` is not suggested.
        """
        worst = self._examples() if self.rule_set.by_rule else self._worst()
        reasons = "; ".join(f"line {each.line}: {each.message}" if each.line else each.message for each in worst[:3])
        option = self.rule_set.option + (f" --method {self.asked_method}" if self.asked_method else "")
        every = f"`maas check {name}{option}` shows every finding"
        return f"{self.failure(name)}: {reasons}. {every if is_file else _IN_REPORT}."

    def _worst(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity in _ENDING]

    def _examples(self) -> list[Finding]:
        """Return the first finding of each rule that ends a job, those on rows before those on the file."""
        first: dict[str, Finding] = {}
        for finding in self._worst():
            first.setdefault(finding.rule, finding)
        return sorted(first.values(), key=lambda finding: finding.line is None)

    def __add__(self, later: CheckReport) -> CheckReport:
        """Return the report on this part and the next; ValueError if their options differ."""
        if self._question() != later._question():
            raise ValueError("these reports cannot be added: surface, task, model, role and keep must be equal")
        shifted = later.common, *(reading.tallies for reading in later.readings)
        common, *others = (tuple(tally.after(self.rows, self.bytes) for tally in tallies) for tallies in shifted)
        return replace(
            self,
            bytes=self.bytes + later.bytes,
            rows=self.rows + later.rows,
            opening=self.opening or later.opening,
            pieces=self.pieces + later.pieces,
            common=merge(self.common, common, keep=self.keep),
            readings=tuple(
                mine.then(theirs, tallies, rows=self.rows, size=self.bytes, keep=self.keep)
                for mine, theirs, tallies in zip(self.readings, later.readings, others, strict=True)
            ),
            survey=None if self.survey is None or later.survey is None else self.survey + later.survey.after(self.rows),
        )

    def against(self, training: CheckReport) -> CheckReport:
        """Return this report on a validation set, with findings for rows that are also in the training set.

        Rows that are nearly the same, as near duplicates are, have a rule of their own. Both reports need a survey
        (else ValueError). Of very large datasets only a sample is compared, the same one in both.
        """
        if self.survey is None or training.survey is None:
            raise ValueError("comparing training and validation rows needs both reports to be made with survey=True")
        shared = self.survey.sketch.shared_with(training.survey.sketch)
        copies, near = ([row for row in shared if row.is_copy is is_copy] for is_copy in (True, False))
        leaked = (
            _leaked("validation-row-in-training", copies, "also", keep=self.keep),
            _leaked("validation-row-near-training", near, "nearly", keep=self.keep),
        )
        return replace(self, leaked=tuple(tally for tally in leaked if tally.count))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON: the totals and every kept finding."""
        return {
            "ok": self.ok,
            "rows": self.rows,
            "kept": self.kept,
            "dropped": self.dropped,
            "task": self.task,
            "task_from": self.task_from,
            "schema": self.reading.schema.name,
            "surface": self.surface,
            "method": self.method,
            "model": self.model,
            "role": self.role,
            "bytes": self.bytes,
            "max_seq_length": self.reading.limit,
            "counts": self.counts,
            "roles": dict(self.reading.roles),
            "survey": None if self.survey is None else self.survey.to_dict(),
            "groups": [group.to_dict() for group in self.groups],
            "findings": [finding.to_dict() for finding in self.findings],
        }

    def _question(self) -> tuple[object, ...]:
        asked = self.surface, self.asked, self.asked_method, self.model, self.role, self.keep, self.survey is None
        return *asked, tuple((reading.schema, reading.limit) for reading in self.readings)

    def _tallies(self) -> Tallies:
        surveyed = () if self.survey is None else self.survey.tallies(keep=self.keep)
        unloadable = self.reading.loading_problems(keep=self.keep)
        return self.common + self.reading.tallies + unloadable + surveyed + self.leaked

    def _conclusions(self) -> Iterator[Finding]:
        """Derive findings on the whole file from the totals."""
        commas = next((tally.count for tally in self.common if tally.rule == "json-trailing-comma"), 0)
        lists = next((tally.count for tally in self.common if tally.rule == "row-not-object"), 0)
        if self.opening == "[" and (self.pieces or commas or lists == self.rows == 1):
            yield Finding(rule="json-array", message="the file is one JSON array, not one object per line", found="[")
        elif self.pieces > 1:
            message = f"{self.pieces} lines are pieces of objects spread over several lines"
            yield Finding(rule="json-pretty-printed", message=message, found=self.opening)
        if not self.rows:
            yield Finding(rule="file-empty", message="the file has no rows")
        elif self.kept < FEWEST_ROWS[self.role]:
            worst = max(self.dropped.items(), key=lambda item: item[1], default=None)
            reason = f"; most were {self.rule_set.lost} by {worst[0]} ({worst[1]})" if worst else ""
            needed = FEWEST_ROWS[self.role]
            found = f"{self.kept} of {self.rows} rows are {self.rule_set.good}"
            message = f"{found}, but {self.role} needs at least {needed}{reason}"
            yield Finding(rule="rows-too-few", message=message, found=str(self.kept))
        for problem in self.rule_set.concludes(self.bytes, self.reading.pictured):
            yield Finding(rule=problem.rule, message=problem.message, found=problem.found)


def _leaked(rule: str, rows: Sequence[SharedRow], how: str, *, keep: int) -> Tally:
    """Return the findings for validation rows that are also, or nearly, in the training set."""
    first = [
        Finding(
            rule=rule,
            line=row.line,
            found=f"line {row.other}",
            message=f"the row is {how} line {row.other} of the training set",
        )
        for row in rows[:keep]
    ]
    return Tally(rule, len(rows), tuple(first), ranges_of(row.line for row in rows))


_LISTED = 6
"""Ranges of lines that are shown for each rule."""


def report_html(report: CheckReport) -> str:
    """Render a report as HTML: kept and dropped rows, the findings, and row lengths."""
    lost = ", ".join(f"{count:,} {rule}" for rule, count in report.dropped.items())
    found = [
        [
            state(each.rule.severity),
            escaped(each.rule.id),
            f"{each.count:,}",
            escaped(each.lines.shown(_LISTED) + (" …" if each.lines.beyond(_LISTED) else "") or "-"),
            escaped(each.message),
            escaped(each.rule.remedy),
        ]
        for each in report.groups
    ]
    verdict = state("ok" if report.ok else "refused")
    rows = [
        ("verdict", verdict),
        ("rows", f"{report.rows:,}"),
        ("kept", f"{report.kept:,}"),
        ("dropped", escaped(lost)),
    ]
    parts = [fields(rows)]
    if found:
        parts.append(table(["", "rule", "count", "lines", "found", "what to do"], found))
    if report.survey is not None and (lengths := report.survey.histogram()):
        parts.append("<p>row length in bytes</p>")
        parts.append(histogram([(f"below {below:,}", count) for below, count in lengths], title="rows by length"))
    return card(report.summary, *parts)
