"""The target `kaito`: fine-tuning by the Kubernetes operator KAITO, such as on Azure Kubernetes Service."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from ...catalog.gpu_sizes import GpuSize
from ...catalog.gpus import gpu_of_size
from ...core.errors import InvalidInput
from ...gpu_estimates.memory import MemoryEstimate
from ..data_files import TRAINING, data_warnings, expected_memory
from ..errors import NotExportable
from ..export_job import ExportJob
from ..target import Exported, ExportedFile
from ..training_rows import TrainingRows
from ..yaml_text import yaml_text
from .config import FILE_NAME, accumulated_rows, training_config, written_settings
from .sizes import smallest_size, tuning_size
from .translations import translations_of_objects
from .workspace import CONFIG_KEY, KaitoTuning, data_documents, inference_document, tuning_documents

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,55}[a-z0-9])?")
"""A name that is a DNS label with room for `-serve`."""

TRAIN, SERVE, DATA = "kaito.yaml", "kaito-inference.yaml", "kaito-data.yaml"


class Kaito:
    """Implements Target."""

    name = "kaito"
    title = "KAITO on Kubernetes"
    tried_with = (
        "KAITO 0.12.0 (kaito.sh/v1beta1) of 2026-08-21: the Workspaces are checked against a JSON Schema of what its "
        "resource definition and its webhook ask; they were not run on a cluster"
    )
    all_tokens = True

    def export(self, job: ExportJob) -> Exported:
        """Return the Workspace that trains with its ConfigMap and claims, and the one that serves the adapter."""
        method = _method(job)
        preset = job.hub.preset
        if preset is None:
            raise NotExportable(self.name, f"KAITO has no preset that tunes {job.model.name}")
        facts = job.facts
        rows = TrainingRows(source=job.local_data, model=job.model, task=job.task)
        size, expected = _size(job)
        written = written_settings(job)
        tuning = KaitoTuning(
            name=_label(job),
            preset=preset,
            method=method,
            training_config=yaml_text(training_config(written)),
            instance_type=size.name if size else None,
            data_bytes=sum(len(line) for line in rows.lines()),
            image=job.options.image,
        )
        data = data_documents(tuning)
        files = [
            ExportedFile(path=TRAIN, content=yaml_text(*tuning_documents(tuning), remark=_HEADER)),
            ExportedFile(path=SERVE, content=yaml_text(inference_document(tuning), remark=_HEADER)),
            ExportedFile(path=TRAINING, rows=rows),
            *([ExportedFile(path=DATA, content=yaml_text(*data, remark=_HEADER))] if data else []),
        ]
        return Exported(
            files=tuple(files),
            translations=(*written.translations, *translations_of_objects(job, size=size)),
            warnings=(
                *data_warnings(job, too_long="cuts them there", all_tokens=self.all_tokens),
                *_warnings(job, size, expected, rows=facts.rows),
            ),
            commands=(_data_command(tuning), f"kubectl apply -f {TRAIN}"),
            expected=expected,
            notes=tuple(_notes(tuning)),
            rows_a_pass=1,
            gpus=size.gpus if size else None,
        )


KAITO = Kaito()


_HEADER = f"KAITO 0.12.0, kaito.sh/v1beta1. The settings of the training are {CONFIG_KEY}."


def _method(job: ExportJob) -> Literal["lora", "qlora"]:
    """Return KAITO's method: DoRA is LoRA with a switch of peft's."""
    method = job.chosen.method
    if method == "full":
        raise NotExportable("kaito", "it trains adapters only: choose --method lora, qlora or dora")
    if job.options.sharing is not None or job.options.offload:
        raise NotExportable("kaito", "its GPUs share rows and not the model: leave out --sharing and --offload")
    return "qlora" if method in {"qlora", "qdora"} else "lora"


def _label(job: ExportJob) -> str:
    """Return the name of the objects; NotExportable for one that Kubernetes does not take."""
    if not _LABEL.fullmatch(job.name):
        raise NotExportable(
            "kaito",
            f"Kubernetes takes names of at most 57 lower-case letters, digits and hyphens, which {job.name!r} is not: "
            "choose one with --set name=NAME",
        )
    return job.name


def _size(job: ExportJob) -> tuple[GpuSize | None, MemoryEstimate]:
    """Return the VM size to train on, None on nodes of one's own, and the memory that each of its GPUs needs."""
    wanted = job.file.instance_types[0] if job.file.instance_types else None
    alone = _expected(job, gpus=job.options.gpus)
    if job.options.own_nodes:
        return None, alone
    if wanted is None:
        size = smallest_size(alone.card_gib, gpus=job.options.gpus)
        if size is None:
            raise NotExportable(
                "kaito", f"it needs {alone.card_gib:.0f} GiB of one GPU, which none of KAITO's sizes has: {_LESS}"
            )
        return size, _expected(job, gpus=size.gpus)
    try:
        size = tuning_size(wanted)
    except InvalidInput as error:
        raise NotExportable("kaito", str(error)) from None
    needed = _expected(job, gpus=size.gpus)
    if needed.peak_gib > gpu_of_size(size).memory_gib:
        enough = smallest_size(needed.card_gib)
        instead = f"choose {enough.name}, or {_LESS}" if enough else _LESS
        raise NotExportable(
            "kaito",
            f"it needs {needed.peak_gib:.1f} GiB of each GPU, and one of {size.name} has "
            f"{gpu_of_size(size).memory_gib:.1f} GiB: {instead}",
        )
    return size, needed


_LESS = "use --method qlora, or a lower max_seq_length"


def _expected(job: ExportJob, *, gpus: int) -> MemoryEstimate:
    chosen = job.chosen
    quantized = chosen.method in {"qlora", "qdora"}
    return expected_memory(
        job,
        weights="float32" if chosen.precision == 32 and not quantized else "bfloat16",
        casts_to_float32=quantized,
        optimizer="adafactor" if chosen.optimizer == "adafactor" else "adamw_torch",
        batch_size=1,
        accumulation=accumulated_rows(chosen),
        gpus=gpus,
        sharing="ddp" if gpus > 1 else None,
    )


def _warnings(job: ExportJob, size: GpuSize | None, expected: MemoryEstimate, *, rows: int) -> Iterator[str]:
    chosen = job.chosen
    memory = gpu_of_size(size).memory_gib if size else 0
    if size is not None and not expected.fits(memory):
        yield (
            f"{size.name} has {memory:.1f} GiB on each GPU, and about {expected.card_gib:.1f} GiB are "
            "needed: it may run out of memory"
        )
    gpus = size.gpus if size else job.options.gpus
    if gpus > 1:
        total = gpus * accumulated_rows(chosen)
        yield f"{gpus} GPUs train {total} rows a step together, and {-(-rows // total)} steps are an epoch"
    if chosen.method in {"dora", "qdora"}:
        yield "Whether vLLM, with which KAITO serves, takes an adapter of DoRA was not tried"


def _data_command(tuning: KaitoTuning) -> str:
    """Return the command that brings the data to the cluster."""
    if tuning.is_small:
        return f"kubectl create configmap {tuning.data} --from-file={TRAINING}"
    loader = f"{tuning.name}-loader"
    return (
        f"kubectl apply -f {DATA} && kubectl wait --for=condition=Ready pod/{loader} --timeout=10m && "
        f"kubectl cp {TRAINING} {loader}:/data/{FILE_NAME} && kubectl delete pod {loader}"
    )


def _notes(tuning: KaitoTuning) -> Iterator[str]:
    yield (
        f"`kubectl get workspace {tuning.name}` shows the state, and `kubectl logs job/{tuning.name} -f` the training. "
        f"After it, `kubectl apply -f {SERVE}` serves the model with the adapter."
    )
    if tuning.image:
        yield (
            f"The adapter is pushed to {tuning.image} with the secret {tuning.push_secret}, which has to exist: "
            f"`kubectl create secret docker-registry {tuning.push_secret} --docker-server=… --docker-username=… "
            "--docker-password=…`."
        )
    else:
        yield f"The adapter is kept on the claim {tuning.results}."
    if tuning.instance_type is None:
        yield f"Label the nodes to train on: `kubectl label node NODE app={tuning.name}`, and app={tuning.name}-serve."
    else:
        yield (
            "On a cluster whose nodes KAITO does not start (node auto-provisioning is off), `instanceType` is refused: "
            "export again with --own-nodes."
        )
