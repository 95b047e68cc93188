"""The results file of a Foundry job: computed while the job runs, stored with its bytes once it has ended."""

import uuid
from dataclasses import replace

from mock_server.core.json_values import text
from mock_server.core.scope import NAMESPACE
from mock_server.resources import foundry_files
from mock_server.resources.foundry_files import File
from mock_server.state.blob_store import Part, new_part
from mock_server.state.world import World
from mock_server.training import foundry_course, foundry_measures
from mock_server.training.foundry_course import RESULTS, Course

NAME = "results.csv"
PURPOSE = "fine-tune-results"
BOM = "\ufeff"


def file_id(job_id: str) -> str:
    """Return the id of a job's results file, which events name."""
    return f"file-{uuid.uuid5(NAMESPACE, f'results of {job_id}').hex}"


def exists(course: Course, elapsed: float | None) -> bool:
    """Return whether a job has written its results file."""
    if elapsed is None:
        return False
    until = min(elapsed, foundry_course.finished_at(course))
    return foundry_course.published_time(course, until) >= RESULTS


def register(world: World, job_id: str, course: Course, begun: float) -> None:
    """Store the document of a results file that has just come into being."""
    created = begun + foundry_course.elapsed_at(course, RESULTS)
    file = foundry_files.register(world, file_id(job_id), filename=NAME, purpose=PURPOSE, size=0, now=created)
    world.store.put(foundry_files.KIND, "", file.id, {**file.document, "pace": 0.0, "job": job_id})


def complete(world: World, job_id: str, course: Course, now: float) -> None:
    """Store the bytes of the results file of a job that has ended; nothing changes it any more."""
    file = foundry_files.find(world, file_id(job_id), now)
    if file is None or not text(file.document, "job"):
        return
    data = content(course, foundry_course.finished_at(course))
    part = Part("", new_part(), len(data))
    world.blobs.append(part.part, 0, data)
    world.blobs.commit(foundry_files.CONTAINER, file.id, [part], modified=world.wall(), headers={}, metadata={})
    document = {name: value for name, value in file.document.items() if name != "job"}
    world.store.put(foundry_files.KIND, "", file.id, {**document, "bytes": len(data)})


def content(course: Course, elapsed: float) -> bytes:
    """Return the file's bytes at a time."""
    return f"{BOM if course.bom else ''}{foundry_measures.results_csv(course, elapsed)}".encode()


def with_bytes(file: File, data: bytes) -> File:
    """Return a file of a running job with the size that it has now."""
    return replace(file, document={**file.document, "bytes": len(data)})
