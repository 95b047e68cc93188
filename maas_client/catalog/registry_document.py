"""Reading of the live registry's model documents, in any layout it has used; they override the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ..core.json_fields import Document, day, is_array, is_object, part
from .model_facts import ModelFacts, Sku


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryFacts:
    """What a registry's model document states; None for facts it does not state."""

    version: str | None = None
    finetune_regions: tuple[str, ...] | None = None
    deploy_regions: tuple[str, ...] | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    legacy: date | None = None
    finetune_deprecation: date | None = None
    finetune_retirement: date | None = None
    inference_deprecation: date | None = None
    inference_retirement: date | None = None
    finetune_min_sku: Sku | None = None
    archived: bool | None = None


def with_registry(facts: ModelFacts, document: object) -> ModelFacts:
    """Return the facts updated from the live registry's document; facts that it does not state are kept.

    A registry that lists a region offers the model, so a fine-tuning end date from the catalogue file is dropped.
    """
    stated = read_registry(document)
    changes = {field: value for field in RegistryFacts.__slots__ if (value := getattr(stated, field)) is not None}
    listed = stated.finetune_regions or stated.deploy_regions
    if listed:
        changes |= {
            "finetune_regions": stated.finetune_regions or facts.finetune_regions or stated.deploy_regions,
            "finetune_until": None,
            "finetune_retirement": stated.finetune_retirement,
            "inference_retirement": stated.inference_retirement,
        }
    return replace(facts, live=True, **changes)


def read_registry(document: object) -> RegistryFacts:
    """Read a registry's model document in any layout seen since 2024; a value of a wrong type is treated as absent.

    The facts moved from tags (one region, then a comma list, then a list) and properties to a `system_metadata`
    object in June 2026; the newest layout takes precedence.
    """
    layers = list(_layers(document))

    def stated(*names: str) -> object:
        return next((layer[name] for name in names for layer in layers if name in layer), None)

    version = stated("version") or part(document).get("name")
    archived = stated("isarchived")
    return RegistryFacts(
        version=version if isinstance(version, str) and version.isdigit() else None,
        finetune_regions=_regions(stated("maasfinetuningregions", "maasfinetuningregion")),
        deploy_regions=_regions(stated("maasfinetuningdeployregions")),
        context_tokens=_count(stated("textcontextwindow")),
        max_output_tokens=_count(stated("maxoutputtokens")),
        legacy=day(stated("inferencelegacydate")),
        finetune_deprecation=day(stated("finetunedeprecationdate")),
        finetune_retirement=day(stated("finetuneretirementdate")),
        inference_deprecation=day(stated("inferencedeprecationdate")),
        inference_retirement=day(stated("inferenceretirementdate")),
        finetune_min_sku=_sku(stated("finetuneminskuspec")),
        archived=archived if isinstance(archived, bool) else None,
    )


def _layers(document: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects that may hold facts, newest layout first, with keys stripped of case and punctuation."""
    # Assumption: The registry shows the `system_metadata` of a model's specification under this name or
    #   `systemMetadata`: in the document, in its `properties`, or in the `properties` of these.
    # Shown wrong by: A model that was published after June 2026 and whose document has its regions or sizes elsewhere.
    # Verified by: registry model
    # If wrong: The model's facts are those of the catalogue, which may be older.
    for holder in (part(document), part(document, "properties"), part(document, "properties", "properties")):
        for spelling in ("system_metadata", "systemMetadata"):
            metadata = part(holder, spelling)
            for inner in metadata.values():
                if is_object(inner):
                    yield _plain_keys(inner)
            yield _plain_keys(metadata)
    for path in (("properties", "tags"), ("tags",), ("properties", "properties"), ("properties",), ()):
        yield _plain_keys(part(document, *path))


def _plain_keys(layer: Document) -> dict[str, object]:
    return {re.sub(r"[^a-z0-9]", "", key.lower()): value for key, value in layer.items()}


def _regions(value: object) -> tuple[str, ...] | None:
    """Read regions from a list or a comma list; names with spaces and capitals become Azure's short names."""
    named = value.split(",") if isinstance(value, str) else value if is_array(value) else ()
    regions = (each.strip().lower().replace(" ", "") for each in named if isinstance(each, str))
    return tuple(dict.fromkeys(filter(None, regions))) or None


def _count(value: object) -> int | None:
    digits = value if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(digits) if re.fullmatch(r"[1-9][0-9]{0,9}", str(digits)) else None


def _sku(value: object) -> Sku | None:
    """Read `cpus|gpus|memory|disk`."""
    counts = [_count(each.strip()) for each in value.split("|")] if isinstance(value, str) else []
    match counts:
        case [int(cpus), int(gpus), int(memory), int(disk)]:
            return Sku(cpus=cpus, gpus=gpus, memory_gib=memory, disk_gib=disk)
        case _:
            return None
