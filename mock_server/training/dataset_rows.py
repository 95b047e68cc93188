"""Which rows of a dataset the service trains on, and why it would reject the dataset.

Written from the behaviour of Microsoft's published components and training backend (azureml-acft-contrib-hf-nlp 0.0.91,
facts only): rows are dropped without naming them, and the job fails only if too few are left.
"""

import codecs
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mock_server.core.json_values import Json, is_array, is_object, text
from mock_server.training.later_stages import SYSTEM_USER_ASSISTANT, LaterStages, Template

MINIMUM = 10
KEPT_EXAMPLES = 5_000
KEPT_CHARACTERS = 8_000_000
Columns = tuple[str, str]
TEXT_COLUMNS: tuple[Columns, ...] = (("prompt", "completion"), ("text", "ground_truth"))


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt and the answer that a tuned model has learnt for it."""

    prompt: str
    answer: Json


@dataclass(frozen=True, slots=True)
class Dataset:
    """The usable content of a file: number of rows and tokens, and the reason if it cannot be used.

    `stage` and `line` say where the job ends, if it ends at a row behind the row filter.
    """

    rows: int
    tokens: int
    skipped: int
    problem: str | None
    examples: tuple[Example, ...] = ()
    stage: str = ""
    line: int = 0


def read(
    pieces: Iterable[bytes],
    *,
    name: str,
    task: str,
    limit: int,
    minimum: int = MINIMUM,
    template: Template = SYSTEM_USER_ASSISTANT,
    columns: Columns | None = None,
) -> Dataset:
    """Read a dataset in one pass; `limit` is the model's context in tokens, `template` is the model's.

    `columns` are those of a text row, by default the first pair of known names in the file.
    """
    if not name.endswith(".jsonl"):
        return _invalid(
            f"Dataset file {name} has an unsupported format. Only files with the suffix .jsonl are supported."
        )
    rows = tokens = skipped = unanswered = characters = 0
    examples: list[Example] = []
    later = LaterStages(template)
    try:
        for number, line in enumerate(lines(pieces), 1):
            row = _decode(line)
            columns = columns or (None if row is None else columns_of(row))
            found = None if row is None else row_examples(row, task, columns)
            if found is None:
                skipped += 1
                continue
            if row is not None:
                later.add(row, line, number)
            size = estimate_tokens(line)
            if not found or _prompt_fills(found, limit):
                unanswered += 1
                continue
            rows += 1
            tokens += min(size, limit)
            if len(examples) < KEPT_EXAMPLES and characters < KEPT_CHARACTERS:
                examples += found
                characters += len(line)
    except UnicodeDecodeError as error:
        return _invalid(f"'utf-8' codec can't decode byte {error.object[error.start]:#04x}: {error.reason}")
    if later.stop is not None:
        stop = later.stop
        return Dataset(rows, tokens, skipped, stop.error, (), stop.stage, stop.line)
    return Dataset(rows, tokens, skipped, _problem(rows, unanswered, minimum), tuple(examples))


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Read lines as text mode does, one in memory at a time: utf-8-sig, and every line end of a text file.

    Raises UnicodeDecodeError.
    """
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8-sig")(), translate=True)
    rest: list[str] = []
    for piece in pieces:
        *whole, tail = decoder.decode(piece).split("\n")
        for line in whole:
            yield "".join([*rest, line])
            rest.clear()
        rest.append(tail)
    last = "".join([*rest, decoder.decode(b"", final=True)])
    if last:
        yield last


def columns_of(row: Json) -> Columns | None:
    """Return the two columns of a text completion row: a job would name them, here they are the first pair present."""
    return next((pair for pair in TEXT_COLUMNS if all(column in row for column in pair)), None)


def row_examples(row: Json, task: str, columns: Columns | None) -> list[Example] | None:
    """Return the examples in a row: None if it does not conform, an empty list if it contains nothing to learn."""
    return _text_examples(row, columns) if "text" in task.lower() else _chat_examples(row)


def estimate_tokens(content: str) -> int:
    """Estimate a text's tokens at four characters each: a test double does not justify a tokenizer."""
    return (len(content) + 3) // 4


def skipped_rows_warning(skipped: int) -> str | None:
    """Return the service's only message about the rows it skipped."""
    if not skipped:
        return None
    return f"Total {skipped} json lines skipped in your dataset,due to either empty or invalid format of json."


def _decode(line: str) -> Json | None:
    try:
        row: object = json.loads(line)  # as the training backend does: NaN is a number to it
    except (ValueError, RecursionError):
        return None
    return row if is_object(row) else None


def _chat_examples(row: Json) -> list[Example] | None:
    messages: object = row.get("messages")
    if not is_array(messages) or not all(_is_message(message) for message in messages):
        return None
    if len(messages) <= 1:
        return []
    examples: list[Example] = []
    prompt = ""
    for message in messages:
        answer = content_text(message.get("content"))
        if message["role"] == "user":
            prompt = answer
        elif message["role"] == "assistant" and (answer or message.get("tool_calls")):
            calls = {"tool_calls": message["tool_calls"]} if message.get("tool_calls") else {}
            examples.append(Example(prompt, {"role": "assistant", "content": answer or None, **calls}))
    return examples


def _text_examples(row: Json, columns: Columns | None) -> list[Example] | None:
    if columns is None or not all(isinstance(row.get(column), str) for column in columns):
        return None
    prompt, answer = (text(row, column) for column in columns)
    return [Example(prompt, {"role": "assistant", "content": answer})] if answer else []


def _is_message(message: object) -> bool:
    if not is_object(message) or not isinstance(message.get("role"), str):
        return False
    return isinstance(message.get("content"), str | list) or isinstance(message.get("tool_calls"), list)


def content_text(content: object) -> str:
    """Return the text of a message's content: a string, or a list of parts of which some are text."""
    if isinstance(content, str):
        return content
    parts = content if is_array(content) else []
    return "\n".join(text(part, "text") for part in parts if is_object(part) and part.get("type") == "text")


def _prompt_fills(found: list[Example], limit: int) -> bool:
    return estimate_tokens(found[0].prompt) >= limit


def _problem(rows: int, unanswered: int, minimum: int) -> str | None:
    if not rows and unanswered:
        return (
            "Unable to continue finetuning. No assistant tokens found after preprocessing. "
            "Please check that the conversations have assistant messages within the maximum sequence length."
        )
    if not rows:
        return "Found no examples after data preprocessing."
    if rows < minimum:
        return f"Number of training samples after preprocessing is {rows}. At least {minimum} samples are needed."
    return None


def _invalid(problem: str) -> Dataset:
    return Dataset(0, 0, 0, problem)
