"""Which ways there are to fine-tune a model: `plan()`, without a client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Unpack

from .asked import Asked, PlanOptions
from .plan import Plan
from .planner import make_plan


def plan(**options: Unpack[PlanOptions]) -> Plan:
    """Find the ways to fine-tune a model, and rank them. No request is sent.

    Args:
        model: a model of the catalogue, by default the smallest that can be fine-tuned on Azure ML today.
        data: the training file, JSONL; without it the plan is for a million tokens.
        need: what the training is wanted for, a row of the scenario table, such as `memory` or `cost`.
        gpu: the GPU to train on, or several to choose from, such as `RTX 4090`.
        gpus: how many of them are in one machine, or several numbers to choose from.
        sku: the VM size to train on, or several, such as `Standard_NC24ads_A100_v4`. Without GPU and size, each way
            is on the smallest size of Azure that it fits.
        budget: what the training may cost, in the currency of the prices.
        method: `full`, `lora`, `qlora` or `dora`; `peft` for the last three; `deepspeed` or `zero` for what is shared.
        platform: the platform, such as `kaito` or `trl`; all of them by default.
        prices: a file of prices, for the costs.
        rank: of the adapters.
        sequence_length: the most tokens of a row, by default 2,048.
        batch_size: rows of a step on one GPU.
        epochs: how often every row is seen.

    Returns:
        The ways in order, with memory, time and cost as far as they are known, and the command that starts each.

    Raises:
        UnknownModel: no catalogue has the model.
        InvalidInput: an argument is out of range or unknown, or the prices are wrong.
        OSError: a file cannot be read.
    """
    return make_plan(Asked(**options), today=datetime.now(UTC).date())
