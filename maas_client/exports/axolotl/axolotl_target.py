"""The target `axolotl`: its YAML, and DeepSpeed's file where several GPUs share by ZeRO."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...gpu_estimates.training_way import Sharing, WayOptions
from ..data_files import data_files, data_warnings, expected_memory
from ..export_job import ExportJob
from ..sharing import sharing_of
from ..target import Exported, ExportedFile
from ..trainable import is_quantized, refuse_untrainable, weights_kept
from ..yaml_text import yaml_text
from .axolotl_config import deepspeed_config, written_config


class AxolotlTarget:
    """axolotl."""

    name = "axolotl"
    title = "axolotl"
    all_tokens = False
    tried_with = (
        "Made for axolotl 0.19.0 (November 2026), whose check accepts the file and knows each of its keys. It was not "
        "run: axolotl brings its own versions of torch, transformers, peft and trl, so that it needs an environment of "
        "its own."
    )

    def export(self, job: ExportJob) -> Exported:
        """Return the files of a job; raise NotExportable for a model that transformers or peft cannot train."""
        refuse_untrainable(job)
        sharing = sharing_of(job)
        deepspeed = deepspeed_config(sharing, offload=job.options.offload)
        file = f"ds-{sharing}.json" if deepspeed else None
        writer = written_config(job, sharing=sharing, deepspeed=file)
        gpus = job.options.gpus
        devices = f"CUDA_VISIBLE_DEVICES={','.join(map(str, range(gpus)))} " if gpus > 1 else ""
        command = f"{devices}axolotl train axolotl.yaml"
        pins = ("axolotl==0.19.0", *(("deepspeed==0.19.8",) if deepspeed else ()))
        files = [
            ExportedFile(path="axolotl.yaml", content=yaml_text(writer.document, remark=command)),
            ExportedFile(path="requirements.txt", content="".join(f"{pin}\n" for pin in pins)),
            *data_files(job),
        ]
        if file is not None:
            files.insert(1, ExportedFile(path=file, content=json.dumps(deepspeed, indent=2) + "\n"))
        return Exported(
            files=tuple(files),
            translations=tuple(writer.translations),
            warnings=tuple(_warnings(job)),
            commands=("pip install -r requirements.txt", command),
            expected=expected_memory(job, **_way(job, sharing)),
            notes=("The result is in `out/`. axolotl reports its use to its makers without `AXOLOTL_DO_NOT_TRACK=1`.",),
        )


AXOLOTL = AxolotlTarget()


def _warnings(job: ExportJob) -> Iterator[str]:
    yield from data_warnings(job, too_long="cuts them there (`excess_length_strategy: truncate`)")
    if job.facts.tools and job.model.template.tools:
        yield f"axolotl reads role and content of a message: the tools in {job.facts.tools} rows are left out"


def _way(job: ExportJob, sharing: Sharing | None) -> WayOptions:
    """Return how axolotl trains, for the estimate of memory; it casts what is not in 4 bits to 32 (peft's function)."""
    return {
        "weights": weights_kept(job, sharing),
        "adapter_weights": "float32",
        "casts_to_float32": is_quantized(job.chosen.method),
        "optimizer": "adafactor" if job.chosen.optimizer == "adafactor" else "adamw_torch_fused",
        "sharing": sharing,
    }
