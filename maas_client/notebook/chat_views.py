"""What endpoints say, as a notebook draws it: answers, and evaluations of many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rendering.html import card, fields, rows_of, state, table, text

if TYPE_CHECKING:
    from ..inference.evaluation_result import Evaluation
    from ..openai_api.chat_completions import Completion


def completion_html(completion: Completion) -> str:
    """Draw an answer: its text as it came, how it ended, and what it cost."""
    return card("", *reply_parts(completion))


def reply_parts(completion: Completion) -> list[str]:
    """Return the parts of an answer."""
    usage = completion.usage
    tokens = f"{usage.prompt_tokens:,} + {usage.completion_tokens:,}" if usage.total_tokens else ""
    finish = state(completion.finish_reason) if completion.finish_reason else ""
    about = [("finish", finish), ("model", text(completion.model)), ("tokens", tokens)]
    return [f"<pre>{text(completion.text)}</pre>", fields(about)]


def evaluation_html(evaluation: Evaluation) -> str:
    """Draw an evaluation: what each endpoint came to, and the rows that the last one answered worst."""
    came_to = [
        [
            text(each.endpoint),
            text(each.answered),
            text(each.errors),
            *(f"{score:.3f}" for score in (each.exact, each.normalised, each.rouge_l)),
            f"{each.seconds:.2f}",
        ]
        for each in evaluation.summaries()
    ]
    titles = ["endpoint", "answered", "errors", "exact", "normalised", "ROUGE-L", "seconds"]
    worst = [
        [
            text(row.line),
            text(row.question),
            text(row.reference),
            *(text(each.text or each.error) for each in row.answers),
        ]
        for row in evaluation.worst()
    ]
    asked = ["line", "question", "reference", *evaluation.endpoints]
    left_out = f"<p>{evaluation.unusable:,} lines cannot be asked</p>" if evaluation.unusable else ""
    return card(
        rows_of(len(evaluation.rows)), table(titles, came_to), left_out, "<p>answered worst</p>", table(asked, worst)
    )
