"""The target `azureml-cli`: the same fine-tuning job, created by `az ml job create`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...jobs.hyperparameters import SERVERLESS, Hyperparameters
from ..errors import NotExportable
from ..export_job import ExportJob
from ..settings import hyperparameters_of
from ..target import Exported, ExportedFile
from ..translation import Translation, changed, default, given_keys, left_out, same, with_the_rest
from ..yaml_text import yaml_text
from .az_data import IN_THE_FOLDER, az_files, az_model, check_az_names
from .az_finetuning import AzFinetuning
from .azureml_pipeline import AzureMlPipeline

JOB = "job.yaml"
_SAME: Mapping[str, str] = {
    "model": "model.path",
    "training_data": "training_data.path",
    "validation_data": "validation_data.path",
    "task": "task",
    "name": "name",
    "display_name": "display_name",
    "experiment": "experiment_name",
    "tags": "tags",
    "properties": "properties",
    "compute": "compute",
    "instance_types": "resources.instance_types",
    "job_tier": "queue_settings.job_tier",
    "output_name": "outputs.registered_model.name",
}
"""The keys of a job that `az ml` has as well, under another name."""


class AzureMlCli:
    """Implements Target."""

    name = "azureml-cli"
    title = "Azure Machine Learning by az ml"
    tried_with = "azure-ai-ml 1.35.2, which is what the extension ml of az 2.x runs, against a mock server, 2026-11"
    all_tokens = False

    def export(self, job: ExportJob) -> Exported:
        """Return the job's file and its data; a pipeline job is exported as one."""
        if job.file.is_pipeline:
            return AzureMlPipeline().export(replace(job, target=self.name))
        if job.settings.method not in {"lora", "full"}:
            raise NotExportable(
                self.name, f"the service trains LoRA or, on own compute, all parameters; not {job.settings.method}"
            )
        check_az_names(job)
        references, files = az_files(job)
        wanted = _AzHyperparameters(job)
        document = AzFinetuning(
            name=job.name,
            task=job.task,
            model_id=az_model(job),
            training_data=references["training_data"],
            validation_data=references.get("validation_data"),
            hyperparameters=wanted.written,
            output_name=job.output_name,
            display_name=job.file.display_name,
            experiment=job.file.experiment,
            tags=job.file.tags,
            properties=job.file.properties,
            compute=job.file.compute,
            instance_types=job.file.instance_types,
            job_tier=job.file.job_tier,
        ).to_document()
        header = "azure-ai-ml 1.35.2: az ml job create --file job.yaml"
        return Exported(
            files=(ExportedFile(path=JOB, content=yaml_text(document, remark=header)), *files),
            translations=tuple(with_the_rest(job.file, [*_of_keys(job, document), *wanted.translations()])),
            warnings=tuple(_warnings(job)),
            commands=(
                f"az ml job create --file {JOB} --resource-group GROUP --workspace-name WORKSPACE",
                f"az ml job stream --name {job.name} --resource-group GROUP --workspace-name WORKSPACE",
            ),
            notes=(IN_THE_FOLDER,),
        )


AZUREML_CLI = AzureMlCli()


class _AzHyperparameters:
    """The hyperparameters in the service's vocabulary, as text, and what became of each."""

    def __init__(self, job: ExportJob) -> None:
        self._own = bool(job.file.compute or job.file.instance_types)
        method = {"apply_lora": job.settings.method == "lora"} if self._own and job.file.adapter else {}
        self._given = {**method, **hyperparameters_of(job.file)}
        self._keys = [key for key in given_keys(job.file) if key.startswith("hyperparameters.")]
        everything = Hyperparameters.of(self._given).to_wire(serverless=False)
        serverless = {name: value for name, value in self._given.items() if self._is_sent(name)}
        self.written: Mapping[str, str] = (
            everything if self._own else Hyperparameters.of(serverless).to_wire(serverless=True)
        )

    def translations(self) -> Iterator[Translation]:
        for key in self._keys:
            name = key.partition(".")[2]
            value = self._given.get(name)
            sent = _PORTAL.get(name, name)
            if sent not in self.written:
                yield left_out(key, value, _UNSENT if not self._own else "it means the choice of the service")
            elif sent == name:
                yield same(key, value, key, self.written[sent])
            else:
                yield changed(
                    key,
                    value,
                    f"hyperparameters.{sent}",
                    self.written[sent],
                    "the pipeline's name, which is what is sent",
                )

    def _is_sent(self, name: str) -> bool:
        return _PORTAL.get(name, name) in SERVERLESS


_PORTAL: Mapping[str, str] = {
    "n_epochs": "num_train_epochs",
    "batch_size": "per_device_train_batch_size",
    "learning_rate_multiplier": "learning_rate",
}
_UNSENT = "serverless fine-tuning ignores it; on own compute (compute, instance_types) it applies"


def _of_keys(job: ExportJob, document: Mapping[str, Any]) -> Iterator[Translation]:
    for key, value in given_keys(job.file).items():
        if key in _SAME:
            yield same(key, value, _SAME[key], _at(document, _SAME[key].split(".")))
        elif key == "adapter" and (job.file.compute or job.file.instance_types):
            yield changed(key, value, "hyperparameters.apply_lora", job.settings.method == "lora", "the service's name")
        elif key == "adapter":
            yield left_out(key, value, "serverless fine-tuning trains LoRA")
        elif key == "seed":
            yield left_out(key, value, "it is Foundry's; on own compute there is the hyperparameter seed")
    if not job.file.name:
        yield default("name", job.name, "a name of its own, so that the same file is one job")
    if not job.file.output_name:
        yield default("outputs.registered_model.name", job.output_name)


def _at(document: Mapping[str, Any], path: Sequence[str]) -> Any:
    found: Any = document
    for part in path:
        found = found[part]
    return found


def _warnings(job: ExportJob) -> Iterator[str]:
    model = job.model
    serverless = not (job.file.compute or job.file.instance_types)
    if serverless and job.settings.method == "full":
        yield "the job trains all parameters, and serverless fine-tuning trains LoRA: so will the exported job"
    if serverless and model.finetune_retirement:
        yield f"Serverless fine-tuning of {model.name} ends on {model.finetune_retirement}"
