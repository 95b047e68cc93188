"""llms.txt (llmstxt.org): the list of pages for language models, and the guides in one file."""

from __future__ import annotations

import re
from pathlib import Path

INTRODUCTION = """# maas_client

> A typed Python client, a command line (`maas`) and a local mock server for serverless fine-tuning of Phi models on
> Azure Machine Learning: check a JSONL dataset, upload it, create a hosted job, watch it, deploy, chat; also offline.
"""


def text(source: Path) -> str:
    """Return the list of pages, each with its first sentence."""
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
    content = file.read_text("utf-8")
    title = content.partition("\n")[0].lstrip("# ")
    paragraphs = [part for part in content.split("\n\n")[1:] if part[:1].isalnum() or part[:1] == "`" != part[1:2]]
    summary = " ".join(paragraphs[0].split()) if paragraphs else ""
    address = file.relative_to(source).with_suffix(".html").as_posix()
    return f"- [{title}]({address})" + (f": {summary.split('. ')[0].rstrip('.')}" if summary else "")
