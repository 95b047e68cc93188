"""Foundry's files as stored, and their state at a given time."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.core.json_values import Json, number, text
from mock_server.faults.rule import Rule
from mock_server.resources.foundry_errors import invalid_payload, not_found, quota_exceeded
from mock_server.state.blob_store import Blob, Part
from mock_server.state.document_store import sqlite_safe
from mock_server.state.world import World

KIND = "foundry-file"
CONTAINER = "foundry-files"
PURPOSES = ("fine-tune", "assistants", "batch", "evals", "user_data")
MAX_FILE_BYTES = 512_000_000  # `MaxTrainingFileSize` of an account's capabilities
MAX_FILES = 100
MAX_TOTAL_BYTES = 1024**3
# Assumption: A small file is pending, then running, and processed within seconds.
# Shown wrong by: Another status, or a longer time until it is processed.
# Verified by: upload file
# If wrong: Tests of the mock server are faster than Azure; the client waits for an hour.
PENDING_SECONDS, PROCESSED_SECONDS = 1.0, 2.0
"""After which time a small file is scanned, and after which it is processed, in a job of half a minute or longer."""
HALF_MINUTE = 30.0
HIDDEN_SECONDS, SLOW_SECONDS = 5.0, 60.0
"""How long a fault rule hides a file, and how long it lets it be processed, if it does not say."""
UNFINISHED = frozenset({"uploaded", "pending", "running"})
TOO_BIG = "The file is too large: the maximum allowed size is 512 MB."


@dataclass(frozen=True, slots=True)
class File:
    """A file at a given time."""

    id: str
    document: Json
    now: float

    @property
    def created(self) -> float:
        """Return when it was created."""
        return number(self.document.get("created")) or 0.0

    @property
    def size(self) -> int:
        """Return its size in bytes."""
        return int(number(self.document.get("bytes")) or 0)

    @property
    def name(self) -> str:
        """Return its file name."""
        return text(self.document, "filename")

    @property
    def status(self) -> str:
        """Return its status; `processed` does not mean that its rows can be trained on."""
        age, pace = self.now - self.created, number(self.document.get("pace")) or 0.0
        if age < PENDING_SECONDS * pace:
            return "pending"
        if age < PROCESSED_SECONDS * pace:
            return "running"
        return "error" if self.document.get("failure") else "processed"


def new_id() -> str:
    """Return the id of a new file."""
    return f"file-{uuid.uuid4().hex}"


def add(
    world: World,
    *,
    filename: str,
    purpose: str,
    part: Part,
    expires_at: float | None = None,
    is_import: bool = False,
) -> File:
    """Store an uploaded body as a file; its bytes are already in the store."""
    file_id = new_id()
    world.blobs.commit(CONTAINER, file_id, [part], modified=world.wall(), headers={}, metadata={})
    return register(
        world,
        file_id,
        filename=filename,
        purpose=purpose,
        size=part.size,
        now=world.now(""),
        expires_at=expires_at,
        is_import=is_import,
    )


def register(
    world: World,
    file_id: str,
    *,
    filename: str,
    purpose: str,
    size: int,
    now: float,
    expires_at: float | None = None,
    failure: tuple[str, str] | None = None,
    is_import: bool = False,
    large: bool = False,
) -> File:
    """Store the document of a file whose bytes are in the store, or never were if it failed.

    Args:
        world: the server's state.
        file_id: the file's id.
        filename: its name.
        purpose: its purpose.
        size: its size in bytes.
        now: when it was created.
        expires_at: when it is deleted, or None.
        failure: code and message of the error that it ends with, or None.
        is_import: whether it comes from a URL; its size is then shown only once it is processed.
        large: whether it was uploaded in parts; it does not count for the limit of the bytes of all files.
    """
    document: Json = {
        "filename": filename,
        "purpose": purpose,
        "bytes": size,
        "created": now,
        "pace": min(1.0, world.options.job_seconds / HALF_MINUTE),
        "expires_at": expires_at,
        "failure": None if failure is None else {"code": failure[0], "message": failure[1]},
        "is_import": is_import,
        "large": large,
    }
    document |= _faults(world.fault_rule, now)
    world.store.put(KIND, "", file_id, document)
    return File(file_id, document, now)


def _faults(rule: Rule | None, now: float) -> Json:
    """Return the members of a new file's document that a fault rule sets."""
    if rule is None or rule.file is None:
        return {}
    if rule.file == "hidden":
        return {"hidden_until": now + (HIDDEN_SECONDS if rule.seconds is None else rule.seconds)}
    if rule.file == "slow":
        return {"pace": (SLOW_SECONDS if rule.seconds is None else rule.seconds) / PROCESSED_SECONDS}
    return {"failure": {"code": "invalidPayload", "message": rule.reason or "The file could not be processed."}}


def all_files(world: World, now: float) -> list[File]:
    """Return the files, newest first."""
    files = (File(file_id, document, now) for file_id, document in world.store.all(KIND, ""))
    return [file for file in files if not _is_expired(file)]


def get(world: World, file_id: str, now: float) -> File:
    """Return one file; raises the service's 404 if there is none."""
    file = find(world, file_id, now)
    if file is None or now < (number(file.document.get("hidden_until")) or 0.0):
        raise not_found("File", file_id)
    return file


def find(world: World, file_id: str, now: float) -> File | None:
    """Return one file, or None."""
    document = world.store.get(KIND, "", file_id)
    file = None if document is None else File(file_id, document, now)
    return None if file is None or _is_expired(file) else file


def delete(world: World, file: File) -> None:
    """Delete a file and its bytes."""
    found = blob(world, file)
    if found is not None:
        world.blobs.delete(found)
    world.store.delete(KIND, "", file.id)


def blob(world: World, file: File) -> Blob | None:
    """Return the bytes of an uploaded file; None for one that the service computes or never received."""
    return world.blobs.get(CONTAINER, sqlite_safe(file.id))


def content(world: World, file: File) -> Iterator[bytes]:
    """Yield a file's bytes."""
    found = blob(world, file)
    return iter(()) if found is None else world.blobs.read(found)


def check_purpose(purpose: str) -> None:
    """Reject a purpose that an upload cannot have."""
    if purpose not in PURPOSES:
        known = ", ".join(PURPOSES)
        raise invalid_payload(
            f"Invalid value for 'purpose': '{purpose[:80]}'. Supported values are: {known}.", "purpose"
        )


def check_quota(world: World, size: int) -> None:
    """Reject a file beyond the limits of the resource: 100 files, and 1 GB in all."""
    rule = world.fault_rule
    if rule is not None and rule.file == "quota":
        raise quota_exceeded(rule.reason or "The resource has reached its limit of files.")
    uploaded = [file for file in all_files(world, world.now("")) if text(file.document, "purpose") in PURPOSES]
    if len(uploaded) >= MAX_FILES:
        raise quota_exceeded(f"The resource has reached its limit of {MAX_FILES} files. Delete some of them.")
    if sum(file.size for file in uploaded if not file.document.get("large")) + size > MAX_TOTAL_BYTES:
        raise quota_exceeded("The files of the resource would exceed its limit of 1 GB. Delete some of them.")


def to_json(file: File) -> Json:
    """Return a file in the service's format; keys without a value are absent."""
    expires_at, status = number(file.document.get("expires_at")), file.status
    optional = {
        "bytes": None if file.document.get("is_import") and status != "processed" else file.size,
        "expires_at": None if expires_at is None else int(expires_at),
        "error": file.document.get("failure") if status == "error" else None,
    }
    return {
        "id": file.id,
        "created_at": int(file.created),
        "filename": file.name,
        "object": "file",
        "purpose": text(file.document, "purpose"),
        "status": status,
    } | {name: value for name, value in optional.items() if value is not None}


def _is_expired(file: File) -> bool:
    expires_at = number(file.document.get("expires_at"))
    return expires_at is not None and expires_at <= file.now
