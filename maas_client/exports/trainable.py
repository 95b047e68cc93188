"""What transformers and peft can train, for the targets that are built on them."""

from __future__ import annotations

from ..gpu_estimates.training_way import Method, Sharing, Weights
from .errors import NotExportable
from .export_job import ExportJob

BFLOAT16 = "the models were trained in bfloat16, and float16 overflows"
"""Why an export writes bfloat16 where the job says 16 bits."""


def is_quantized(method: Method) -> bool:
    """Return whether a method keeps the model in 4 bits."""
    return method in {"qlora", "qdora"}


def refuse_untrainable(job: ExportJob) -> None:
    """Raise NotExportable for a model or a method that transformers and peft cannot train."""
    if job.hub.remote_code:
        raise NotExportable(
            job.target,
            f"{job.model.name} is not in transformers 5: its code comes with the weights, and was written for "
            "transformers 4. Phi-3-mini and Phi-3-medium are",
        )
    if job.shape.experts > 1 and is_quantized(job.chosen.method):
        raise NotExportable(
            job.target,
            f"the experts of {job.model.name} are tensors that bitsandbytes does not quantize, so that QLoRA saves no "
            "memory: choose --method lora, which trains the attention",
        )


def loads_once(job: ExportJob) -> bool:
    """Return whether FSDP2 may read the weights in one process only, and send them to the others.

    Weights in 4 bits cannot be sent: the processes wait for each other (axolotl 0.19.0 `utils/schemas/validation.py`).
    """
    return not is_quantized(job.chosen.method)


def weights_kept(job: ExportJob, sharing: Sharing | None) -> Weights:
    """Return what the weights are kept in, for the estimate of memory.

    Several GPUs that share a full fine-tuning keep a copy in 32 bits beside the weights: DeepSpeed does, and accelerate
    casts what FSDP2 trains.
    """
    if job.chosen.precision == 32 and not is_quantized(job.chosen.method):
        return "float32"
    return "mixed" if job.chosen.method == "full" and sharing not in {None, "ddp"} else "bfloat16"
