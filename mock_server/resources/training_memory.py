"""The GPU memory that a training needs at least: weights, gradients and Adam's two moments, without activations.

Four bytes for each of them and each parameter; LoRA trains so few that only the weights count, and Adafactor keeps no
moments to speak of. DeepSpeed's stage 2 splits gradients and moments among the GPUs, stage 3 the weights as well.
"""

from collections.abc import Mapping

WEIGHTS, GRADIENTS, MOMENTS = 4.0, 4.0, 8.0  # bytes for each parameter
HALF_WEIGHTS = 2.0


def gib_for_each_gpu(billions: float, literals: Mapping[str, str], gpus: int) -> float:
    """Return the GiB that a pipeline's training needs of each of its GPUs.

    Args:
        billions: the model's parameters, in billions.
        literals: the values of the component's inputs.
        gpus: how many it uses in all.
    """
    weights = HALF_WEIGHTS if literals.get("precision") == "16" else WEIGHTS
    if literals.get("apply_lora") == "true":
        states = 0.0
    else:
        weights = WEIGHTS  # also in mixed precision
        states = GRADIENTS + (0.0 if literals.get("optim") == "adafactor" else MOMENTS)
    stage = literals.get("deepspeed_stage") if literals.get("apply_deepspeed") == "true" else None
    if stage in ("2", "3"):
        states /= gpus
    if stage == "3":
        weights /= gpus
    return billions * 1e9 * (weights + states) / 2**30
