"""The page on what an export keeps of a job, from exports of the example job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from maas_client import Hyperparameters, InvalidHyperparameter, JobFile
from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import export_job_of
from maas_client.exports.exporting import exported_by
from maas_client.exports.target import Exported
from maas_client.exports.targets import TARGETS, find_target
from maas_client.exports.translation import Translation
from maas_client.job_files.keys import ADAPTERS

JOB = Path(__file__).parents[2] / "examples" / "data" / "job.yaml"

REFUSED = "refused"
MODELS = {"foundry": "gpt-4.1-mini-2025-04-14"}
"""The model of the example job on platforms that do not have its own."""


def _value(schema: Mapping[str, Any]) -> Any:
    """Return a value that a hyperparameter may have, from its JSON schema."""
    kind: Mapping[str, Any] = next(each for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in kind:
        return kind["enum"][0]
    usual: Mapping[str, Any] = {"boolean": True, "integer": max(2, kind.get("minimum", 0)), "number": 0.1}
    return usual[kind["type"]]


HYPERPARAMETERS = {name: _value(schema) for name, schema in Hyperparameters.model_json_schema()["properties"].items()}
"""A value for every hyperparameter."""


def page() -> str:
    """Return the page."""
    lines = [
        "# What an export keeps",
        "",
        "Made from exports of the example job, each with one hyperparameter in place of its own: under which name a",
        "platform has it. A dash is a hyperparameter without a counterpart; the reasons are below. How to export is",
        "on [its own page](exports.md).",
        "",
        *_hyperparameters(),
        *(line for name in TARGETS for line in _target(name)),
    ]
    return "\n".join(lines)


def _hyperparameters() -> Iterator[str]:
    yield from (
        "## Hyperparameters",
        "",
        f"| hyperparameter | {' | '.join(TARGETS)} |",
        "|---" * (len(TARGETS) + 1) + "|",
    )
    for name in HYPERPARAMETERS:
        yield f"| `{name}` | {' | '.join(_cell(translation_of(name, target)) for target in TARGETS)} |"
    for adapter in ADAPTERS:
        yield f"| `adapter: {adapter}` | {' | '.join(_cell(method_of(adapter, target)) for target in TARGETS)} |"
    yield ""


def _target(name: str) -> Iterator[str]:
    target, exported = find_target(name), exported_with(name, {})
    yield from (f"## {target.title}", "", f"`maas export job.yaml --for {name} --to FOLDER` writes:", "")
    if isinstance(exported, str):
        yield from (f"- nothing for the example job: {exported}", "")
        return
    yield from (f"- `{file.path}`" for file in exported.files)
    yield from ("", "To run it:", "", "```sh", *exported.commands, "```", "", f"{target.tried_with}", "")
    reasons = [*_reasons(name)]
    if reasons:
        yield from ("| hyperparameter | what becomes of it |", "|---|---|", *reasons, "")


def _reasons(target: str) -> Iterator[str]:
    """Yield a row for each hyperparameter that is not the same on a platform."""
    found = {name: translation_of(name, target) for name in HYPERPARAMETERS}
    found |= {f"adapter: {adapter}": method_of(adapter, target) for adapter in ADAPTERS}
    for name, translation in found.items():
        if isinstance(translation, str):
            yield f"| `{name}` | {REFUSED}: {_safe(translation)} |"
        elif translation.kind != "same" and translation.remark:
            written = f"`{translation.target_key}: {translation.target_value}`, " if translation.target_key else ""
            yield f"| `{name}` | {written}{translation.kind}: {_safe(translation.remark)} |"


def translation_of(name: str, target: str) -> Translation | str:
    """Return what becomes of a hyperparameter on a platform; why an export is refused with it."""
    exported = exported_with(target, {name: HYPERPARAMETERS[name]})
    if isinstance(exported, str):
        return exported
    return next(each for each in exported.translations if each.key == f"hyperparameters.{name}")


def method_of(adapter: str, target: str) -> Translation | str:
    """Return what becomes of a method on a platform; why an export is refused with it."""
    exported = exported_with(target, {}, adapter=adapter)
    return (
        exported if isinstance(exported, str) else next(each for each in exported.translations if each.key == "adapter")
    )


def exported_with(target: str, hyperparameters: Mapping[str, Any], **keys: Any) -> Exported | str:
    """Return the export of the example job with other hyperparameters, or why it is refused."""
    example = _example()
    model = MODELS.get(target, example.model)
    file = replace(example, model=model, hyperparameters=dict(hyperparameters), **keys)
    try:
        return exported_by(find_target(target), export_job_of(file, target=target))
    except (InvalidHyperparameter, NotExportable) as error:
        return str(error).partition(f" for {target}: ")[2].removesuffix(". Nothing was written") or str(error)


@cache
def _example() -> JobFile:
    return JobFile.read(JOB, environ={})


def _cell(translation: Translation | str) -> str:
    if isinstance(translation, str):
        return REFUSED
    return f"`{translation.target_key}`" if translation.target_key else "–"


def _safe(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
