"""The models of Azure AI Foundry, as plain data: methods, training tiers and deployment SKUs of each.

Source: MicrosoftDocs/azure-ai-docs `articles/foundry/includes/fine-tune-supported-models.md` of 6 Oct 2026. Model
formats are per publisher and case-sensitive; for open models the sources disagree, and these are those of Microsoft's
own samples and its command line (azure-sdk-for-python `sdk/ai/azure-ai-projects/tests/finetuning`).
"""

from dataclasses import dataclass

STANDARD, DATA_ZONE, GLOBAL, DEVELOPER = "Standard", "DataZone", "GlobalStandard", "Developer"
ALL_TIERS = (STANDARD, DATA_ZONE, GLOBAL, DEVELOPER)
SUPERVISED, DPO, REINFORCEMENT = "supervised", "dpo", "reinforcement"
SERVERLESS = (
    "Standard",
    "GlobalStandard",
    "DataZoneStandard",
    "ProvisionedManaged",
    "GlobalProvisionedManaged",
)
DEVELOPER_SKUS = ("DeveloperTier", "Developer")  # Microsoft's notebooks write the first, its documentation the second
WITH_DEVELOPER = (*SERVERLESS, *DEVELOPER_SKUS)


@dataclass(frozen=True, slots=True)
class FoundryModel:
    """One base model; `identifier` is its name in a training request, `name` and `version` are those of a catalogue."""

    identifier: str
    name: str
    version: str
    format: str
    methods: tuple[str, ...]
    tiers: tuple[str, ...]
    skus: tuple[str, ...]  # empty: no serverless deployment
    vision: bool = False
    reasoning: bool = False  # takes max_completion_tokens, and refuses max_tokens

    @property
    def is_open(self) -> bool:
        """Return whether the model has open weights: one adapter per deployment, which needs capacity to load."""
        return self.format != "OpenAI"


def _openai(name: str, version: str, methods: tuple[str, ...], skus: tuple[str, ...], **more: bool) -> FoundryModel:
    return FoundryModel(f"{name}-{version}", name, version, "OpenAI", methods, ALL_TIERS, skus, **more)


MODELS = (
    _openai("gpt-4.1", "2025-04-14", (SUPERVISED, DPO), WITH_DEVELOPER, vision=True),
    _openai("gpt-4.1-mini", "2025-04-14", (SUPERVISED, DPO), WITH_DEVELOPER),
    _openai("gpt-4.1-nano", "2025-04-14", (SUPERVISED, DPO), WITH_DEVELOPER),
    _openai("gpt-4o", "2024-08-06", (SUPERVISED, DPO), SERVERLESS, vision=True),
    _openai("gpt-4o-mini", "2024-07-18", (SUPERVISED, DPO), SERVERLESS),
    _openai("o4-mini", "2025-04-16", (REINFORCEMENT,), WITH_DEVELOPER, reasoning=True),
    FoundryModel(
        "gpt-5-2025-08-07",
        "gpt-5",
        "2025-08-07",
        "OpenAI",
        (REINFORCEMENT,),
        (STANDARD, DATA_ZONE, GLOBAL),
        ("Standard",),
        reasoning=True,
    ),
    FoundryModel(
        "gpt-5.4-mini-2026-03-17",
        "gpt-5.4-mini",
        "2026-03-17",
        "OpenAI",
        (REINFORCEMENT,),
        (GLOBAL,),
        ("GlobalStandard",),
        reasoning=True,
    ),
    FoundryModel(
        "gpt-oss-20b", "gpt-oss-20b", "11", "OpenAI-OSS", (SUPERVISED,), (DATA_ZONE, GLOBAL), ("GlobalStandard",)
    ),
    FoundryModel(
        "Ministral-3B", "Ministral-3B", "2411", "Mistral AI", (SUPERVISED,), (DATA_ZONE, GLOBAL), ("GlobalStandard",)
    ),
    FoundryModel("Qwen3-32B", "Qwen3-32B", "1", "Alibaba", (SUPERVISED,), (DATA_ZONE, GLOBAL), ("GlobalStandard",)),
    FoundryModel(
        "Llama-3.3-70B-Instruct",
        "Llama-3.3-70B-Instruct",
        "1",
        "Meta",
        (SUPERVISED,),
        (DATA_ZONE, GLOBAL),
        ("GlobalStandard",),
    ),
    FoundryModel(
        "gpt-oss-120b", "gpt-oss-120b", "4", "OpenAI-OSS", (SUPERVISED, REINFORCEMENT), (GLOBAL, DEVELOPER), ()
    ),
    FoundryModel(
        "qwen3.6-35b-a3b", "qwen3.6-35b-a3b", "1", "Alibaba", (SUPERVISED, REINFORCEMENT), (GLOBAL, DEVELOPER), ()
    ),
    FoundryModel("Qwen3.8-27B", "Qwen3.8-27B", "1", "Alibaba", (SUPERVISED, REINFORCEMENT), (GLOBAL, DEVELOPER), ()),
    FoundryModel(
        "Muse-Glimmer-30B", "Muse-Glimmer-30B", "1", "Meta", (SUPERVISED, REINFORCEMENT), (GLOBAL, DEVELOPER), ()
    ),
    FoundryModel(
        "MAI-Code-1.1-Flash",
        "MAI-Code-1.1-Flash",
        "1",
        "Microsoft",
        (REINFORCEMENT,),
        (GLOBAL, DEVELOPER),
        ("GlobalStandard",),
    ),
)


def find(identifier: str) -> FoundryModel | None:
    """Return the model that a training request names, in any case."""
    return next((model for model in MODELS if model.identifier.lower() == identifier.lower()), None)


def find_in_catalogue(name: str, version: str) -> FoundryModel | None:
    """Return the model that a deployment names: a catalogue's name, and its version or none."""
    return next(
        (model for model in MODELS if model.name.lower() == name.lower() and version in ("", model.version)), None
    )
