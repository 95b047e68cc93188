"""A job as an export sees it: the job file, the model, the settings, and the facts about the data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..catalog.architecture import Architecture, architecture_of
from ..catalog.foundry_offer import FoundryOffer
from ..catalog.model_facts import ModelFacts
from ..catalog.surface_of_model import find_on_any_surface
from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue
from ..datasets.rows.schemas import Task
from ..gpu_estimates.training_way import Method, Sharing
from ..job_files.job_file import JobFile
from ..jobs.data_reference import asset_in, is_in_azure, latest_asset_in, without_prefix
from ..transfers.sources import existing
from .chosen_settings import ChosenSettings, chosen_settings
from .data_facts import DataFacts, data_facts
from .errors import NotExportable
from .hub_models import HubModel, hub_model
from .settings import TrainingSettings, foundry_settings_of, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions(PlainValue):
    """What the user of an export chooses, besides the job.

    `method` overrides the job's; `gpus` train together on one machine, sharing by `sharing` (None for the target's
    choice) and with `offload` keeping what is shared in the machine's memory. `like_hosted` fills in what the hosted
    service trains with. `model_path` is a folder with the model instead of its id on Hugging Face. `own_nodes` says
    that a cluster has its nodes, so that no VM size is asked for; `image` is where an adapter is pushed to.
    """

    method: Method | None = None
    gpus: int = 1
    sharing: Sharing | None = None
    offload: bool = False
    like_hosted: bool = False
    model_path: str | None = None
    own_nodes: bool = False
    image: str | None = None

    def __post_init__(self) -> None:
        if self.gpus < 1:
            raise InvalidInput(f"gpus must be at least 1, not {self.gpus}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob(PlainValue):
    """A job to export for `target`.

    `training_file` and `validation_file` are None for data that is not on this machine, and `data` then, too.
    `settings` is what the job says, `chosen` the same completed. Properties that a target needs raise NotExportable
    where the job does not have them.
    """

    target: str
    file: JobFile
    name: str
    output_name: str
    task: Task
    settings: TrainingSettings
    options: ExportOptions
    catalogued: ModelFacts | None
    training_file: Path | None
    validation_file: Path | None
    data: DataFacts | None

    @property
    def model(self) -> ModelFacts:
        """The base model's facts; a model that only Foundry has cannot be trained elsewhere."""
        if self.catalogued is None:
            raise NotExportable(self.target, f"{self.file.model} is trained by Azure AI Foundry only")
        return self.catalogued

    @property
    def offer(self) -> FoundryOffer | None:
        """What Azure AI Foundry offers for the model; None for a model of Azure Machine Learning."""
        found = find_on_any_surface(self.file.model or "")
        return found if isinstance(found, FoundryOffer) else None

    @property
    def hub(self) -> HubModel:
        """The model on Hugging Face."""
        return hub_model(self.model.name, target=self.target)

    @property
    def model_id(self) -> str:
        """The model's id on Hugging Face, or the folder that was given instead."""
        return self.options.model_path or self.hub.hub_id

    @property
    def shape(self) -> Architecture:
        """The model's architecture."""
        return architecture_of(self.model.name)

    @property
    def chosen(self) -> ChosenSettings:
        """The settings with a value for all."""
        return chosen_settings(
            self.settings,
            model=self.model,
            task=self.task,
            data=self.data,
            has_validation=bool(self.file.validation_data),
            like_hosted=self.options.like_hosted,
        )

    @property
    def local_data(self) -> Path:
        """The training file; NotExportable for data in Azure."""
        if self.training_file is None:
            raise NotExportable(
                self.target,
                f"the training data is {self.file.training_data}, not a file on this machine: "
                f"`maas download {self.file.training_data} FILE`, and name that file with --set training_data=FILE",
            )
        return self.training_file

    @property
    def facts(self) -> DataFacts:
        """The facts about the training rows; NotExportable for data in Azure, or without a row to train on."""
        source = self.local_data
        if self.data is None or not self.data.rows:
            raise NotExportable(
                self.target, f"{source} has no row that would be trained on: `maas check {source}` says why"
            )
        return self.data


def export_job_of(file: JobFile, *, target: str, options: ExportOptions | None = None) -> ExportJob:
    """Return the job of a file for a target; reads the data to count rows and tokens.

    Raises:
        NotExportable: the job has no model or no data, or several values of a hyperparameter.
        InvalidHyperparameter: a hyperparameter is wrong.
        UnknownModel: no catalogue has the model.
        InvalidInput: there is no such file.
        OSError: a file cannot be read.
    """
    chosen = options or ExportOptions()
    if file.missing:
        raise NotExportable(target, f"the job has no {' and '.join(file.missing)}")
    model = find_on_any_surface(file.model or "")
    catalogued = None if isinstance(model, FoundryOffer) else model
    if catalogued is not None and file.method not in {None, "supervised"}:
        raise NotExportable(target, f"{file.method} fine-tuning is Azure AI Foundry's")
    is_foundry = catalogued is None
    settings = foundry_settings_of(file) if is_foundry else settings_of(file, target=target, method=chosen.method)
    training = _local(file.training_data)
    facts = data_facts(training, model=catalogued, task=file.task) if training and catalogued else None
    name = file.name or f"{model.name.lower().replace('.', '-')}-tuned"
    return ExportJob(
        target=target,
        file=file,
        name=name,
        output_name=file.output_name or f"{name}-model",
        task=file.task or (facts.task if facts else "chat"),
        settings=settings,
        options=chosen,
        catalogued=catalogued,
        training_file=training,
        validation_file=_local(file.validation_data),
        data=facts,
    )


def _local(data: str | None) -> Path | None:
    """Return the path of data that is on this machine, None for what is in Azure; InvalidInput without such a file."""
    if not data:
        return None
    is_named = is_in_azure(without_prefix(data)) or asset_in(data) or latest_asset_in(data) or "://" in data
    return None if is_named and not Path(data).exists() else existing(data)
