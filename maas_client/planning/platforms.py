"""The platforms that a model can be fine-tuned on, and what each can do: dated facts, in `platforms.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog.model_facts import Source
from ..core.errors import InvalidInput
from ..core.json_fields import day
from ..core.plain_values import PlainValue
from .needs import nearest_hint, plain_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform(PlainValue):
    """A platform, and what it can do.

    `methods` maps `full`, `lora`, `qlora` and `dora` to a remark, which may be empty; what is not in it cannot be done.
    `sharing` is what several GPUs can share, as for `estimate_memory`. `models` are names of the catalogue; None where
    the service decides, with the dates of the catalogue. `exports` are targets of `maas export`. `in_table_page` says
    whether the page of the scenario table names it. Without `assistant_only_loss` every token of a row is trained.
    """

    name: str
    title: str
    hosted: bool
    in_table_page: bool
    methods: Mapping[str, str]
    sharing: tuple[str, ...]
    assistant_only_loss: bool
    models: tuple[str, ...] | None
    exports: tuple[str, ...]
    remark: str
    source: Source
    aliases: tuple[str, ...] = ()

    def offers(self, model: str) -> bool:
        """Return whether it can train a model of the catalogue, by its name there."""
        return self.models is None or model in self.models


def platforms() -> tuple[Platform, ...]:
    """Return every platform, those of the scenario table's page first among their kind."""
    return tuple(_load().values())


def find_platform(name: str) -> Platform:
    """Return a platform by a name in any case, such as `kaito` or `ONNX Runtime`.

    Raises InvalidInput, with the nearest name.
    """
    wanted = plain_name(name)
    for platform in platforms():
        if wanted in {plain_name(platform.name), plain_name(platform.title), *platform.aliases}:
            return platform
    raise InvalidInput(f"there is no platform {name!r}; {nearest_hint(name, 'platforms', tuple(_load()))}")


@cache
def _load() -> Mapping[str, Platform]:
    content: dict[str, Any] = json.loads(Path(__file__).with_name("platforms.json").read_text(encoding="utf-8"))
    sources = {
        key: Source(document=each["document"], date=day(each["date"])) for key, each in content["sources"].items()
    }
    sets = {key: tuple(names) for key, names in content["model_sets"].items()}
    return {entry["name"]: _platform(entry, sources, sets) for entry in content["platforms"]}


def _platform(entry: Mapping[str, Any], sources: Mapping[str, Source], sets: Mapping[str, tuple[str, ...]]) -> Platform:
    read: dict[str, Any] = {
        **entry,
        **{key: tuple(entry[key]) for key in ("aliases", "exports", "sharing")},
        "models": sets[entry["models"]] if entry["models"] else None,
        "source": sources[entry["source"]],
    }
    return Platform(**read)
