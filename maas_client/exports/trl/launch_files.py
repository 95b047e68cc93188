"""The configuration with which accelerate starts a training on several GPUs, or with offloading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...gpu_estimates.training_way import Sharing
from ..export_job import ExportJob
from ..sharing import stage_of
from ..target import ExportedFile
from ..trainable import loads_once
from ..yaml_text import yaml_text


def launch_file(job: ExportJob, sharing: Sharing | None) -> ExportedFile | None:
    """Return accelerate's configuration (accelerate 1.15.0 `commands/config/config_args.py`); None for one GPU."""
    if sharing is None:
        return None
    document: dict[str, Any] = {
        "compute_environment": "LOCAL_MACHINE",
        **_plugin(job, sharing),
        "mixed_precision": "bf16" if job.chosen.precision == 16 else "no",
        "num_machines": 1,
        "num_processes": job.options.gpus,
        "machine_rank": 0,
        "main_training_function": "main",
        "rdzv_backend": "static",
        "same_network": True,
    }
    return ExportedFile(path=f"accelerate-{sharing}.yaml", content=yaml_text(document))


def _plugin(job: ExportJob, sharing: Sharing) -> Mapping[str, Any]:
    if sharing == "fsdp":
        settings: dict[str, Any] = {
            "fsdp_version": 2,
            "fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "fsdp_transformer_layer_cls_to_wrap": job.hub.layer,
            "fsdp_reshard_after_forward": True,
            "fsdp_offload_params": job.options.offload,
            "fsdp_cpu_ram_efficient_loading": loads_once(job),
            "fsdp_state_dict_type": "FULL_STATE_DICT",
        }
        return {"distributed_type": "FSDP", "fsdp_config": settings}
    if (stage := stage_of(sharing)) is not None:
        device = "cpu" if job.options.offload else "none"
        settings = {
            "zero_stage": stage,
            "zero3_init_flag": stage == 3,
            **({"zero3_save_16bit_model": True} if stage == 3 else {}),
            "offload_optimizer_device": device,
            "offload_param_device": device if stage == 3 else "none",
        }
        return {"distributed_type": "DEEPSPEED", "deepspeed_config": settings}
    return {"distributed_type": "MULTI_GPU"}
