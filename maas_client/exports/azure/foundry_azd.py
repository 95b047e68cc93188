"""The target `foundry`: a job of Azure AI Foundry, created by the Azure Developer CLI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...catalog.foundry_lookup import is_tuned, nearest_offers
from ...catalog.tuning_methods import TuningMethod, read_tier
from ...foundry.graders import wire_grader
from ...foundry.hyperparameters import FOR_METHOD, FoundryHyperparameters
from ...foundry.methods import chosen_method
from ..errors import NotExportable
from ..export_job import ExportJob
from ..target import Exported, ExportedFile
from ..translation import Translation, changed, default, given_keys, left_out, same, with_the_rest
from ..yaml_text import yaml_text
from .az_data import IN_THE_FOLDER, az_files
from .azd_job import HYPERPARAMETERS, LOCAL, LONGEST_KEY, LONGEST_SUFFIX, LONGEST_VALUE, MOST_METADATA, AzdJob

JOB = "fine-tune-job.yaml"
_OTHER_NAMES: Mapping[str, str] = {"num_train_epochs": "n_epochs", "per_device_train_batch_size": "batch_size"}
"""Azure ML's names of what Foundry has as well."""

_LEFT_OUT: Mapping[str, str] = {
    "learning_rate": "Foundry takes a factor on the model's own rate: set learning_rate_multiplier",
    "max_seq_length": "the service chooses the length",
    "apply_lora": "the service chooses how the model is adapted",
    "lora_r": "the service chooses how the model is adapted",
    "lora_alpha": "the service chooses how the model is adapted",
    "lora_dropout": "the service chooses how the model is adapted",
}


class FoundryAzd:
    """Implements Target."""

    name = "foundry"
    title = "Azure AI Foundry by azd"
    tried_with = "azd's extension azure.ai.finetune 0.0.14-preview, 2026-11: its keys and its own checks; not run"
    all_tokens = False

    def export(self, job: ExportJob) -> Exported:
        """Return the job's file and its data."""
        written = job.file.model or ""
        if job.offer is None:
            near = ", ".join(nearest_offers(written)) or "such as gpt-4.1-mini"
            raise NotExportable(
                self.name,
                f"Foundry's fine-tuning does not have {job.file.model}, which Azure Machine Learning trains; it has "
                f"models such as {near}: choose one with --set model=NAME",
            )
        if len(job.file.suffix or "") > LONGEST_SUFFIX:
            raise NotExportable(self.name, f"azd takes a suffix of at most {LONGEST_SUFFIX} characters")
        method = chosen_method(job.file.method, grader=job.file.grader)
        references, files = az_files(job)
        chosen = _Chosen(job, method)
        metadata = {key: value for key, value in job.file.tags.items() if _fits(key, value)}
        metadata = dict(list(metadata.items())[:MOST_METADATA])
        tier = read_tier(job.file.training_tier) if job.file.training_tier else job.offer.default_tier
        document = AzdJob(
            name=job.name,
            model=written if is_tuned(written) else job.offer.name,
            training_file=_local(references["training_data"]),
            validation_file=_local(references["validation_data"]) if "validation_data" in references else None,
            method=method,
            hyperparameters=chosen.sent,
            grader=wire_grader(job.file.grader) if job.file.grader is not None else None,
            suffix=job.file.suffix,
            seed=job.file.seed,
            metadata=metadata,
            integrations=job.file.integrations,
            training_type=tier,
        ).to_document()
        return Exported(
            files=(ExportedFile(path=JOB, content=yaml_text(document, remark=_HEADER)), *files),
            translations=tuple(
                with_the_rest(job.file, [*_of_keys(job, document, metadata, tier), *chosen.translations()])
            ),
            commands=(
                "azd ext install azure.ai.finetune",
                f"azd ai finetuning jobs submit -f {JOB} --subscription SUBSCRIPTION --project-endpoint ENDPOINT",
            ),
            notes=(_NOTE, IN_THE_FOLDER),
        )


FOUNDRY = FoundryAzd()


_HEADER = "azd ai finetuning jobs submit -f fine-tune-job.yaml (azure.ai.finetune 0.0.14-preview)"


_NOTE = (
    "ENDPOINT is the project's: https://ACCOUNT.services.ai.azure.com/api/projects/PROJECT. `azd auth login` signs in, "
    "and `azd ai finetuning jobs show --id ftjob-…` follows the job "
    "(learn.microsoft.com/azure/foundry/fine-tuning/fine-tune-cli)."
)


class _Chosen:
    """The hyperparameters that the method takes, under Foundry's names, and what became of each."""

    def __init__(self, job: ExportJob, method: TuningMethod) -> None:
        self._given = {key: value for key, value in given_keys(job.file).items() if key.startswith("hyperparameters.")}
        named = {_OTHER_NAMES.get(name, name): value for name, value in self._names().items()}
        known = {name: value for name, value in named.items() if name in FOR_METHOD[method]}
        self._method = method
        self.sent: Mapping[str, Any] = FoundryHyperparameters.parse(known).to_wire(method)

    def _names(self) -> Mapping[str, Any]:
        return {key.partition(".")[2]: value for key, value in self._given.items()}

    def translations(self) -> Iterator[Translation]:
        for key, value in self._given.items():
            name = key.partition(".")[2]
            ours = _OTHER_NAMES.get(name, name)
            if ours in self.sent:
                target = f"method.{self._method}.hyperparameters.{HYPERPARAMETERS[ours]}"
                yield same(key, value, target, self.sent[ours])
            elif ours in HYPERPARAMETERS:
                yield left_out(key, value, f"the method {self._method} does not take it")
            else:
                yield left_out(key, value, _LEFT_OUT.get(name, "Foundry has none like it"))


def _of_keys(
    job: ExportJob, document: Mapping[str, Any], metadata: Mapping[str, str], tier: str
) -> Iterator[Translation]:
    kept = {"model": "model", "name": "name", "suffix": "suffix", "seed": "seed", "integrations": "integrations"}
    for key, value in given_keys(job.file).items():
        if key == "model" and document["model"] != value:
            yield changed(key, value, "model", document["model"], "the id of its version")
        elif key in kept:
            yield same(key, value, kept[key], document[kept[key]])
        elif key in {"training_data", "validation_data"}:
            target = key.replace("data", "file")
            yield same(key, value, target, document[target])
        elif key == "method":
            yield same(key, value, "method.type", document["method"]["type"])
        elif key == "grader":
            yield same(
                key, value, f"method.{document['method']['type']}.grader", document["method"]["reinforcement"]["grader"]
            )
        elif key == "training_tier":
            yield same(key, value, "extra_body.trainingType", tier)
        elif key == "response_format":
            yield left_out(key, value, "azd's file has no place for it: create the job with `maas jobs create`")
        elif key == "tags":
            yield _tags(value, metadata)
    if job.file.training_tier is None:
        yield default("extra_body.trainingType", tier, "without it the service trains in the region")
    if job.file.method is None:
        yield default("method.type", document["method"]["type"])


def _tags(tags: Mapping[str, str], metadata: Mapping[str, str]) -> Translation:
    if dict(tags) == dict(metadata):
        return same("tags", tags, "metadata", metadata)
    lost = ", ".join(key for key in tags if key not in metadata)
    limits = f"metadata is at most {MOST_METADATA} pairs of {LONGEST_KEY} and {LONGEST_VALUE} characters"
    return changed("tags", tags, "metadata", metadata, f"without {lost}: {limits}")


def _fits(key: str, value: str) -> bool:
    return len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE


def _local(reference: str) -> str:
    """Return a reference as azd has it: a path, or the id of a file that was uploaded before."""
    return f"{LOCAL}{reference}" if reference.startswith("./") else reference
