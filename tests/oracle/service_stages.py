"""What the service's own libraries say of files: the row filter, the `datasets` loader and the chat template.

Runs in an environment of its own, with one version of `datasets` and jinja2 and nothing of this project:
`python service_stages.py MANIFEST VERDICTS`. The manifest has a JSON object a line: `file`, `task`, `template` (the
text of a chat template, empty for text completion) and `whole` (use `load_dataset` itself and not its parts). A verdict
has `ended` (the stage that ended the job, or null), the `line` where it did, `why`, `kept` and `skipped`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import datasets
from datasets.packaged_modules.json.json import Json
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

logging.disable(logging.CRITICAL)
datasets.disable_progress_bars()

TEXT_COLUMNS = (("prompt", "completion"), ("text", "ground_truth"))


class Stopped(Exception):
    """The whole job ends: stage, line and reason."""


def rows_of(file: str) -> Iterator[tuple[int, Any]]:
    """Read a file as the training backend does: text mode, utf-8-sig, a row a line, without what is not JSON."""
    with Path(file).open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            yield number, row


def is_chat(row: Any) -> bool:
    """The row filter of chat completion."""
    messages = row.get("messages") if isinstance(row, dict) else None
    return isinstance(messages, list) and all(
        isinstance(turn, dict)
        and isinstance(turn.get("role"), str)
        and (isinstance(turn.get("content"), (str, list)) or isinstance(turn.get("tool_calls"), list))
        for turn in messages
    )


def columns_of(rows: list[tuple[int, Any]]) -> tuple[str, str] | None:
    """The columns of text completion: those of the first row that has a pair."""
    found = (
        pair for _, row in rows if isinstance(row, dict) for pair in TEXT_COLUMNS if all(key in row for key in pair)
    )
    return next(found, None)


def passing(rows: list[tuple[int, Any]], task: str) -> list[tuple[int, Any]]:
    """The rows that pass the row filter."""
    if task == "chat":
        return [(number, row) for number, row in rows if is_chat(row)]
    pair = columns_of(rows)
    return [
        (number, row)
        for number, row in rows
        if pair and isinstance(row, dict) and all(isinstance(row.get(key), str) for key in pair)
    ]


def loaded(file: Path, folder: str, *, whole: bool) -> list[Any]:
    """Load a file of rows as `datasets` does; its whole builder takes a hundred times as long as its parts."""
    if whole:
        return list(datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=folder))
    builder = Json(cache_dir=folder, data_files={"train": [str(file)]})
    given: dict[str, Any] = {"files": [[str(file)]]}
    if hasattr(builder, "_generate_shards"):
        given = {"base_files": [str(file)], "files_iterables": [[str(file)]], "original_files": [str(file)]}
        first = next(iter(builder._generate_tables(**given)))[1]
        builder.info.features = datasets.Features.from_arrow_schema(first.schema)
    tables = [table for _, table in builder._generate_tables(**given)]
    features = datasets.Features.from_arrow_schema(tables[0].schema)
    info = datasets.DatasetInfo(features=features)
    return [row for table in tables for row in datasets.Dataset(datasets.table.InMemoryTable(table), info=info)]


def without_nulls(value: Any) -> Any:
    """Remove keys whose value is null, at every depth."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


class Generation(Extension):
    """The tag that marks what the assistant says, as transformers has it."""

    tags: ClassVar[set[str]] = {"generation"}

    def parse(self, parser: Any) -> Any:
        """Render what is in the tag."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@cache
def template_of(text: str) -> Any:
    """Compile a template as transformers does."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation])
    return environment.from_string(text)


def answered(turn: Any) -> bool:
    """Whether a turn has something to learn."""
    content = turn.get("content")
    parts = content if isinstance(content, list) else []
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    said = content if isinstance(content, str) else "".join(text for text in texts if isinstance(text, str))
    return turn.get("role") == "assistant" and bool(said or turn.get("tool_calls"))


def kept(numbered: list[tuple[int, Any]], task: str, template: str) -> int:
    """Count the loaded rows with something to learn; raise Stopped for a row that cannot be rendered."""
    if task != "chat":
        return sum(1 for _, row in numbered if row[text_answer(row)])
    count = 0
    for number, row in numbered:
        messages = row["messages"]
        if len(messages) <= 1:
            continue
        try:
            template_of(template).render(
                messages=messages, bos_token="<|endoftext|>", eos_token="<|endoftext|>", add_generation_prompt=False
            )
        except Exception as error:
            raise Stopped("render", number, f"{type(error).__name__}: {error}") from error
        count += any(answered(turn) for turn in messages)
    return count


def text_answer(row: Any) -> str:
    """The column that is learned."""
    return next(pair[1] for pair in TEXT_COLUMNS if all(row.get(key) is not None for key in pair))


def verdict(file: str, task: str, template: str, *, whole: bool) -> dict[str, Any]:
    """Take one file through every stage."""
    try:
        rows = list(rows_of(file))
    except UnicodeDecodeError as error:
        return {"ended": "read", "line": None, "why": str(error), "kept": 0}
    good = passing(rows, task)
    if not good:
        return {"ended": None, "line": None, "why": "", "kept": 0}
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "rows.jsonl")
        written.write_text("".join(f"{json.dumps(without_nulls(row))}\n" for _, row in good), "utf-8")
        try:
            found = loaded(written, folder, whole=whole)
        except Exception as error:
            cause = error.__cause__ or error
            row = re.search(r" in row (\d+)", str(cause))
            line = good[int(row[1])][0] if row else None
            return {"ended": "load", "line": line, "why": f"{type(cause).__name__}: {cause}", "kept": 0}
    numbered = [(number, without_nulls(row)) for (number, _), row in zip(good, found, strict=True)]
    try:
        return {"ended": None, "line": None, "why": "", "kept": kept(numbered, task, template)}
    except Stopped as stopped:
        stage, line, why = stopped.args
        return {"ended": stage, "line": line, "why": why, "kept": 0}


def main(manifest: str, verdicts: str) -> None:
    """Write a verdict for each entry of the manifest."""
    with Path(manifest).open(encoding="utf-8") as entries, Path(verdicts).open("w", encoding="utf-8") as out:
        for line in entries:
            entry = json.loads(line)
            found = verdict(entry["file"], entry["task"], entry["template"], whole=entry["whole"])
            out.write(json.dumps({"file": entry["file"], **found}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
