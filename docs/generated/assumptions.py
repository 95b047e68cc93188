"""The page on what the code assumes of Azure without a source: `make assumptions` writes docs/assumptions.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from maas_client.contract.operation import Level, Surface
from maas_client.verification.step import Step
from maas_client.verification.steps import STEPS

from .assumption_marks import Mark, MarkError, check_steps, marks_in

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "assumptions.md"

SURFACES = {
    Surface.AZURE_ML: "Azure Machine Learning",
    Surface.OWN_COMPUTE: "Own compute on Azure Machine Learning",
    Surface.FOUNDRY: "Azure AI Foundry",
}
LEVELS = {
    Level.READ: "which only reads, and is free",
    Level.DATA: "which uploads 20 rows",
    Level.JOB: "which creates a job and cancels it",
    Level.FULL: "which trains, deploys and chats",
}
INTRODUCTION = """\
# Assumptions

Most of what this package knows of Azure has a source: a specification, a page of documentation, or a request of
Microsoft's own SDKs that was recorded. Here is the rest: what the client or the mock server takes for granted without
one. None of it has been compared with Azure yet.

Each assumption belongs to a step of `maas verify`, which asks a real workspace or account. What is free to check:

```sh
maas verify --level read
```

If you see what is under "shown wrong by", the assumption is wrong, and the report of `maas verify` is worth an issue.
"If wrong" says what the package does until then.

The page is generated from comments in the code. `CONTRIBUTING.md` says how to add one, and when to remove it."""


def page(marks: Sequence[Mark], steps: Sequence[Step] = STEPS) -> str:
    """Return the page: each assumption under the first step of a verification that looks at it."""
    check_steps(marks, (step.name for step in steps))
    first = {mark: min(steps, key=lambda step: _place(mark, step, steps)) for mark in marks}
    parts = [INTRODUCTION, _summary(marks)]
    for surface, title in SURFACES.items():
        shown = [step for step in steps if step.surface == surface and step in first.values()]
        if not shown:
            continue
        parts.append(f"## {title}")
        for step in shown:
            parts += [f"### {step.name}", f"{step.says} Level `{step.level}`, {LEVELS[step.level]}."]
            parts += ["\n".join(_shown(mark, step)) for mark in marks if first[mark] == step]
    return "\n\n".join(parts) + "\n"


def _place(mark: Mark, step: Step, steps: Sequence[Step]) -> int:
    """Return where a step is in the table; behind all of them if the mark does not name it."""
    return steps.index(step) if step.name in mark.steps else len(steps)


def _summary(marks: Sequence[Mark]) -> str:
    """Return how many there are, by package."""
    packages = [mark.path.partition("/")[0] for mark in marks]
    client, server = (packages.count(name) for name in ("maas_client", "mock_server"))
    return f"There are {len(marks)}: {client} in the client, and {server} in the mock server alone."


def _shown(mark: Mark, step: Step) -> Iterator[str]:
    yield f"- **{mark.statement}**"
    yield f"  - Shown wrong by: {mark.shown_wrong_by}"
    if mark.if_wrong:
        yield f"  - If wrong: {mark.if_wrong}"
    if others := [name for name in mark.steps if name != step.name]:
        yield f"  - Also looked at by: {', '.join(others)}."
    yield f"  - In: {', '.join(f'`{module}`' for module in mark.modules)}"


def main() -> int:
    """Write the page; print the first mark that cannot be read."""
    try:
        text = page(marks_in(ROOT))
    except MarkError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    PAGE.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
