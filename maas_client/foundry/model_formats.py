"""What a deployment's `properties.model` has to say of a model: its name, version and format, found in the account.

The format depends on the publisher, upper and lower case count, and published sources disagree on those of open models:
gpt-oss is `Microsoft` in microsoft/azure-skills and `OpenAI-OSS` in the Azure CLI. The service answers to a wrong one
with an empty error 500. So it is read: from the job that made the model, whose metadata has `deployment_options` once
it has ended (microsoft-foundry/fine-tuning, SFT_CNN_DailyMail), else from the account's list of models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..catalog.foundry_lookup import CHECKPOINT, base_of_tuned, known_offer
from ..core.errors import InvalidInput, NotFound
from ..core.http_messages import parse_json
from ..core.json_fields import Document, dig, is_array, is_object, part, text
from ..core.url_paths import segment
from .connection import FoundryConnection

TUNED_VERSION = "1"
"""The version of every tuned model and checkpoint."""

_JOB = re.compile(r"\.ft-([0-9a-fA-F]{32})(?![0-9a-fA-F])")
_OPENAI = "OpenAI"


@dataclass(frozen=True, slots=True)
class DeployableModel:
    """A model as a deployment names it; `base` is the model that was tuned, or itself, and empty if unknown."""

    name: str
    version: str
    format: str
    base: str

    @property
    def is_open(self) -> bool:
        """Whether its adapter is loaded onto an open model, and it is none of OpenAI's own."""
        return self.format != _OPENAI


class ModelFormats:
    """Finds out how a deployment names a model."""

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection = connection

    async def find(self, model: str, format_: str | None) -> DeployableModel:
        """Return how a deployment names a model.

        Args:
            model: a tuned model, the id or name of a checkpoint, or a base model of the account.
            format_: its format; None to find it out.

        Raises:
            NotFound: the account has no such model or checkpoint.
            InvalidInput: its format cannot be found out.
        """
        model = model.strip()
        if model.startswith(CHECKPOINT):
            job: Document = {} if format_ else await self._job_of_checkpoint(model)
            return await self._tuned(model, text(job, "model"), job, format_)
        if (base := base_of_tuned(model)) is None:
            return await self._base(model, format_)
        job = await self._job_of(model) if format_ is None or ":" in model else {}
        name = await self._checkpoint_id(model, job) if ":" in model else model
        return await self._tuned(name, base, job, format_)

    async def formats_of(self, base: str) -> Sequence[str]:
        """Return the formats that the account's list of models has for a base model."""
        return [*dict.fromkeys(text(row, "format") for row in await self._rows(base))]

    async def _tuned(self, name: str, base: str, job: Document, format_: str | None) -> DeployableModel:
        found = format_ or next(_formats_of_job(job), "") or await self._listed_format(base_of_tuned(base) or base)
        return DeployableModel(name, TUNED_VERSION, found, base_of_tuned(base) or base)

    async def _base(self, model: str, format_: str | None) -> DeployableModel:
        rows = await self._rows(model)
        if not rows:
            raise NotFound(f"model {model!r}", status=404, detail="the account's list of models has no such model")
        row = next((row for row in rows if row.get("isDefaultVersion") is True), rows[0])
        found = format_ or _only_format(model, rows)
        return DeployableModel(text(row, "name"), text(row, "version"), found, model)

    async def _listed_format(self, base: str) -> str:
        """Return the format of a base model in the account's list of models."""
        if rows := await self._rows(base):
            return _only_format(base, rows)
        raise InvalidInput(
            f"the model format of {base or 'the base model'} is not known: neither the job nor the account's list of "
            "models has it. Give it as model_format (--model-format), such as 'OpenAI' or 'Mistral AI'; nothing was "
            "created"
        )

    async def _rows(self, model: str) -> Sequence[Document]:
        """Return the rows of a model in the account's list, by its name with or without the version."""
        offer = known_offer(model)
        wanted = {name.lower() for name in (model, *(offer.names if offer else ()))} - {""}
        rows = [row async for listed in self._connection.arm.pages("/models") for row in (_row(listed),)]
        exact = [row for row in rows if f"{text(row, 'name')}-{text(row, 'version')}".lower() in wanted]
        return exact or [row for row in rows if text(row, "name").lower() in wanted]

    async def _job_of(self, model: str) -> Document:
        """Return the job that made a model, whose id is in the model's name; empty where there is none."""
        found = _JOB.search(model)
        return (await self._connection.find(f"/fine_tuning/jobs/ftjob-{found[1]}") if found else None) or {}

    async def _job_of_checkpoint(self, checkpoint: str) -> Document:
        """Return the job that a checkpoint is of, which only the lists of checkpoints show; the newest jobs first."""
        async for job in self._connection.pages("/fine_tuning/jobs"):
            if not text(job, "id"):
                continue
            path = f"/fine_tuning/jobs/{segment(text(job, 'id'))}/checkpoints"
            async for listed in self._connection.pages(path):
                if text(listed, "id") == checkpoint:
                    return job
        raise NotFound(f"checkpoint {checkpoint!r}", status=404, detail="no job of the account has this checkpoint")

    async def _checkpoint_id(self, model: str, job: Document) -> str:
        """Return the id of a checkpoint, which a deployment is made by, from its name (`….ft-…:ckpt-step-10`)."""
        if job:
            path = f"/fine_tuning/jobs/{segment(text(job, 'id'))}/checkpoints"
            async for listed in self._connection.pages(path):
                if text(listed, "fine_tuned_model_checkpoint") == model:
                    return text(listed, "id")
        raise NotFound(f"checkpoint {model!r}", status=404, detail="no job of the account has this checkpoint")


def _formats_of_job(job: Document) -> Iterator[str]:
    """Yield the formats of the deployments that a job's metadata offers: a list, which may be there as JSON text."""
    options = dig(job, "metadata", "deployment_options")
    if isinstance(options, str):
        try:
            options = parse_json(options)
        except ValueError:
            options = None
    listed = [options] if is_object(options) else options if is_array(options) else ()
    yield from (found for option in listed if (found := text(option, "format")))


def _row(listed: Document) -> Document:
    """Return a row of the account's models; the list of a location has each one below `model`."""
    return part(listed, "model") or listed


def _only_format(model: str, rows: Sequence[Document]) -> str:
    """Return the format of a model that the rows agree on, those that can be tuned first."""
    tunable = [row for row in rows if part(row, "finetuneCapabilities")] or rows
    found = [*dict.fromkeys(format_ for row in tunable if (format_ := text(row, "format")))]
    if len(found) == 1:
        return found[0]
    names = " and ".join(found) or "no format"
    raise InvalidInput(
        f"the account lists {model} with {names}: choose one as model_format (--model-format); nothing was created"
    )
