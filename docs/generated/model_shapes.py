"""The page on the shapes of the models, from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from maas_client.catalog.architecture import architecture_of
from maas_client.catalog.architecture_facts import RANK, architecture_source
from maas_client.catalog.lookup import list_models
from maas_client.catalog.model_facts import ModelFacts

INTRODUCTION = (
    "Memory and time of a fine-tuning are computed from the shape of a model. `maas models show NAME --output json` "
    "has it as data, with each matrix that adapters can be added to."
)
COUNTS = (
    f"Parameters are counted from the shape, to the last one; those of LoRA are at rank {RANK} on every matrix of the "
    "layers."
)


def page() -> str:
    """Return the page."""
    models = list_models()
    parts = [
        "# Shapes of the models",
        INTRODUCTION,
        "\n".join(_table(("model", "layers", "hidden", "heads", "head size", "intermediate"), models, _sizes)),
        "\n".join(_table(("model", "vocabulary", "embeddings", "context"), models, _tables)),
        COUNTS,
        "\n".join(_table(("model", "parameters", "LoRA", "DoRA"), models, _counts)),
        "## Sources",
        "\n".join(f"- {facts.name}: {_source(facts)}" for facts in models),
    ]
    return "\n\n".join(parts) + "\n"


def _sizes(facts: ModelFacts) -> Sequence[object]:
    shape = architecture_of(facts.name)
    heads = f"{shape.heads}, {shape.kv_heads} for keys and values"
    inner = f"{shape.intermediate:,}"
    experts = f", {shape.experts} experts of which {shape.experts_per_token} work" if shape.experts > 1 else ""
    return shape.layers, f"{shape.hidden:,}", heads, shape.head_size, inner + experts


def _tables(facts: ModelFacts) -> Sequence[object]:
    shape = architecture_of(facts.name)
    return f"{shape.vocabulary:,}", "tied" if shape.tied else "not tied", f"{facts.context_tokens:,}"


def _counts(facts: ModelFacts) -> Sequence[object]:
    shape = architecture_of(facts.name)
    adapters = (shape.adapter_parameters(RANK, magnitudes=magnitudes) for magnitudes in (False, True))
    return f"{shape.parameters:,}", *(f"{count:,}" for count in adapters)


def _source(facts: ModelFacts) -> str:
    source = architecture_source(facts.name)
    return f"{source.document} ({source.date})"


def _table(
    titles: Sequence[str], models: Sequence[ModelFacts], cells: Callable[[ModelFacts], Sequence[object]]
) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for facts in models:
        yield f"| {' | '.join(map(str, (facts.name, *cells(facts))))} |"
