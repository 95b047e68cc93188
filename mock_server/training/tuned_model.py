"""Endpoint answers: a tuned model gives the answer of the nearest training example, a base model a fixed one."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mock_server.core.json_values import Json
from mock_server.training.dataset_rows import Example

WORD = re.compile(r"\w+", re.UNICODE)
PIECE = re.compile(r"\A\s*\S+\s*|\S+\s*")


@dataclass(frozen=True, slots=True)
class Answer:
    """A message, and why it ended."""

    message: Json
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int


class ExampleIndex:
    """A TF-IDF index of prompts by words, and by character pairs for scripts written without spaces."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._examples = examples
        counts = [Counter(_terms(example.prompt)) for example in examples]
        document_frequency = Counter(term for count in counts for term in count)
        self._weight = {term: math.log(1 + len(examples) / times) for term, times in document_frequency.items()}
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for position, count in enumerate(counts):
            length = self._length(count)
            for term, times in count.items():
                self._postings.setdefault(term, []).append((position, times * self._weight[term] / length))

    def nearest(self, prompt: str) -> Example | None:
        """Return the most similar example, the earliest of equals; None if no word is shared."""
        scores: dict[int, float] = {}
        for term, times in Counter(_terms(prompt)).items():
            for position, weight in self._postings.get(term, ()):
                scores[position] = scores.get(position, 0.0) + times * self._weight[term] * weight
        nearest = min(scores, key=lambda position: (-scores[position], position), default=None)
        return None if nearest is None else self._examples[nearest]

    def _length(self, count: Counter[str]) -> float:
        return math.sqrt(sum((times * self._weight[term]) ** 2 for term, times in count.items())) or 1.0


def base_answer(model: str) -> Json:
    """Return the answer of an endpoint without training data, the same for every prompt."""
    return {
        "role": "assistant",
        "content": f"I am {model}, a general model that has not been fine-tuned on your examples.",
    }


def split_words(content: str) -> list[str]:
    """Split a text as a stream would: each piece is a word with the space around it."""
    return PIECE.findall(content) or ([content] if content else [])


def truncate_answer(message: Json, most: int | None, prompt: str) -> Answer:
    """Truncate an answer at `max_tokens` tokens, which are words here."""
    content = message.get("content")
    words = split_words(content) if isinstance(content, str) else []
    if most is not None and len(words) > most:
        words = words[:most]
        return Answer({**message, "content": "".join(words)}, "length", len(split_words(prompt)), len(words))
    reason = "tool_calls" if message.get("tool_calls") else "stop"
    return Answer(message, reason, len(split_words(prompt)), max(1, len(words)))


def _terms(prompt: str) -> list[str]:
    words: list[str] = WORD.findall(prompt.lower())
    spaceless = [word for word in words if not word.isascii()]
    return words + [word[i : i + 2] for word in spaceless for i in range(len(word) - 1)]
