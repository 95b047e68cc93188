"""What a way can do and what it cannot, in short sentences."""

from __future__ import annotations

from ..catalog.model_facts import ModelFacts
from ..gpu_estimates.memory import MemoryEstimate
from .candidates import Candidate
from .machine import Machine
from .training import Training


def abilities(candidate: Candidate) -> tuple[str, ...]:
    """Return what speaks for a way."""
    platform, found = candidate.platform, list[str]()
    if platform.assistant_only_loss:
        found.append("learns the assistant's words only, as the hosted service does")
    if candidate.method == "full":
        found.append("trains every parameter")
    if candidate.method == "dora":
        found.append("learns more than LoRA of a low rank (arXiv 2402.09353)")
    if platform.name == "olive":
        found.append("its result runs without PyTorch, quantized, in ONNX Runtime")
    return tuple(found)


def limits(
    candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts, memory: MemoryEstimate
) -> tuple[str, ...]:
    """Return what speaks against a way."""
    platform, found = candidate.platform, list[str]()
    if not platform.assistant_only_loss:
        found.append("trains every token of a row, not the assistant's words only")
    if remark := platform.methods.get(candidate.method):
        found.append(remark)
    if candidate.method == "dora":
        found.append("takes at least a quarter more time than LoRA")
    if candidate.method == "full":
        found.append("its result is as large as the model, where adapters are a file of megabytes")
    if candidate.offload:
        taken = f"takes {memory.machine_gib:.0f} GiB of the machine's memory"
        found.append(f"{taken}, and more time: weights and gradients pass to it and back")
    if candidate.sharing == "ddp":
        found.append("each GPU holds the whole model: more GPUs make it faster, not smaller")
    if not machine.gpu.bf16:
        found.append(f"{machine.gpu.name} has no bfloat16, with which the estimate was measured")
    if training.size.cut_rows:
        cut = f"{training.size.cut_rows:,} rows are longer than {training.size.sequence_length:,} tokens"
        found.append(f"{cut}, and are {'dropped' if platform.name == 'axolotl' else 'cut'}")
    if "system" not in (facts.template.roles or ("system",)):
        found.append(f"the template of {facts.name} has no system role: put such a message into the first user turn")
    return (*found, *memory.remarks)
