"""References to training data: a local file, a data asset by version or label, an id, a URI."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from ..core.errors import InvalidInput
from ..core.redaction import redact
from ..core.text import printable

LATEST = "latest"
"""The only label that azure-ai-ml 1.35.2 resolves (`_data_operations.py`, `_managed_label_resolver`)."""


class LocalFile(NamedTuple):
    """A local file, to be uploaded."""

    path: str


class ServiceUri(str):
    """A URI that the service reads itself: the job contains it as written, and nothing is downloaded or checked."""

    __slots__ = ()

    @classmethod
    def of(cls, uri: str) -> ServiceUri:
        """Return the URI; raise InvalidInput for one that is not well formed, or that has a signature or password."""
        try:
            parts = urlsplit(uri)
        except ValueError as error:  # such as an IPv6 address without its end
            raise InvalidInput(f"{redact(printable(uri))!r} is not a URI: {error}") from error
        if parts.password is not None or any(name.lower() == "sig" for name, _ in parse_qsl(parts.query)):
            raise InvalidInput(
                "a signed URL would be stored in the job, where every reader of the workspace can see it; copy the "
                "file into the workspace (`maas copy URL`) and write azureml:NAME:VERSION"
            )
        return cls(uri)


def is_azure_storage(reference: str) -> bool:
    """Return whether data is named by a URI that only Azure's storage has."""
    return reference.startswith(("wasb://", "wasbs://", "abfs://", "abfss://", "adl://"))


def is_in_azure(reference: str) -> bool:
    """Return whether data is named by a URI or an ARM id that is sent unchanged."""
    return isinstance(reference, ServiceUri) or reference.startswith(("azureml://", "/subscriptions/"))


_ASSET = re.compile(r"([A-Za-z0-9][\w.-]*):([\w.-]+)")
_LABELLED = re.compile(r"([A-Za-z0-9][\w.-]*)@([\w.-]+)")
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")
_PREFIX = "azureml:"


def without_prefix(reference: str) -> str:
    """Return an ARM id without the `azureml:` that az ml writes before it; anything else unchanged."""
    bare = reference.removeprefix(_PREFIX)
    return bare if bare.startswith("/subscriptions/") else reference


def asset_in(reference: str) -> tuple[str, str] | None:
    """Return the name and version of `[azureml:]NAME:VERSION`, or None."""
    found = _ASSET.fullmatch(reference.removeprefix(_PREFIX))
    return (found[1], found[2]) if found else None


def latest_asset_in(reference: str) -> str | None:
    """Return the name in `[azureml:]NAME@latest`, or None; raise InvalidInput for another label of `azureml:NAME`."""
    found = _LABELLED.fullmatch(reference.removeprefix(_PREFIX))
    if found is None:
        return None
    if found[2] == LATEST:
        return found[1]
    if reference.startswith(_PREFIX):
        raise InvalidInput(
            f"the label {found[2]!r} of data asset {found[1]!r} cannot be resolved: only `latest` can, as by az ml; "
            f"write azureml:{found[1]}:VERSION or azureml:{found[1]}@latest"
        )
    return None


def bare_name_in(reference: str) -> str | None:
    """Return a reference that may be the name of a data asset without version, or None; one with a dot is a file's."""
    return reference if _BARE.fullmatch(reference) else None


def check_complete(reference: str) -> None:
    """Raise InvalidInput for what begins with `azureml:` and does not name data."""
    if reference.startswith(_PREFIX) and not reference.startswith(f"{_PREFIX}//"):
        raise InvalidInput(
            f"{reference!r} does not name data: write azureml:NAME:VERSION, azureml:NAME@latest, an ARM id or an "
            "azureml:// URI"
        )
