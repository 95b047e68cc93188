"""The 20 rows that a verification uploads and trains on, written to a file."""

from __future__ import annotations

import json
from pathlib import Path

COUNT = 20

_SYSTEM = "You answer questions about a bakery in one short sentence."
_QUESTIONS = (
    "When do you open?", "When do you close?", "Do you bake rye bread?", "Is there parking?", "Do you take cards?",
)  # fmt: skip
_ANSWERS = (
    "We open at seven.", "We close at six.", "Yes, on Fridays.", "Yes, behind the house.", "Yes, all of them.",
)  # fmt: skip


def write_rows(folder: Path, name: str) -> Path:
    """Write the rows of a run to a folder, and return the file; `name` makes its content the run's own."""
    lines: list[str] = []
    for number in range(COUNT):
        question, answer = _QUESTIONS[number % len(_QUESTIONS)], _ANSWERS[number % len(_ANSWERS)]
        messages = [
            {"role": "system", "content": _SYSTEM},
            {"role": "user", "content": f"{question} (question {number + 1} of {name})"},
            {"role": "assistant", "content": answer},
        ]
        lines.append(json.dumps({"messages": messages}))
    file = folder / "rows.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file
