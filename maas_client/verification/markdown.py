"""A report as Markdown that can be filed as an issue: it has no name, id, host or text of the service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from ..contract.operation import Surface
from ..contract.table import OPERATIONS
from .findings import VerificationFinding
from .report import VerificationReport

_SURFACES = {
    Surface.AZURE_ML: "Azure Machine Learning",
    Surface.OWN_COMPUTE: "own compute",
    Surface.FOUNDRY: "Azure AI Foundry",
}


MOST_FIELDS = 8
"""Fields of one operation that are named; `--output json` has all."""


def to_markdown(report: VerificationReport) -> str:
    """Return a report as Markdown."""
    parts = (
        _head(report),
        _findings("Contradictions", "The library relies on what is different here.", report.contradictions),
        _findings("Additions", "The library does not know these, and does not mind.", report.additions),
        _steps(report),
        _times(report),
        _fields(report),
        _outages(report),
        _clean_up(report),
        _environment(report),
    )
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def title_of(report: VerificationReport) -> str:
    """Return the report in one line, as the title of an issue."""
    counts = [_count(len(report.contradictions), "contradiction"), _count(len(report.additions), "addition")]
    if report.failed:
        counts.append(f"{_count(len(report.failed), 'step')} failed")
    where = " and ".join(_SURFACES[one] for one in report.surfaces)
    return f"Contract check of {where}, level {report.level}: {', '.join(counts)}"


def _head(report: VerificationReport) -> Iterator[str]:
    yield f"# {title_of(report)}"
    yield ""
    done = sum(one.state == "done" for one in report.steps)
    requests = sum(one.requests for one in report.steps)
    ended = f" It was ended early: {report.ended}." if report.ended else ""
    yield (
        f"`maas verify --level {report.level}` took {done} of {len(report.steps)} steps with "
        f"{_count(requests, 'request')} in {report.seconds:,.0f} s, and held each answer to the contract of "
        f"maas_client {report.version}.{ended}"
    )
    yield ""


def _findings(title: str, says: str, findings: Sequence[VerificationFinding]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    if not findings:
        yield from ("None.", "")
        return
    yield from (says, "")
    ordered = sorted(findings, key=lambda one: (one.operation == "", one.operation))
    for operation, group in groupby(ordered, key=lambda one: one.operation):
        found = list(group)
        yield f"### {_heading(operation)}"
        yield ""
        rows = (
            (one.kind, _code(one.where or "the body"), one.expected, one.found, ", ".join(one.steps), str(one.count))
            for one in found
        )
        yield from _table(("what", "where", "expected", "found", "steps", "answers"), rows)
        yield ""
        if found[0].source:
            yield f"Expected after: {found[0].source}. In this library: `{found[0].file}`."
        elif found[0].file:
            yield f"In this library: `{found[0].file}`."
        yield ""


def _heading(operation: str) -> str:
    if not operation:
        return "Between answers"
    known = OPERATIONS[operation]
    return f"`{operation}`: {known.method} `{known.paths[0]}`"


def _steps(report: VerificationReport) -> Iterator[str]:
    yield from ("## Steps", "")
    rows = (
        (
            one.name,
            one.state,
            str(one.requests),
            f"{one.seconds:,.1f}",
            "; ".join(filter(None, (_error(one.error, one.status, one.code), one.note, _states(one.states.items())))),
        )
        for one in report.steps
    )
    yield from _table(("step", "state", "requests", "seconds", "notes"), rows)
    yield ""


def _error(error: str, status: int | None, code: str) -> str:
    return " ".join(filter(None, (error, "" if status is None else str(status), code)))


def _states(states: Iterable[tuple[str, float]]) -> str:
    return ", ".join(f"{name} {seconds:,.0f} s" for name, seconds in states)


def _fields(report: VerificationReport) -> Iterator[str]:
    yield from ("## Known fields that were in no answer", "")
    yield from ("An operation that is not listed had all of them. They are optional, and no difference.", "")
    rows = (
        (_code(one.operation), f"{one.seen} of {one.seen + len(one.unseen)}", _some(one.unseen))
        for one in report.fields
        if one.unseen
    )
    yield from _table(("operation", "seen", "not seen"), rows)
    yield ""


def _some(pointers: Sequence[str]) -> str:
    more = f" and {len(pointers) - MOST_FIELDS} more" if len(pointers) > MOST_FIELDS else ""
    return ", ".join(map(_code, pointers[:MOST_FIELDS])) + more


def _times(report: VerificationReport) -> Iterator[str]:
    yield from ("## Timing of answers", "")
    rows = ((_code(one.operation), str(one.count), f"{one.median:.3f}", f"{one.slowest:.3f}") for one in report.times)
    yield from _table(("operation", "answers", "median in s", "slowest in s"), rows)
    yield ""


def _outages(report: VerificationReport) -> Iterator[str]:
    if not report.outages:
        return
    yield from ("## Load and outages", "", "These are no differences: the requests were repeated.", "")
    rows = ((_code(one.operation), str(one.status or "no answer"), str(one.count)) for one in report.outages)
    yield from _table(("operation", "status", "answers"), rows)
    yield ""


def _clean_up(report: VerificationReport) -> Iterator[str]:
    yield from ("## Clean-up", "")
    were = "was" if report.removed == 1 else "were"
    yield f"{_count(report.removed, 'thing')} that the steps had left {were} removed."
    yield ""
    if report.remainders:
        yield from ("Not removed:", "")
        seen: dict[str, int] = {}
        for one in report.remainders:
            number = seen[one.kind] = seen.get(one.kind, 0) + 1
            placeholder = f"{one.kind.replace(' ', '-')}-{number}"
            yield f"- {one.kind}: `{one.command.replace(one.name, placeholder)}`"
        yield ""


def _environment(report: VerificationReport) -> Iterator[str]:
    yield from ("## Environment", "")
    day = datetime.fromtimestamp(report.started_at, UTC).date().isoformat()
    rows = (
        ("service", "a server on this machine" if report.is_mock else report.cloud),
        ("maas_client", report.version),
        ("api-versions sent", ", ".join(report.api_versions)),
        ("base model", report.model),
        ("day", day),
        ("price at most", str(report.price)),
        ("Python", report.platform),
    )
    yield from _table(("what", "value"), rows)


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(_cell(cell) for cell in row)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{text}`"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
