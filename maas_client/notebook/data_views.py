"""What is known of a data set without asking anybody, as a notebook draws it: reports, tokens, estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rendering.histogram_svg import histogram
from ..rendering.html import card, fields, state, table, text

if TYPE_CHECKING:
    from ..datasets.check.report import Report
    from ..datasets.cost.estimate import CostEstimate
    from ..datasets.tokens.report import TokenReport

LISTED = 20
"""Findings that are listed at most."""


def report_html(report: Report) -> str:
    """Draw a report: what becomes of the rows, the findings, and how long the rows are."""
    lost = ", ".join(f"{count:,} {rule}" for rule, count in report.dropped.items())
    found = [
        [state(each.severity), text(each.rule), text(each.line or "-"), text(each.message), text(each.remedy)]
        for each in report.findings[:LISTED]
    ]
    more = sum(report.counts.values()) - len(found)
    verdict = state("ok" if report.ok else "refused")
    rows = [("verdict", verdict), ("rows", f"{report.rows:,}"), ("kept", f"{report.kept:,}"), ("lost", text(lost))]
    parts = [fields(rows)]
    if found:
        parts.append(table(["", "rule", "line", "what was found", "what to do"], found))
    if found and more > 0:
        parts.append(f"<p>and {more:,} more</p>")
    if report.survey is not None and (lengths := report.survey.histogram()):
        parts.append("<p>row length in bytes</p>")
        parts.append(histogram([(f"below {below:,}", count) for below, count in lengths], title="rows by length"))
    return card(report.summary, *parts)


def tokens_html(report: TokenReport) -> str:
    """Draw what the tokens of a data set come to."""
    return card(f"tokens for {report.model}", fields(_tokens(report)))


def _tokens(report: TokenReport) -> list[tuple[str, str]]:
    bound = "" if report.exact else f"; within {report.error_bound:.0%} for most text"
    return [
        ("counted", text(report.source) + bound),
        ("rows", f"{report.kept:,} of {report.rows:,} kept"),
        ("tokens", f"{report.total:,}, of which {report.learnt:,} are the assistant's"),
        ("longest row", f"{report.max:,} tokens; {report.max_seq_length:,} are read"),
        ("cut", f"{report.truncated:,} rows" if report.truncated else ""),
    ]


def estimate_html(estimate: CostEstimate) -> str:
    """Draw what a job comes to: tokens, steps, a rough time, and money where there are prices."""
    money = "unknown without your prices" if estimate.money is None else text(estimate.money)
    epochs = f"{estimate.epochs:,} epoch{'s' * (estimate.epochs != 1)}"
    counted = [
        *_tokens(estimate.training),
        ("training", f"{estimate.training_tokens:,} tokens in {epochs}"),
        ("with validation", f"{estimate.tokens_with_validation:,} tokens"),
        ("steps", f"{estimate.steps:,}"),
        ("rough time", text(estimate.time)),
        ("cost", money),
    ]
    return card(f"training of {estimate.model.name}", fields(counted))
