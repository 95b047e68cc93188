"""What becomes of a job's keys that are about KAITO's objects, and not about the training."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.gpu_sizes import GpuSize
from ..export_job import ExportJob
from ..translation import Translation, changed, given_keys, left_out, same


def translations_of_objects(job: ExportJob, *, size: GpuSize | None) -> Iterator[Translation]:
    """Yield what became of names, the model, the machine and the validation data."""
    given = given_keys(job.file)
    for key, value in given.items():
        if key == "model":
            yield changed(key, value, "tuning.preset.name", job.hub.preset, "KAITO's name of it")
        elif key == "name":
            yield same(key, value, "metadata.name", job.name)
        elif key == "output_name":
            yield left_out(key, value, "the adapter is a folder or an image, with no name of its own")
        elif key == "validation_data":
            yield left_out(key, value, "KAITO names no validation file, and all rows are trained on")
        elif key == "instance_types":
            yield _machine(key, value, size)


def _machine(key: str, value: object, size: GpuSize | None) -> Translation:
    if size is None:
        return left_out(key, value, "the cluster has its nodes")
    return same(key, value, "resource.instanceType", size.name)
