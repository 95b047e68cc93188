"""The names of files at the service: `NAME.VERSION.jsonl`, from which a dataset's name and version are read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..core.errors import InvalidInput, NotFound
from ..core.json_fields import Document, text
from ..core.missing_names import names_there
from ..core.redaction import redact
from ..core.text import printable
from ..core.timestamps import unix_timestamp
from ..datasets.dataset import Dataset

VERSION_LENGTH = 32
"""Characters of a version: of the SHA-256 of the content, in hexadecimal digits."""

LONGEST_NAME = 255 - VERSION_LENGTH - len("..jsonl")
"""Longest name of a dataset, so that the file name has at most 255 characters."""

COPIED = "url-"
"""How the version of a file begins that the service imported from a URL, whose content this machine has not seen."""

_OURS = re.compile(
    rf"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\.(?P<version>[0-9a-f]{{{VERSION_LENGTH}}}|{COPIED}[0-9a-f]{{28}})\.jsonl"
)
_REFERENCE = re.compile(r"(?P<name>[^:@]+)(?::(?P<version>[^:@]+)|@latest)?")


def file_name(name: str, version: str) -> str:
    """Return the name of a dataset's file at the service; raise InvalidInput if it is too long."""
    if len(name) > LONGEST_NAME:
        raise InvalidInput(f"the name of a dataset has at most {LONGEST_NAME} characters here: {name[:60]!r}…")
    return f"{name}.{version}.jsonl"


def content_hash(filename: str) -> str:
    """Return the beginning of the content's SHA-256 that a file name of ours has; empty for any other."""
    found = _OURS.fullmatch(filename)
    return "" if found is None or found["version"].startswith(COPIED) else found["version"]


def dataset_of(document: Document) -> Dataset:
    """Read a file object as a dataset; a file of another client has its file name as name, and its id as version."""
    dataset = Dataset.read(document)
    filename = text(document, "filename")
    found = _OURS.fullmatch(filename)
    return dataset.model_copy(
        update={
            "name": found["name"] if found else filename or dataset.id,
            "version": found["version"] if found else dataset.id,
            "created_at": unix_timestamp(document.get("created_at")),
        }
    )


def is_id(reference: str) -> bool:
    """Return whether a reference looks like the id of a file; ids are opaque beyond their beginning."""
    return reference.startswith("file-") and ":" not in reference and "@" not in reference


def name_and_version(reference: str, version: str | None) -> tuple[str, str | None]:
    """Return the name and version in a reference, without a version for the newest one.

    Raises InvalidInput for a text that is no reference.
    """
    if version is not None:
        return reference, version
    found = _REFERENCE.fullmatch(reference)
    if found is None or "://" in reference:
        raise InvalidInput(
            f"{redact(printable(reference))!r} does not name a dataset: write NAME:VERSION, NAME@latest, NAME or an id"
        )
    return found["name"], found["version"]


def newest_first(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Sort datasets by their time of creation."""
    return sorted(datasets, key=lambda dataset: (dataset.created_at, dataset.id), reverse=True)


def missing(request: str, name: str, version: str | None, there: Sequence[Dataset]) -> NotFound:
    """Return the error for a dataset that does not exist, with the names or versions that there are."""
    same = [f"{each.name}:{each.version}" for each in there if each.name == name]
    wanted = f"{name}:{version}" if version else name
    names = same or list(dict.fromkeys(each.name for each in there))
    return NotFound(
        request,
        status=404,
        detail=f"no file {wanted!r}",
        summary=f"no dataset {printable(wanted)!r}; {names_there(wanted if same else name, names)}",
    )
