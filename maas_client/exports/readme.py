"""The README of an export: how to run it, what became of each key, and what was tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..core.plain_values import plain, to_json
from ..core.text import one_line
from .export_job import ExportJob
from .target import Exported, Target
from .translation import Translation


def readme_of(job: ExportJob, target: Target, exported: Exported) -> str:
    """Return the README of an export as Markdown."""
    sections = (
        [f"# {one_line(job.name)} for {target.title}"],
        [f"Made by `maas export --for {target.name}` from a fine-tuning job of {job.file.model}. To run it, here:"],
        ["```sh", *exported.commands, "```"],
        *([note] for note in exported.notes),
        *([["## What to know", *(f"- {warning}." for warning in exported.warnings)]] if exported.warnings else []),
        ["## What it takes", *_expected(job, exported)],
        ["## What became of the job", *translation_table(exported.translations)],
        ["## What was tried", target.tried_with],
        ["## Files", *(f"- `{file.path}`" for file in exported.files)],
    )
    lines: list[str] = []
    for section in sections:
        head, *rest = section
        lines += [head, *(["", *rest] if head.startswith("## ") else rest), ""]
    return "\n".join(lines)


def _expected(job: ExportJob, exported: Exported) -> Iterator[str]:
    memory = exported.expected
    if job.data is not None and job.catalogued is not None:
        chosen, gpus = job.chosen, exported.gpus or job.options.gpus
        batch = chosen.batch_size * chosen.accumulation * gpus
        rows = exported.rows_a_pass or chosen.batch_size
        steps = chosen.max_steps or -(-job.data.rows // batch) * chosen.epochs
        yield (
            f"- {job.data.rows} rows, {'' if job.data.exact else 'about '}{round(job.data.mean)} tokens each and "
            f"{job.data.longest} at most"
        )
        yield (
            f"- {rows} rows a step on each of {gpus} GPU{'s' * (gpus != 1)}, {batch // rows // gpus} steps "
            f"accumulated: {batch} rows in effect, {steps} steps in all"
        )
    if memory is None:
        yield "- GPU memory: not estimated"
    else:
        parts = ", ".join(f"{name} {gib:.1f}" for name, gib in memory.parts.items() if gib >= 0.05)
        yield f"- GPU memory: {memory.card_gib:.1f} GiB on each card, {memory.peak_gib:.1f} at the peak ({parts})"


def translation_table(translations: Sequence[Translation]) -> Iterator[str]:
    """Yield the lines of a Markdown table: each key of the job, then what was chosen for it."""
    yield "| in the job | here | |"
    yield "|---|---|---|"
    for each in translations:
        ours = f"`{each.key}: {_shown(each.value)}`" if each.key else "–"
        theirs = f"`{each.target_key}: {_shown(each.target_value)}`" if each.target_key else "–"
        what = {"same": "", "changed": "changed", "default": "chosen here", "left out": "left out"}[each.kind]
        yield f"| {ours} | {theirs} | {': '.join(part for part in (what, each.remark) if part)} |"


def _shown(value: Any) -> str:
    """Return a value on one line of a table."""
    written = plain(value)
    text = written if isinstance(written, str) else to_json({"": written})[5:-1]
    return one_line(text).replace("|", "\\|").replace("`", "'")
