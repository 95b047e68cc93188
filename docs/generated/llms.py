"""llms.txt (llmstxt.org): what the site has, for programs that read; and all of it in one file."""

from __future__ import annotations

import re
from pathlib import Path

INTRODUCTION = """# maas_client

> A typed Python client, a command line (`maas`) and a local mock server for serverless fine-tuning of Phi models on
> Azure Machine Learning: check a JSONL data set, upload it, create a hosted job, follow it, deploy, chat; offline too.
"""


def text(source: Path) -> str:
    """Return a list of the pages with their first sentences."""
    sections = {"Guides": _guides(source), "Reference": sorted(source.glob("reference/*.md"))}
    sections["Commands"] = sorted(source.glob("commands/*.md"))
    parts = [INTRODUCTION]
    for title, files in sections.items():
        lines = [_line(source, file) for file in files if file.stem != "index" or title == "Guides"]
        parts.append(f"## {title}\n\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def full(source: Path) -> str:
    """Return the guides in full."""
    return "\n\n".join(file.read_text("utf-8") for file in _guides(source)) + "\n"


def _guides(source: Path) -> list[Path]:
    order = re.findall(r"^([a-z-]+)$", (source / "index.md").read_text("utf-8"), re.MULTILINE)
    return [source / "index.md", *(source / f"{name}.md" for name in order)]


def _line(source: Path, file: Path) -> str:
    written = file.read_text("utf-8")
    title = written.partition("\n")[0].lstrip("# ")
    paragraphs = [part for part in written.split("\n\n")[1:] if part[:1].isalnum()]
    said = " ".join(paragraphs[0].split()) if paragraphs else ""
    address = file.relative_to(source).with_suffix(".html").as_posix()
    return f"- [{title}]({address})" + (f": {said.split('. ')[0].rstrip('.')}" if said else "")
