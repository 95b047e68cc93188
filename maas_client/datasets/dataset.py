"""A version of a data asset."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator

from ..core.timestamps import parse_timestamp
from ..core.values import Text, Value, at
from ..rendering.html import card, fields, format_timestamp, redacted


class Dataset(Value):
    """A version of a data asset.

    `uri` is the location of its bytes. In this upload, `bytes_sent` were sent over the network, and `bytes_resumed`
    were already on the server from an interrupted upload. An archived version is not listed, and can still be used.
    On Foundry it is a file: without a `uri`, with its `size` in bytes and a `status` (pending, running, processed or
    error).
    """

    id: Text = ""
    name: Annotated[Text, at("asset")] = ""
    version: Annotated[Text, at("name")] = ""
    uri: Annotated[Text, at("properties", "dataUri")] = ""
    is_archived: Annotated[bool, BeforeValidator(lambda value: value is True), at("properties", "isArchived")] = False
    description: Annotated[Text, at("properties", "description")] = ""
    created_at: Annotated[Text, at("systemData", "createdAt")] = ""
    status: Text = ""
    size: Annotated[int, at("bytes")] = 0
    bytes_sent: int = 0
    bytes_resumed: int = 0

    @property
    def created(self) -> datetime | None:
        """When it was created, with its time zone; None if the service does not say."""
        return parse_timestamp(self.created_at)

    def _repr_html_(self) -> str:
        return dataset_html(self)


def dataset_html(dataset: Dataset) -> str:
    """Render a data asset as HTML."""
    return card(
        f"dataset {dataset.name}:{dataset.version}",
        fields(
            [
                ("address", redacted(dataset.uri)),
                ("status", dataset.status),
                ("size", f"{dataset.size:,} bytes" if dataset.size else ""),
                ("created", format_timestamp(dataset.created_at)),
                ("sent", f"{dataset.bytes_sent:,} bytes" if dataset.bytes_sent else ""),
            ]
        ),
    )
