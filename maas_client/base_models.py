"""Which base model a name means: the live registry first, the catalogue where the registry cannot be asked."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from .catalog import find, nearest
from .documents import Document, text
from .errors import ModelRetired, NotFound, ServiceError, TransportError, UnknownModel
from .model_facts import ModelFacts
from .registry_facts import with_registry
from .wire import Wire
from .workspace import REGISTRY, AsyncWorkspace

logger = logging.getLogger("maas_client")

_REGISTRY_ID = re.compile(r"azureml://registries/([^/]+)/models/([^/]+)(?:/versions/([^/]+))?/?")


@dataclass(frozen=True, slots=True)
class ModelName:
    """What a user may write for a model, taken apart."""

    name: str
    version: str | None = None
    registry: str = REGISTRY

    @classmethod
    def parse(cls, text: str) -> ModelName:
        """Take `NAME` or `azureml://registries/REGISTRY/models/NAME[/versions/N]` apart."""
        found = _REGISTRY_ID.fullmatch(text.strip())
        return cls(found[2], found[3], found[1]) if found else cls(text.strip())

    def uri(self, version: str) -> str:
        """Return the id that a job is given."""
        return f"azureml://registries/{self.registry}/models/{self.name}/versions/{version}"


def known(model: str) -> ModelFacts | None:
    """Return what the catalogue says of a model, or None."""
    try:
        return find(ModelName.parse(model).name)
    except UnknownModel:
        return None


@dataclass(frozen=True, slots=True)
class BaseModels:
    """Base models of the registry, checked against the catalogue."""

    workspace: AsyncWorkspace
    wire: Wire

    async def for_training(self, model: str, *, serverless: bool, allow_retired: bool) -> tuple[str, ModelFacts | None]:
        """Return the id to train and what is known of the model, None for one that only its registry knows.

        Raises UnknownModel when neither the catalogue nor the registry has it, ModelRetired when serverless
        fine-tuning of it has ended, the live registry does not offer it and `allow_retired` is not set.
        """
        wanted = ModelName.parse(model)
        if "://" in wanted.name or wanted.registry != REGISTRY:
            return (wanted.uri(wanted.version) if wanted.version else model), None
        facts = known(model)
        wanted = ModelName(facts.name if facts else wanted.name, wanted.version)
        document = await self._ask_registry(wanted)
        if document is None and facts is None:
            raise UnknownModel(model, nearest(wanted.name))
        if facts is not None and serverless:
            self._judge(facts, document, allow_retired=allow_retired)
        version = wanted.version or text(document, "name") or (facts.version if facts else "")
        return wanted.uri(version), with_registry(facts, document) if facts and document else facts

    async def _ask_registry(self, model: ModelName) -> Document | None:
        try:
            return await self.workspace.registry_model(model.name, model.version)
        except NotFound:
            return None
        except (TransportError, ServiceError) as error:
            logger.warning("the registry cannot be asked, the catalogue's facts are used: %s", error)
            return None

    def _judge(self, facts: ModelFacts, document: Document | None, *, allow_retired: bool) -> None:
        """Warn of a model that is retired or was never offered; refuse a retired one that nothing speaks for."""
        today: date = datetime.fromtimestamp(self.wire.now(), UTC).date()
        offered = document is not None and not with_registry(facts, document).finetune_retired(today)
        line = facts.status_line(today)
        if facts.finetune_retired(today):
            if not offered and not allow_retired:
                raise ModelRetired(f"{line} The live registry does not offer it. To try all the same: --allow-retired")
            why = "the live registry still lists it" if offered else "you asked for it"
            logger.warning("%s Going on, for %s.", line, why)
        elif not facts.serverless_finetuning:
            logger.warning("%s Going on; with compute= it is trained on your own machines.", line)
