"""What several GPUs share of one training, where the user of an export does not say."""

from __future__ import annotations

from ..gpu_estimates.training_way import Sharing
from .export_job import ExportJob
from .key_writer import KeyWriter

_STAGES: dict[int, Sharing] = {1: "zero1", 2: "zero2", 3: "zero3"}


def sharing_of(job: ExportJob) -> Sharing | None:
    """Return what the GPUs of a job share: what was asked for, what the job says of DeepSpeed, or what suits.

    The hosted service trains with ZeRO 3 (`oss_chat_completion_pipeline` 0.0.29). Full fine-tuning shares all, as a
    model with its gradients and optimizer rarely fits one GPU; adapters share nothing, which is fastest.
    """
    options, stage = job.options, job.settings.deepspeed_stage
    if options.sharing is not None:
        return options.sharing
    if options.offload:
        return _STAGES.get(stage or 3)
    if options.gpus == 1:
        return None
    if stage is not None:
        return _STAGES.get(stage)
    if job.options.like_hosted:
        return "zero3"
    return "fsdp" if job.settings.method == "full" else "ddp"


def stage_of(sharing: Sharing | None) -> int | None:
    """Return the stage of ZeRO, None for FSDP and for GPUs that share nothing."""
    return next((stage for stage, name in _STAGES.items() if name == sharing), None)


def translate_deepspeed(writer: KeyWriter, sharing: Sharing | None, *, file: str) -> None:
    """Say what became of the job's keys about DeepSpeed; `file` has the platform's."""
    stage = stage_of(sharing)
    for name, key in (("deepspeed", "distributed_type"), ("deepspeed_stage", "zero_stage")):
        if stage is None:
            why = (
                "one GPU shares nothing: it needs --gpus 2 or more" if sharing is None else f"{sharing} is used instead"
            )
            writer.leave_out(name, why)
        else:
            value = stage if name == "deepspeed_stage" else "DEEPSPEED"
            writer.setting(name, f"{file}: {key}", value, remark="through accelerate", write=False)
