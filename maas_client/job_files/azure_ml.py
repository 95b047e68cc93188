"""Translating fine-tuning jobs of Azure's own CLI (`az ml job create -f`, `type: finetuning`) to job files.

The keys are those of azure-ai-ml 1.35.2: `_schema/_finetuning/finetuning_vertical.py` and `custom_model_finetuning.py`
over `_schema/job/base_job.py`; the examples are Azure/azureml-examples, `cli/jobs/finetuning`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..core.errors import InvalidInput
from ..core.secret_text import is_url
from ..jobs.data_reference import ServiceUri, latest_asset_in, without_prefix
from .azure_ml_kinds import normalised
from .keys import TIERS
from .located import Located, unknown_keys
from .mistakes import Mistakes

_SAME = {
    "name": "name",
    "display_name": "display_name",
    "experiment_name": "experiment",
    "tags": "tags",
    "properties": "properties",
    "hyperparameters": "hyperparameters",
}
_DATA = ("training_data", "validation_data")
_OTHERS = ("type", "task", "model", "model_provider", "compute", "outputs", "resources", "queue_settings")
_READ = {"$schema", *_SAME, *_DATA, *_OTHERS}
_IGNORED = {"description", "services", "identity", "creation_context", "id", "status", "log_files"}
_TASKS = {"chatcompletion": "chat", "textcompletion": "text"}


@dataclass(slots=True)
class _Translation:
    """The translated file, and the keys that cannot be sent."""

    keys: dict[str, Located] = field(default_factory=dict[str, Located])
    ignored: list[str] = field(default_factory=list[str])

    def ignore_except(self, table: Mapping[str, Located], name: str, *read: str) -> None:
        self.ignored += [f"{name}.{key} ({item.where})" for key, item in table.items() if key not in read]


def translated(top: Mapping[str, Located], mistakes: Mistakes) -> tuple[dict[str, Located], tuple[str, ...]]:
    """Translate an Azure file to our keys, and return the ignored keys with their locations.

    An unsupported task or provider, a key that Azure does not know, and a URI that a job must not contain go to
    `mistakes`.
    """
    mistakes.add(*unknown_keys(top, _READ | _IGNORED))
    with mistakes.collected():
        if "model_provider" in top and _word(top["model_provider"], "model_provider") != "custom":
            raise top["model_provider"].wrong("only models of the provider `custom` can be trained")
    found = _Translation(ignored=[f"{key} ({item.where})" for key, item in top.items() if key in _IGNORED])
    found.keys |= {ours: top[theirs] for theirs, ours in _SAME.items() if theirs in top}
    for key in ("task", "model", *_DATA, "compute", "outputs", "resources", "queue_settings"):
        with mistakes.collected():
            if key in top:
                _translate(found, key, top[key])
    return found.keys, tuple(found.ignored)


def _translate(found: _Translation, key: str, item: Located) -> None:
    """Translate one key that has another name or form in our files."""
    match key:
        case "task":
            found.keys["task"] = _task(item)
        case "compute":
            found.keys["compute"] = _bare(item, "azureml:")
        case "outputs":
            _read_outputs(found, item)
        case "resources":
            found.keys |= _only(found, item.table(key), key, "instance_types")
        case "queue_settings":
            tiers = _only(found, item.table(key), key, "job_tier")
            found.keys |= {name: _tier(tier) for name, tier in tiers.items()}
        case _:
            found.keys[key] = _path(found, item, key)


def _only(found: _Translation, table: Mapping[str, Located], group: str, key: str) -> dict[str, Located]:
    """Return the one key of a group that can be sent, if it is there; the others are ignored."""
    found.ignore_except(table, group, key)
    return {key: table[key]} if key in table else {}


def _word(item: Located, what: str) -> str:
    """Return an enumeration value normalised like in Azure: without case and separators."""
    return normalised(item.text(what) or "")


def _task(item: Located) -> Located:
    ours = _TASKS.get(_word(item, "task"))
    if ours is None:
        raise item.wrong(f"the task {item.written!r} is not supported; use chat_completion or text_completion")
    return Located(ours, item.where, ours)


def _path(found: _Translation, item: Located, key: str) -> Located:
    """Return an input's `path`, or the input itself in the short form."""
    if isinstance(item.value, dict):
        usual = {"mlflow_model", "uri_file"}
        read = ("path", "type") if "type" in item.value and item.value["type"].written in usual else ("path",)
        found.ignore_except(item.value, key, *read)
        if "path" not in item.value:
            raise item.wrong(f"{key} has no path")
        item = item.value["path"]
    item = _bare(item, "file://" if item.written.startswith("file://") else "file:")
    return _model(item) if key == "model" else _data(item)


def _model(item: Located) -> Located:
    if latest_asset_in(item.written) is not None:
        raise item.wrong(
            f"the label of a workspace's model is not resolved, as by az ml: write {item.written.partition('@')[0]}"
            ":VERSION, or azureml://registries/azureml/models/NAME for the newest version of a base model"
        )
    return item


def _data(item: Located) -> Located:
    """Return data whose URI the service reads itself, as az ml sends it; names and paths are returned unchanged."""
    text = without_prefix(item.written)
    if is_url(text):
        try:
            text = ServiceUri.of(text)
        except InvalidInput as error:
            raise item.wrong(str(error)) from None
    return Located(text, item.where, text) if isinstance(item.value, str) else item


def _bare(item: Located, prefix: str) -> Located:
    if not isinstance(item.value, str) or not item.value.startswith(prefix):
        return item
    text = item.value.removeprefix(prefix)
    return Located(text, item.where, text)


def _read_outputs(found: _Translation, item: Located) -> None:
    """Take the tuned model's name from the first output, like azure-ai-ml; other outputs are not sent."""
    outputs = item.table("outputs")
    for position, (name, output) in enumerate(outputs.items()):
        table = output.table(f"outputs.{name}")
        if position or "name" not in table:
            found.ignored.append(f"outputs.{name} ({output.where})")
            continue
        found.keys["output_name"] = table["name"]
        usual = ("type",) if "type" in table and table["type"].written == "mlflow_model" else ()
        found.ignore_except(table, f"outputs.{name}", "name", *usual)


def _tier(item: Located) -> Located:
    tier = next((tier for tier in TIERS if tier.lower() == item.written.lower()), item.written)
    return Located(tier, item.where, tier)
