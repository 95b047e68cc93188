"""The datasets of an export, and what is to be said about their rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from ..gpu_estimates.memory import MemoryEstimate, estimate_memory
from ..gpu_estimates.training_way import WayOptions
from .chosen_settings import LENGTH_STEP
from .errors import NotExportable
from .export_job import ExportJob
from .target import ExportedFile
from .training_rows import SWALLOWS_SPACE, TrainingRows

TRAINING, VALIDATION = "data/train.jsonl", "data/validation.jsonl"
"""Where an export has its datasets."""


ADAPTER_RATE, FULL_RATE = 1e-4, 2e-5
"""Learning rates from which on, and up to which, people train adapters and whole models.

Hu et al., LoRA, arXiv 2106.09685, appendix D: 1e-4 to 4e-4 for adapters; the registry's own of full fine-tuning are
5e-6 and 2e-5 (`chat_completion_pipeline` 0.0.82).
"""


def data_files(job: ExportJob) -> tuple[ExportedFile, ...]:
    """Return the datasets of an export; raise NotExportable for data that is not on this machine."""
    sources = {TRAINING: job.local_data, VALIDATION: job.validation_file}
    if job.validation_file is None and job.file.validation_data:
        raise NotExportable(
            job.target,
            f"the validation data is {job.file.validation_data}, not a file on this machine: download it, "
            "and name the file with --set validation_data=FILE",
        )
    return tuple(
        ExportedFile(path=path, rows=TrainingRows(source=source, model=job.model, task=job.task))
        for path, source in sources.items()
        if source is not None
    )


def data_warnings(job: ExportJob, *, too_long: str, all_tokens: bool = False) -> Iterator[str]:
    """Yield what a user has to know about the rows on a platform.

    `too_long` says what the platform does with rows that are longer than the length, such as "cuts them";
    `all_tokens` that it trains on all tokens.
    """
    facts, chosen = job.facts, job.chosen
    if all_tokens:
        yield (
            "all tokens are trained on, those of the questions as well: the hosted service trains on the assistant's "
            "only, so the result is another one"
        )
    if not chosen.is_adapter and chosen.learning_rate >= ADAPTER_RATE:
        yield f"the learning rate {chosen.learning_rate:g} is a rate for adapters: full fine-tuning takes a tenth of it"
    if chosen.is_adapter and chosen.learning_rate <= FULL_RATE:
        yield f"the learning rate {chosen.learning_rate:g} is a rate for full fine-tuning: adapters take ten times it"
    if chosen.is_adapter and job.shape.experts > 1:
        yield f"of {job.model.name} only the attention is trained: its experts are no modules that adapters fit"
    if longer := facts.longer_than(chosen.sequence_length):
        about = "" if facts.exact else "about "
        yield (
            f"{about}{longer} of {facts.rows} rows are longer than {chosen.sequence_length} tokens: "
            f"this platform {too_long}"
        )
    if facts.lines > facts.rows:
        yield f"{facts.lines - facts.rows} of {facts.lines} lines are left out, as the service drops them: `maas check`"
    if facts.system_turns and not job.model.template.renders("system"):
        yield (
            f"{job.model.name} has no system role: the system message of {facts.system_turns} rows is merged into the "
            "first user turn, as the hosted service does"
        )
    if facts.other_roles and job.model.template.roles is not None:
        yield f"{facts.other_roles} rows have roles that the chat template of {job.model.name} leaves out"
    if facts.tools and not job.model.template.tools:
        yield f"{facts.tools} rows have tools or calls of them, which the chat template of {job.model.name} leaves out"
    if facts.leading_spaces and job.model.template.family in SWALLOWS_SPACE:
        yield (
            f"white space at the start of assistant texts is removed in {facts.leading_spaces} rows: the tokenizer of "
            f"{job.model.name} swallows it, and a mask of the assistant's words would begin one token early"
        )


def expected_memory(job: ExportJob, **way: Unpack[WayOptions]) -> MemoryEstimate:
    """Return the estimate of the peak GPU memory of an export: for its longest rows, as batches are padded to them.

    `way` is what the platform does, as an argument of `estimate_memory`; the method, the adapters, the rows of a step
    and the GPUs are the job's.
    """
    chosen = job.chosen
    longest = -(-job.facts.longest // LENGTH_STEP) * LENGTH_STEP
    whole: WayOptions = {
        "method": chosen.method,
        "rank": chosen.rank,
        "adapter_dropout": chosen.dropout,
        "sequence_length": min(chosen.sequence_length, longest),
        "batch_size": chosen.batch_size,
        "accumulation": chosen.accumulation,
        "gpus": job.options.gpus,
        "offload": job.options.offload,
    }
    if chosen.is_adapter and job.shape.experts > 1 and not job.target.startswith("azureml"):
        named = {matrix.name for matrix in job.shape.matrices}
        whole["targets"] = tuple(name for name in job.hub.targets if name in named)
    whole.update(way)
    return estimate_memory(model=job.model.name, **whole)
