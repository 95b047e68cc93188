"""`maas eval`: compare endpoints on a validation set."""

from __future__ import annotations

from pathlib import Path

import click

from ...inference.evaluation_result import EndpointAnswers, Summary
from ..app.endpoint_names import find_ready_endpoint
from ..app.options import EXISTING_FILE, Command
from ..app.session import Session, pass_session
from ..output.printer import Columns


@click.command(
    cls=Command,
    help="""Send the prompt of every row of a validation set to each ENDPOINT, and compare the answers with the row's
    reference answer: exact match, match ignoring case and punctuation, and ROUGE-L. Shows the rows with the lowest
    scores of the last endpoint. ENDPOINT may also be the job or the tuned model (NAME:VERSION) that one serves.

    \b
    Example:
      maas eval base-phi support --validation-data validation.jsonl --rows 100
    """,
)
@click.argument("endpoints", metavar="ENDPOINT...", nargs=-1, required=True)
@click.option("--validation-data", type=EXISTING_FILE, required=True, help="JSONL file of chat rows.")
@click.option("--rows", type=click.IntRange(min=1), metavar="N", help="Use only the first N rows.")
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Maximum number of tokens in an answer.")
@click.option("--parallel", type=click.IntRange(1, 64), default=4, metavar="N", help="Number of parallel requests (4).")
@click.option("--worst", type=click.IntRange(min=0), default=5, metavar="N", help="Number of rows to show (5).")
@pass_session
def evaluate(
    session: Session,
    endpoints: tuple[str, ...],
    validation_data: Path,
    rows: int | None,
    max_tokens: int | None,
    parallel: int,
    worst: int,
) -> None:
    """Evaluate endpoints."""
    printer = session.printer

    def on_progress(done: int, total: int) -> None:
        if done * PROGRESS_NOTES // total > (done - 1) * PROGRESS_NOTES // total:
            printer.note(f"{done} of {total} prompts answered")

    with session.client() as maas:
        found = [find_ready_endpoint(session, maas, name) for name in endpoints]
        evaluation = maas.evals.run(
            found, validation_data, rows=rows, max_tokens=max_tokens, parallel=parallel, on_progress=on_progress
        )
    if printer.is_json:
        printer.document(evaluation.to_dict())
        return
    printer.rows(evaluation.summaries(), SUMMARIES, lambda _: {})
    if evaluation.unusable:
        lines = "1 line has" if evaluation.unusable == 1 else f"{evaluation.unusable} lines have"
        printer.note(f"{lines} no final assistant message: skipped")
    if worst:
        printer.note(f"lowest scores of {len(evaluation.rows)} rows:")
        printer.rows(evaluation.worst(worst), WORST, lambda _: {})


PROGRESS_NOTES = 5
"""Number of progress notes."""


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _last(row: EndpointAnswers) -> str:
    answer = row.answers[-1]
    return answer.error or answer.text


def _rouge(row: EndpointAnswers) -> str:
    found = row.answers[-1].score
    return "-" if found is None else f"{found.rouge_l:.2f}"


SUMMARIES: Columns[Summary] = {
    "endpoint": lambda summary: summary.endpoint,
    "answered": lambda summary: summary.answered,
    "errors": lambda summary: summary.errors,
    "exact": lambda summary: _percent(summary.exact),
    "normalised": lambda summary: _percent(summary.normalised),
    "ROUGE-L": lambda summary: f"{summary.rouge_l:.3f}",
    "median": lambda summary: f"{summary.seconds:.2f} s",
    "tokens": lambda summary: summary.tokens,
}
MAX_TEXT = 60
"""Maximum characters of a text in the table of the worst rows."""

WORST: Columns[EndpointAnswers] = {
    "line": lambda row: row.line,
    "ROUGE-L": _rouge,
    "question": lambda row: row.question[:MAX_TEXT],
    "expected": lambda row: row.reference[:MAX_TEXT],
    "answered": lambda row: _last(row)[:MAX_TEXT],
}
