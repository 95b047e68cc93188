"""The models that Foundry fine-tunes, as plain data: methods, training tiers and deployment SKUs of each.

State of 6 Oct 2026: MicrosoftDocs/azure-ai-docs `fine-tune-supported-models.md`. `format` is that of the model in a
deployment; sources disagree on it for open models, so clients have to read it from the account's list of models.
"""

from dataclasses import dataclass

STANDARD, GLOBAL, DATA_ZONE, DEVELOPER = "standard", "globalStandard", "dataZoneStandard", "developerTier"
ALL_TIERS = (STANDARD, DATA_ZONE, GLOBAL, DEVELOPER)
SUPERVISED, DPO, REINFORCEMENT = "supervised", "dpo", "reinforcement"
TIER_SPELLINGS = {
    "standard": STANDARD,
    "globalstandard": GLOBAL,
    "global": GLOBAL,
    "1": GLOBAL,
    "developertier": DEVELOPER,
    "developer": DEVELOPER,
    "datazonestandard": DATA_ZONE,
    "datazone": DATA_ZONE,
}
"""The training tier by what a request may call it, in lower case."""
SERVERLESS = ("Standard", "GlobalStandard", "DataZoneStandard", "ProvisionedManaged", "GlobalProvisionedManaged")
DEVELOPER_SKUS = ("DeveloperTier", "Developer")  # Microsoft's notebooks write the first, its documentation the second
WITH_DEVELOPER = (*SERVERLESS, *DEVELOPER_SKUS)


@dataclass(frozen=True, slots=True)
class FoundryModel:
    """One model of the account's catalogue."""

    id: str
    methods: tuple[str, ...]
    tiers: tuple[str, ...]
    format: str
    publisher: str
    version: str
    skus: tuple[str, ...] = ("GlobalStandard",)  # of deployments; the preview models have none
    vision: bool = False
    reasoning: bool = False  # takes max_completion_tokens, and refuses max_tokens

    @property
    def name(self) -> str:
        """Return its name in the catalogue: that of a model of OpenAI's lacks the version."""
        return self.id.removesuffix(f"-{self.version}") if self.is_openai else self.id

    @property
    def is_openai(self) -> bool:
        """Return whether it is a model of OpenAI's: only those are tuned on."""
        return self.format == "OpenAI"


def _openai(
    name: str,
    version: str,
    methods: tuple[str, ...],
    tiers: tuple[str, ...] = ALL_TIERS,
    skus: tuple[str, ...] = WITH_DEVELOPER,
    *,
    vision: bool = False,
) -> FoundryModel:
    reasoning = methods == (REINFORCEMENT,)
    return FoundryModel(f"{name}-{version}", methods, tiers, "OpenAI", "OpenAI", version, skus, vision, reasoning)


_OPEN = (DATA_ZONE, GLOBAL)
_PREVIEW = (GLOBAL, DEVELOPER)
_RFT_TOO = (SUPERVISED, REINFORCEMENT)
MODELS = (
    _openai("gpt-4.1", "2025-04-14", (SUPERVISED, DPO), vision=True),
    _openai("gpt-4.1-mini", "2025-04-14", (SUPERVISED, DPO)),
    _openai("gpt-4.1-nano", "2025-04-14", (SUPERVISED, DPO)),
    _openai("gpt-4o", "2024-08-06", (SUPERVISED, DPO), skus=SERVERLESS, vision=True),
    _openai("gpt-4o-mini", "2024-07-18", (SUPERVISED,), skus=SERVERLESS),
    _openai("o4-mini", "2025-04-16", (REINFORCEMENT,)),
    _openai("gpt-5", "2025-08-07", (REINFORCEMENT,), (STANDARD, DATA_ZONE, GLOBAL), ("Standard",)),
    _openai("gpt-5.4-mini", "2026-03-17", (REINFORCEMENT,), (GLOBAL,), ("GlobalStandard",)),
    FoundryModel("gpt-oss-20b", (SUPERVISED,), _OPEN, "OpenAI-OSS", "OpenAI", "11"),
    FoundryModel("Ministral-3B", (SUPERVISED,), _OPEN, "Mistral AI", "Mistral AI", "2411"),
    FoundryModel("Qwen3-32B", (SUPERVISED,), _OPEN, "Alibaba", "Alibaba", "1"),
    FoundryModel("Llama-3.3-70B-Instruct", (SUPERVISED,), _OPEN, "Meta", "Meta", "1"),
    FoundryModel("gpt-oss-120b", _RFT_TOO, _PREVIEW, "OpenAI-OSS", "OpenAI", "1", skus=()),
    FoundryModel("qwen3.6-35b-a3b", _RFT_TOO, _PREVIEW, "Alibaba", "Alibaba", "1", skus=()),
    FoundryModel("Qwen3.8-27B", _RFT_TOO, _PREVIEW, "Alibaba", "Alibaba", "1", skus=()),
    FoundryModel("Muse-Glimmer-30B", _RFT_TOO, _PREVIEW, "Meta", "Meta", "1", skus=()),
    FoundryModel("MAI-Code-1.1-Flash", (REINFORCEMENT,), _PREVIEW, "Microsoft", "Microsoft", "1"),
    FoundryModel("MedImageInsight-Premium", (SUPERVISED,), (GLOBAL,), "Microsoft", "Microsoft", "1", skus=()),
    FoundryModel("CXRReportgen-Premium", (SUPERVISED,), (GLOBAL,), "Microsoft", "Microsoft", "1", skus=()),
    FoundryModel("model-router", (SUPERVISED,), (GLOBAL,), "OpenAI", "OpenAI", "1"),
)


def find(name: str) -> FoundryModel | None:
    """Return a model by its id, ignoring case."""
    return next((model for model in MODELS if model.id.lower() == name.lower()), None)


def find_in_catalogue(name: str, version: str) -> FoundryModel | None:
    """Return the model that a deployment names: a catalogue's name, and its version or none."""
    return next(
        (model for model in MODELS if model.name.lower() == name.lower() and version in ("", model.version)), None
    )
