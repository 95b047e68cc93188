"""Resolve a base model's name: from the live registry, or from the catalogue where the registry cannot be read."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from ..azure.workspace import AsyncWorkspace
from ..catalog.lookup import known, unknown_model
from ..catalog.model_facts import ModelFacts
from ..catalog.model_id import REGISTRY, ModelName
from ..catalog.registry_document import with_registry
from ..core.errors import ModelRetired, NotFound, ServiceError, TransportError, UntrustedHost
from ..core.json_fields import Document, text
from ..wire import Wire

logger = logging.getLogger("maas_client")


@dataclass(frozen=True, slots=True)
class BaseModels:
    """Base models of the registry, checked against the catalogue."""

    workspace: AsyncWorkspace
    wire: Wire

    async def for_training(self, model: str, *, serverless: bool, allow_retired: bool) -> tuple[str, ModelFacts | None]:
        """Return the id to train and the model's facts, None for a model that only its registry has.

        Raises UnknownModel when neither the catalogue nor the registry has it, ModelRetired when serverless
        fine-tuning of it has ended, the live registry does not offer it and `allow_retired` is not set.
        """
        wanted = ModelName.parse(model)
        if wanted.registry is None:
            return model, None
        facts = known(model) if wanted.registry == REGISTRY else None
        wanted = replace(wanted, name=facts.name if facts else wanted.name)
        document, asked = await self._ask_registry(wanted) if wanted.registry == REGISTRY else (None, False)
        if document is None and (facts is None or (asked and wanted.version)) and wanted.registry == REGISTRY:
            raise unknown_model(model, wanted.name)
        if facts is not None and serverless:
            self._judge(facts, document, allow_retired=allow_retired)
        if facts is not None and document is None and asked:
            logger.warning("the live registry has no %s; version %s is the catalogue's", facts.name, facts.version)
        version = wanted.version or text(document, "name") or (facts.version if facts else "")
        uri = f"{wanted.registry_id}/versions/{version}" if version else model
        return uri, with_registry(facts, document) if facts and document else facts

    async def _ask_registry(self, model: ModelName) -> tuple[Document | None, bool]:
        """The registry's document, or None; and whether the registry could be read at all."""
        try:
            return await self.workspace.registry_model(model.name, model.version), True
        except NotFound:
            return None, True
        except (TransportError, ServiceError, UntrustedHost) as error:
            logger.warning("the registry cannot be asked, the catalogue's facts are used: %s", error)
            return None, False

    def _judge(self, facts: ModelFacts, document: Document | None, *, allow_retired: bool) -> None:
        """Warn about a model that is retired or was never offered; refuse a retired one that nothing allows."""
        today: date = datetime.fromtimestamp(self.wire.now(), UTC).date()
        offered = document is not None and not with_registry(facts, document).finetune_retired(today)
        line = facts.status_line(today)
        if facts.finetune_retired(today):
            if not offered and not allow_retired:
                raise ModelRetired(f"{line} The live registry does not offer it. To try it anyway: --allow-retired")
            why = "the live registry still lists it" if offered else "allow_retired is set"
            logger.warning("%s Continuing because %s.", line, why)
        elif not facts.serverless_finetuning:
            logger.warning("%s Continuing; with compute= it is trained on your own machines.", line)
