"""The needs and the methods of the scenario table in Microsoft's cookbook: its nine rows and its six columns.

microsoft/PhiCookBook, md/03.FineTuning/FineTuning_Scenarios.md; what its cells say in each version is in
`scenarios.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.errors import InvalidInput
from ..core.plain_values import PlainValue

Need = Literal["adapting", "nlp", "qa", "chat", "creative", "cost", "memory", "parameters", "parallel"]
"""What a fine-tuning is wanted for: a row of the table."""

TableMethod = Literal["lora", "qlora", "peft", "deepspeed", "zero", "dora"]
"""A column of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedFacts(PlainValue):
    """A row of the table. `is_task` says that it names what a model is to do, not what the training may take."""

    need: Need
    title: str
    is_task: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodFacts(PlainValue):
    """A column of the table.

    The six are not of one kind: an `adapter` says what is trained, `sharing` what is divided among GPUs, and a
    `family` is a name for several of the others.
    """

    method: TableMethod
    title: str
    kind: Literal["adapter", "family", "sharing"]
    summary: str


NEEDS: Mapping[Need, NeedFacts] = {
    facts.need: facts
    for facts in (
        NeedFacts(need="adapting", title="adapt to a task or domain", is_task=True),
        NeedFacts(need="nlp", title="NLP tasks: classification, entities, translation", is_task=True),
        NeedFacts(need="qa", title="question answering", is_task=True),
        NeedFacts(need="chat", title="chatbot answers", is_task=True),
        NeedFacts(need="creative", title="creative work: music, art", is_task=True),
        NeedFacts(need="cost", title="less cost and computing", is_task=False),
        NeedFacts(need="memory", title="less memory", is_task=False),
        NeedFacts(need="parameters", title="fewer trained parameters", is_task=False),
        NeedFacts(need="parallel", title="data parallelism over the memory of all GPUs", is_task=False),
    )
}
"""The rows, in the order of the table."""

TABLE_METHODS: Mapping[TableMethod, MethodFacts] = {
    facts.method: facts
    for facts in (
        MethodFacts(
            method="lora",
            title="LoRA",
            kind="adapter",
            summary="trains two thin matrices beside each chosen one; the model itself stays as it is",
        ),
        MethodFacts(
            method="qlora", title="QLoRA", kind="adapter", summary="is LoRA over a model that is kept in 4 bits (NF4)"
        ),
        MethodFacts(
            method="peft",
            title="PEFT",
            kind="family",
            summary="is the family, and Hugging Face's library: LoRA, QLoRA and DoRA belong to it",
        ),
        MethodFacts(
            method="deepspeed",
            title="DeepSpeed",
            kind="sharing",
            summary="is a library for training over several GPUs; ZeRO is the part of it that saves memory",
        ),
        MethodFacts(
            method="zero",
            title="ZeRO",
            kind="sharing",
            summary="shares optimizer states (1), gradients (2) and weights (3) among the GPUs, or with the machine",
        ),
        MethodFacts(
            method="dora",
            title="DoRA",
            kind="adapter",
            summary="is LoRA with a trained length for each output of a matrix",
        ),
    )
}
"""The columns, in the order of the table."""

_NEED_NAMES: Mapping[str, Need] = {
    "adapt": "adapting",
    "domain": "adapting",
    "classification": "nlp",
    "ner": "nlp",
    "translation": "nlp",
    "questionanswering": "qa",
    "chatbot": "chat",
    "creativity": "creative",
    "costs": "cost",
    "money": "cost",
    "params": "parameters",
    "dataparallel": "parallel",
    "dataparallelism": "parallel",
}


def read_need(name: str) -> Need:
    """Return the need of a name in any case, such as `memory`.

    Raises InvalidInput, with the nearest name.
    """
    plain = plain_name(name)
    for need in NEEDS:
        if plain == need or _NEED_NAMES.get(plain) == need:
            return need
    raise InvalidInput(f"there is no need {name!r}; {nearest_hint(name, 'needs', tuple(NEEDS))}")


def table_method_named(name: str) -> TableMethod | None:
    """Return the column of a name in any case, such as `QLoRA` or `ZeRO-3`; None if the table has no such column."""
    plain = plain_name(name)
    if plain.removeprefix("zero") in {"1", "2", "3"}:
        return "zero"
    return next((method for method in TABLE_METHODS if method == plain), None)


def nearest_hint(name: str, what: str, known: Sequence[str]) -> str:
    """Return what an error about an unknown name says: the nearest known one, or all of them."""
    from difflib import get_close_matches  # here: only an error needs it

    nearest = get_close_matches(name.lower(), known, 1, 0.5)
    return f"did you mean {nearest[0]!r}?" if nearest else f"the {what} are {', '.join(known)}"


def plain_name(name: str) -> str:
    """Return a name as names are compared: letters and digits in lower case."""
    return "".join(each for each in name.lower() if each.isalnum())
