"""Evaluation of endpoints on a validation set, such as the base model's and the tuned one's, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any

from ..core.arguments import COUNT, TIMEOUT, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import BadRequest, InvalidInput, MaasError, ReplyLost, ServiceUnavailable, Throttled, UnexpectedReply
from ..core.local_files import reports_file_errors
from ..datasets.rows.lines import BOM, read_row
from ..datasets.rows.schemas import Problem, Row
from ..endpoints.backend import EndpointBackend
from ..endpoints.endpoint import Endpoint
from ..openai_api.chat_completions import read_completion
from ..transfers.adaptive_concurrency import AdaptiveLimit, ConcurrencyGate
from ..transfers.sources import existing
from ..wire import Thunk
from .endpoint_access import EndpointAccess
from .evaluation_result import Answer, EndpointAnswers, Evaluation, Question
from .text_scores import score

PARALLEL = 4
"""Most questions in flight at once."""

_OF_ONE_ROW = (BadRequest, Throttled, ServiceUnavailable, ReplyLost, UnexpectedReply)
"""Errors of a single question; any other error would concern all of them."""


class AsyncEvals:
    """Evaluation of endpoints by a validation set."""

    def __init__(self, backend: EndpointBackend) -> None:
        self._backend, self._access = backend, EndpointAccess(backend)

    @takes_numbers(rows=COUNT, parallel=COUNT, timeout=TIMEOUT)
    @reports_file_errors
    async def run(
        self,
        endpoints: Sequence[str | Endpoint],
        validation_data: str | PathLike[str],
        *,
        rows: int | None = None,
        max_tokens: int | None = None,
        temperature: float = 0.0,
        parallel: int = PARALLEL,
        timeout: float | None = None,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> Evaluation:
        """Ask every endpoint the last question of every row, and compare the answers with the row's own.

        Args:
            endpoints: one or more; the worst rows are those of the last.
            validation_data: a JSONL file of chat rows.
            rows: how many rows to ask, from the first; without it all.
            max_tokens: the longest answer, in tokens.
            temperature: 0 for the most likely answer.
            parallel: most questions in flight per endpoint; fewer while it throttles.
            timeout: seconds to wait for an answer; without it the client's, by default 120.
            on_progress: called with the questions that were answered, and all, possibly from another thread.

        Returns:
            Every answer with its scores; a question that was refused has its error instead.

        Raises:
            InvalidInput: there is no such file, no row that can be asked, or no endpoint.
            NotFound: there is no such endpoint; nothing was read or sent.
            AuthenticationFailed, PermissionDenied: it may not be asked.
        """
        if not endpoints:
            raise InvalidInput("an evaluation needs an endpoint")
        file = existing(validation_data)
        for endpoint in endpoints:
            await self._access(endpoint)  # first: one that is missing or not ready fails before a row is read
        questions, unusable = await self._backend.wire.call(partial(_questions, file, rows))
        if not questions:
            raise InvalidInput(f"{validation_data} has no chat row that ends with an answer of the assistant")
        names = [each.name if isinstance(each, Endpoint) else each for each in endpoints]
        total, done = len(names) * len(questions), 0
        counting = self._backend.wire.lock()

        async def counted(ask: Callable[[Question], Any], question: Question) -> Answer:
            nonlocal done
            answer: Answer = await ask(question)
            async with counting:
                done += 1
                if on_progress is not None:
                    on_progress(done, total)
            return answer

        columns: list[list[Answer]] = []
        options = {"max_tokens": max_tokens, "temperature": temperature}
        for endpoint, name in zip(endpoints, names, strict=True):
            pace = AdaptiveLimit(parallel)
            ask = partial(self._ask, endpoint, name, options, timeout, pace, ConcurrencyGate(self._backend.wire, pace))
            thunks: list[Thunk[Answer]] = [partial(counted, ask, question) for question in questions]
            columns.append(await self._backend.wire.gather(thunks, limit=parallel))
        answered = [
            EndpointAnswers(question.line, _text(question.messages[-1]) or "", question.reference, answers)
            for question, *answers in zip(questions, *columns, strict=True)
        ]
        return Evaluation(names, answered, unusable)

    async def _ask(
        self,
        endpoint: str | Endpoint,
        name: str,
        options: Mapping[str, object],
        timeout: float | None,
        pace: AdaptiveLimit,
        gate: ConcurrencyGate,
        question: Question,
    ) -> Answer:
        """Ask one question; throttling by the endpoint slows down all of them."""
        access = await self._access(endpoint)
        request = access.request(question.messages, options=options, timeout=timeout)
        async with gate.passed():
            began = self._backend.wire.clock()
            try:
                reply = await self._backend.send_chat(request, access.signer, on_attempt=pace.on_attempt)
                completion = read_completion(request, reply)
            except _OF_ONE_ROW as error:
                return Answer(name, error=_words(error))
        seconds, tokens = self._backend.wire.clock() - began, completion.usage.completion_tokens
        return Answer(name, completion.text, score(question.reference, completion.text), seconds, tokens)


class Evals(Blocking[AsyncEvals]):
    """Evaluation of endpoints by a validation set."""

    run = blocking(AsyncEvals.run)


def _words(error: MaasError) -> str:
    return f"{type(error).__name__}: {error}"


def _questions(file: Path, rows: int | None) -> tuple[list[Question], int]:
    """Read the rows that can be asked, and count the other lines."""
    unusable = 0

    def found() -> Iterator[Question]:
        nonlocal unusable
        with file.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                question = _question(number, read_row(line.removeprefix(BOM).rstrip(b"\r\n")))
                unusable += question is None
                if question is not None:
                    yield question

    return list(islice(found(), rows)), unusable


def _question(line: int, row: Row | Problem) -> Question | None:
    """Return a row's question, if the row ends with an answer of the assistant."""
    messages = None if isinstance(row, Problem) else row.get("messages")
    if not isinstance(messages, list) or len(messages) < 2:
        return None
    turns = [turn for turn in messages if isinstance(turn, dict)]
    reference = _text(turns[-1]) if len(turns) == len(messages) and turns[-1].get("role") == "assistant" else None
    return None if reference is None else Question(line, turns[:-1], reference)


def _text(turn: Mapping[str, object]) -> str | None:
    """Return a turn's text, if it is nothing else."""
    content = turn.get("content")
    return content if isinstance(content, str) and content.strip() else None
