"""Results of an evaluation: each row's answers side by side, and their summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, median
from typing import Any

from ..core.plain_values import PlainValue
from ..rendering.html import card, escaped, rows_of, table
from .text_scores import Score


@dataclass(frozen=True, slots=True)
class Answer:
    """An endpoint's answer to a row, with its seconds and tokens; or the error instead."""

    endpoint: str
    text: str = ""
    score: Score | None = None
    seconds: float = 0.0
    tokens: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A row of the set: its line, the question, and the reference answer."""

    line: int
    messages: Sequence[dict[str, Any]]
    reference: str


@dataclass(frozen=True, slots=True)
class EndpointAnswers:
    """A row with the answers of all endpoints, in their order."""

    line: int
    question: str
    reference: str
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class Summary:
    """An endpoint's summary: mean scores over the rows that it answered, and the median time in seconds."""

    endpoint: str
    answered: int
    errors: int
    exact: float
    normalised: float
    rouge_l: float
    seconds: float
    tokens: int


@dataclass(frozen=True, slots=True)
class Evaluation(PlainValue):
    """The rows that were asked, and how many lines of the file cannot be asked."""

    endpoints: Sequence[str]
    rows: Sequence[EndpointAnswers]
    unusable: int = 0

    def _repr_html_(self) -> str:
        return evaluation_html(self)

    def summaries(self) -> list[Summary]:
        """Return each endpoint's summary."""
        return [_summary(name, [row.answers[place] for row in self.rows]) for place, name in enumerate(self.endpoints)]

    def worst(self, count: int = 5) -> list[EndpointAnswers]:
        """Return the rows that the last endpoint answered worst, by ROUGE-L; those without an answer first."""
        return sorted(self.rows, key=lambda row: (_rouge(row.answers[-1]), row.line))[:count]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "endpoints": [asdict(summary) for summary in self.summaries()],
            "rows": [asdict(row) for row in self.rows],
            "unusable": self.unusable,
        }


def _rouge(answer: Answer) -> float:
    return -1.0 if answer.score is None else answer.score.rouge_l


def _summary(endpoint: str, answers: Sequence[Answer]) -> Summary:
    scored = [answer for answer in answers if answer.score is not None]
    scores = [answer.score for answer in scored if answer.score is not None]

    def mean(values: Sequence[float]) -> float:
        return fmean(values) if values else 0.0

    return Summary(
        endpoint=endpoint,
        answered=len(scored),
        errors=len(answers) - len(scored),
        exact=mean([score.exact for score in scores]),
        normalised=mean([score.normalised for score in scores]),
        rouge_l=mean([score.rouge_l for score in scores]),
        seconds=median([answer.seconds for answer in scored]) if scored else 0.0,
        tokens=sum(answer.tokens for answer in scored),
    )


def evaluation_html(evaluation: Evaluation) -> str:
    """Draw an evaluation: each endpoint's summary, and the worst answers of the last one."""
    came_to = [
        [
            escaped(each.endpoint),
            escaped(each.answered),
            escaped(each.errors),
            *(f"{score:.3f}" for score in (each.exact, each.normalised, each.rouge_l)),
            f"{each.seconds:.2f}",
        ]
        for each in evaluation.summaries()
    ]
    titles = ["endpoint", "answered", "errors", "exact", "normalised", "ROUGE-L", "seconds"]
    worst = [
        [
            escaped(row.line),
            escaped(row.question),
            escaped(row.reference),
            *(escaped(each.text or each.error) for each in row.answers),
        ]
        for row in evaluation.worst()
    ]
    asked = ["line", "question", "reference", *evaluation.endpoints]
    left_out = f"<p>{evaluation.unusable:,} lines cannot be asked</p>" if evaluation.unusable else ""
    return card(
        rows_of(len(evaluation.rows)), table(titles, came_to), left_out, "<p>answered worst</p>", table(asked, worst)
    )
