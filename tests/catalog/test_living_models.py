"""Samples use models that can be fine-tuned: a retired one is named only where its retirement is the subject."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest

from maas_client.catalog.lookup import list_models

ROOT = Path(__file__).parents[2]
MODEL = re.compile(r"(?<![\w/-])phi-\d[\w.-]*\w|(?<![\w/-])phi-\d", re.IGNORECASE)
AS_OF = date.fromisoformat(json.loads((ROOT / "maas_client" / "catalog" / "catalog.json").read_text("utf-8"))["as_of"])
ABOUT_RETIRED: Mapping[str, str] = {
    "README.md": "plans for one's own GPU, on which a model stays usable after the service retired it",
    "docs/site/exports.md": "other platforms train what the service retired",
    "docs/site/jobs.md": "a pipeline trains a model that serverless fine-tuning no longer takes",
    "docs/site/memory.md": "what every model takes of a GPU, wherever it is trained",
    "docs/site/models.md": "says which models were retired, and when",
    "docs/site/offline-testing.md": "has the test of a pipeline, which trains such a model",
    "docs/site/own-compute.md": "own compute is the only way left to train these models",
    "docs/site/which-surface.md": "says which models were retired",
    "docs/site/which-way.md": "plans for one's own GPU, on which a model stays usable after the service retired it",
    "examples/own_compute.py": "trains on own compute what serverless fine-tuning no longer takes",
    "examples/own_compute_async.py": "its asynchronous twin",
    "maas_client/cli/commands/plan.py": "plans for one's own GPU, where retired models go on",
    "maas_client/exports/hub_models.py": "what other platforms call each model of the catalogue",
    "maas_client/exports/olive/ai_toolkit_target.py": "the one model of the toolkit's templates",
    "maas_client/exports/olive/requirements.py": "says with which shape an export was run",
    "maas_client/exports/target_modules.py": "matrices of that family have other names than those of others",
    "maas_client/exports/trainable.py": "says which models a platform trains",
    "maas_client/exports/training_rows.py": "chat templates of that family",
    "maas_client/exports/trl/trl_target.py": "says which models it was run with",
    "maas_client/jobs/pipelines.py": "a pipeline trains a model that serverless fine-tuning no longer takes",
    "maas_client/inference/chat.py": "a tuned endpoint may still serve the model without a system role",
    "maas_client/datasets/rows/special_tokens.py": "the special tokens of each family that tuned endpoints may serve",
    "maas_client/datasets/tokens/chat_templates.py": "one template for each family that tuned endpoints may serve",
    "maas_client/datasets/tokens/tiktoken_tokenizer.py": "the one family with ranks instead of a tokenizer.json",
    "maas_client/datasets/tokens/tokenizer_loading.py": "the one family with ranks instead of a tokenizer.json",
    "maas_client/datasets/tokens/tokenizer_lookup.py": "where the tokenizers of all families are found",
    "mock_server/training/base_models.py": "the registry still has the entries of retired models",
}
"""Files that may name retired models, with the reason."""


def texts(path: Path) -> Iterator[str]:
    """Yield what a file says to its readers: all of a page, the strings of code, docstrings and help included."""
    content = path.read_text("utf-8")
    if path.suffix == ".py" and path.is_relative_to(ROOT / "examples"):
        yield content  # comments of a sample are read, too
    elif path.suffix == ".py":
        nodes = ast.walk(ast.parse(content))
        yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))
    else:
        yield content


def is_retired(word: str, on: date) -> bool:
    """Say whether a name, or the beginning of names, is one of retired models only."""
    named = [facts for facts in list_models() if facts.name.lower().startswith(word.lower())]
    return bool(named) and all(facts.finetune_retired(on) or facts.is_retired(on) for facts in named)


def sources() -> list[Path]:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    samples = [path for path in (ROOT / "examples").rglob("*") if path.suffix in (".py", ".ipynb", ".yaml", ".yml")]
    docs = [*(ROOT / "docs").rglob("*.py"), *(ROOT / "docs").rglob("*.svg"), *(ROOT / "docs").glob("*.json")]
    code = [path for package in ("maas_client", "mock_server") for path in (ROOT / package).rglob("*.py")]
    page = [path for path in (ROOT / "mock_server" / "ui").rglob("*") if path.suffix in (".html", ".js")]
    return [*pages, *samples, *docs, *code, *page]


@cache
def named() -> Mapping[str, set[str]]:
    """Return the models that each file names."""
    return {
        path.relative_to(ROOT).as_posix(): {word for text in texts(path) for word in MODEL.findall(text)}
        for path in sources()
    }


def named_retired(on: date) -> dict[str, set[str]]:
    """Return the retired models that each file names."""
    retired = {name: {word for word in words if is_retired(word, on)} for name, words in named().items()}
    return {name: words for name, words in retired.items() if words}


@pytest.mark.parametrize("on", [AS_OF, datetime.now(UTC).date()], ids=["as the catalogue was made", "today"])
def test_samples_and_help_name_no_retired_model(on: date) -> None:
    assert {name: words for name, words in named_retired(on).items() if name not in ABOUT_RETIRED} == {}


def test_every_file_that_may_name_one_does() -> None:
    assert ABOUT_RETIRED.keys() - named_retired(AS_OF).keys() == set()


@pytest.mark.parametrize(
    ("word", "on", "expected"),
    [
        ("Phi-3-mini-4k-instruct", date(2025, 1, 1), False),
        ("Phi-3-mini-4k-instruct", AS_OF, True),
        ("phi-3.5", AS_OF, True),
        ("Phi-4-mini-instruct", AS_OF, False),
        ("Phi-4", AS_OF, False),
        ("Phi-9", AS_OF, False),
    ],
)
def test_a_name_is_retired_by_the_catalogue_and_the_day(word: str, on: date, expected: bool) -> None:
    assert is_retired(word, on) is expected


def test_the_readers_see_names_in_docstrings_help_and_pages() -> None:
    words = set[str]().union(*named().values())
    assert {"Phi-4-mini-instruct", "Phi-4", "Phi-3-mini-4k-instruct"} <= words
