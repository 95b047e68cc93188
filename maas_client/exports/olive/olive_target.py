"""The export for Olive: a run configuration that trains an adapter and ends in an ONNX model that answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ...gpu_estimates.memory import MemoryEstimate
from ..bundled_files import script
from ..data_files import data_files, data_warnings, expected_memory
from ..export_job import ExportJob
from ..key_writer import KeyWriter
from ..target import Exported, ExportedFile
from . import requirements
from .command_line import command_line
from .refusals import refuse_what_olive_cannot
from .run_config import Paths, config_of, written_config

CONFIG = "olive.json"
COMMANDS = "olive-commands.sh"
ANSWERING = "answer.py"


@dataclass(frozen=True, slots=True)
class OliveTarget:
    """The files that `olive run` takes."""

    name: str = "olive"
    title: str = "Olive"
    tried_with: str = requirements.TRIED
    all_tokens: bool = True

    def export(self, job: ExportJob) -> Exported:
        """Return the files and what they mean; raise NotExportable for a job that Olive cannot run."""
        refuse_what_olive_cannot(job)
        paths = Paths()
        writer = written_config(job, paths)
        by_command = command_line(job, paths)
        return Exported(
            files=(
                ExportedFile(path=CONFIG, content=config_text(writer, job, paths)),
                *([ExportedFile(path=COMMANDS, content=by_command)] if by_command else []),
                ExportedFile(path=ANSWERING, content=script("answer.py")),
                ExportedFile(path="requirements.txt", content=requirements.requirements_of(job)),
                *data_files(job),
            ),
            translations=tuple(writer.translations),
            warnings=tuple(olive_warnings(job)),
            commands=("pip install -r requirements.txt", f"olive run --config {CONFIG} --disable_telemetry"),
            expected=memory_in_olive(job),
            notes=tuple(_notes(paths, by_command=by_command is not None)),
        )


def config_text(writer: KeyWriter, job: ExportJob, paths: Paths) -> str:
    """Return the run configuration as the text of a file."""
    return json.dumps(config_of(writer, job, paths), indent=2, ensure_ascii=False) + "\n"


def memory_in_olive(job: ExportJob) -> MemoryEstimate:
    """Return the estimate of what Olive trains in: all layers on one GPU, and peft's adapters in 32 bits."""
    chosen = job.chosen
    return expected_memory(
        job,
        gpus=1,
        adapter_weights="float32",
        weights="float32" if chosen.precision == 32 and chosen.method != "qlora" else "bfloat16",
        optimizer="adafactor" if chosen.optimizer == "adafactor" else "adamw_torch",
    )


def olive_warnings(job: ExportJob) -> Iterator[str]:
    """Yield what a user has to know about the job in Olive."""
    yield from data_warnings(job, too_long="cuts them", all_tokens=True)
    if job.chosen.method == "qlora":
        yield (
            "the adapter is trained on weights in 4 bits, merged into those in 16, and the ONNX model has 4 bits of "
            "another kind: each step costs a little quality"
        )
        yield "with 4 bits Olive puts adapters on every quantized matrix, whatever target_modules says"
    if job.options.gpus > 1:
        yield (
            f"Olive trains in one process: with {job.options.gpus} GPUs it divides the layers among them, which makes "
            "a larger model fit but is no faster; the memory below is that of all of them together"
        )
    if job.settings.precision == 16:
        yield "16 bits are bfloat16 here, with which Phi was trained; the service computes in float16"


def _notes(paths: Paths, *, by_command: bool) -> Iterator[str]:
    yield ("Olive ends without an error even if a pass has failed: its last line is then `No output model produced`.")
    yield (
        f"The adapter is in the last folder of `{paths.checkpoints}`, and `{paths.result}` has the model in ONNX, "
        "in 4 bits and with its chat template. Ask it, on any CPU:"
    )
    yield f"```sh\npython {ANSWERING} 'Who are you?'\n```"
    yield (
        "The ONNX model is made for a CPU. For an NVIDIA GPU install onnxruntime-genai-cuda instead, and write "
        f'`"gpu"` and `"CUDAExecutionProvider"` under `systems` in `{CONFIG}`; training uses a GPU where there is one, '
        "either way. Olive sends telemetry unless `--disable_telemetry` is given, or OLIVE_DISABLE_TELEMETRY=1 is set."
    )
    if by_command:
        yield f"`{COMMANDS}` has the job as Olive's commands: finetune, capture-onnx-graph, and a question."


OLIVE = OliveTarget()
"""The target of `--for olive`."""
