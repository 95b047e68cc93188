"""The target `trl`: a configuration and a script for TRL with PEFT, and accelerate's files for several GPUs."""

from __future__ import annotations

from collections.abc import Iterator
from pprint import pformat

from ...gpu_estimates.training_way import Sharing, WayOptions
from ..bundled_files import chat_template, script
from ..data_files import data_files, data_warnings, expected_memory
from ..export_job import ExportJob
from ..sharing import sharing_of
from ..target import Exported, ExportedFile
from ..trainable import is_quantized, refuse_untrainable, weights_kept
from ..yaml_text import yaml_text
from .launch_files import launch_file
from .trl_config import written_config

_PINS = ("trl==1.16.0", "peft==0.21.2", "transformers==5.24.0", "accelerate==1.15.0", "datasets==5.2.0", "torch>=2.11")


class TrlTarget:
    """TRL with PEFT."""

    name = "trl"
    title = "TRL with PEFT"
    all_tokens = False
    tried_with = (
        "Made for trl 1.16.0, peft 0.21.2, transformers 5.24.0, accelerate 1.15.0 and datasets 5.2.0 (November 2026). "
        "Run at full size on one H200 with random weights: Phi-3-mini with LoRA, QLoRA, DoRA and full fine-tuning, "
        "Phi-3-medium with LoRA and QLoRA, and by accelerate with FSDP in one process. Not run on several GPUs, nor "
        "with the published weights."
    )

    def export(self, job: ExportJob) -> Exported:
        """Return the files of a job; raise NotExportable for a model that transformers or peft cannot train."""
        refuse_untrainable(job)
        sharing = sharing_of(job)
        launch = launch_file(job, sharing)
        template = f"{job.hub.template}.jinja"
        name = launch.path if launch else "accelerate"
        writer = written_config(job, sharing=sharing, launch=name, template=template)
        start = f"accelerate launch --config_file {launch.path} train.py" if launch else "python train.py"
        command = f"{start} --config trl.yaml"
        files = (
            ExportedFile(path="trl.yaml", content=yaml_text(writer.document, remark=command)),
            ExportedFile(path="train.py", content=script("train.py")),
            *((launch,) if launch else ()),
            *((ExportedFile(path=template, content=chat_template(job.hub.template)),) if job.task == "chat" else ()),
            *_random_model(job),
            ExportedFile(path="requirements.txt", content="".join(f"{pin}\n" for pin in _pins(job, sharing))),
            *data_files(job),
        )
        return Exported(
            files=files,
            translations=tuple(writer.translations),
            warnings=tuple(data_warnings(job, too_long="cuts them there")),
            commands=("pip install -r requirements.txt", command),
            expected=expected_memory(job, **_way(job, sharing)),
            notes=tuple(_notes(job)),
        )


TRL = TrlTarget()


def _way(job: ExportJob, sharing: Sharing | None) -> WayOptions:
    """Return how TRL trains, for the estimate of memory.

    trl 1.16.0 computes its loss for some tokens at a time, and keeps adapters over weights of 4 bits in bfloat16.
    """
    chosen = job.chosen
    return {
        "weights": weights_kept(job, sharing),
        "adapter_weights": "bfloat16" if is_quantized(chosen.method) else "float32",
        "optimizer": "adafactor" if chosen.optimizer == "adafactor" else "adamw_torch_fused",
        "loss": "chunked",
        "sharing": sharing,
    }


def _random_model(job: ExportJob) -> Iterator[ExportedFile]:
    """Yield the script that makes a model of the same shape, for models of one expert."""
    shape = job.shape
    if shape.experts > 1:
        return
    config = {
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "intermediate_size": shape.intermediate,
        "vocab_size": shape.vocabulary,
        "tie_word_embeddings": shape.tied,
        "max_position_embeddings": 4096,
    }
    text = script("random_model.py").replace("@SHAPE@", pformat(config, sort_dicts=False, width=100))
    yield ExportedFile(path="random_model.py", content=text)


def _pins(job: ExportJob, sharing: Sharing | None) -> Iterator[str]:
    yield from _PINS
    if is_quantized(job.chosen.method):
        yield "bitsandbytes==0.50.2"
    if sharing is not None and sharing.startswith("zero"):
        yield "deepspeed==0.19.8"


def _notes(job: ExportJob) -> Iterator[str]:
    where = "`out/`: the adapter" if job.chosen.is_adapter else "`out/`: the model"
    yield (
        f"The result is in {where}, and `figures.json` with the peak of GPU memory and the seconds of a step. Every "
        "key of `trl.yaml` is also an option of `train.py`: `--model_name_or_path FOLDER` trains a model on this "
        "machine, with `HF_HUB_OFFLINE=1` without a network; `--max_steps 5` is a short trial."
    )
    if job.shape.experts == 1:
        yield (
            "Without the weights, `python random_model.py --tokenizer FOLDER --out random-model` makes a model of the "
            "same shape to try the run with: `--model_name_or_path random-model`."
        )
