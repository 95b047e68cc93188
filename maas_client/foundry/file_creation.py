"""Creation of a file once: POST is not idempotent, so the files are listed before it, and whenever it is in doubt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from ..core.errors import Conflict, MaasError, ReplyLost, ServiceUnavailable, UnexpectedReply
from ..core.json_fields import Document, text
from ..core.url_paths import segment
from ..http.polling import retry_after_of
from ..http.retry import LONGEST_WAIT
from .connection import FoundryConnection
from .file_processing import is_usable

PURPOSE = "fine-tune"

TRIES = 3
"""Requests that create a file, at most; the next one follows only if none created a file."""

# Assumption: A file is in the list within six seconds of its creation.
# Shown wrong by: A list without the file that was created, later than that.
# Verified by: upload file, read file
# If wrong: After a lost answer the file is uploaded a second time, and one of the two is deleted if both are seen.
LOOKS = (0.0, 2.0, 4.0)
"""Seconds before each look for the file of a request whose outcome is unknown: it may still be in progress."""

DOUBTFUL = (ReplyLost, ServiceUnavailable, UnexpectedReply, Conflict)
"""Errors of a request that may have created the file nevertheless."""


@dataclass(frozen=True, slots=True)
class CreatedFile:
    """A file's document, and whether this call created it."""

    document: Document
    is_new: bool


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file's document, and the bytes of its content that were sent now and by an interrupted upload."""

    document: Document
    sent: int = 0
    resumed: int = 0


class FileCreation:
    """Creates files of one account, each once: a file name of ours contains the hash of the content.

    openai 3.57 repeats the request after a lost reply, and one call may make two files.
    """

    def __init__(self, connection: FoundryConnection) -> None:
        self._connection, self._wire = connection, connection.wire
        self._turns: dict[str, AbstractAsyncContextManager[None]] = {}

    def turn(self, filename: str) -> AbstractAsyncContextManager[None]:
        """Return the lock that lets one call of this client at a time upload a file of this name."""
        return self._turns.setdefault(filename, self._wire.lock())

    async def existing(self, filename: str, size: int | None) -> Document | None:
        """Return the file of this name that can be used, if there is one; of several always the same."""
        return chosen(await self._of_name(filename), size)

    async def once(self, filename: str, size: int | None, post: Callable[[], Awaitable[Document]]) -> CreatedFile:
        """Create a file unless there is one of its name and size.

        Args:
            filename: its name at the service, which identifies the content.
            size: its size in bytes; None if it is not known.
            post: sends the request, without any repetition after a lost reply.

        Raises:
            ServiceError, TransportError: of the request, if it created nothing, or of the listing: then the same call
                finds the file if there is one.
        """
        there = await self._of_name(filename)
        if (found := chosen(there, size)) is not None:
            return CreatedFile(found, is_new=False)
        failed = {text(document, "id") for document in there}
        tries = 0
        while True:
            tries += 1
            try:
                document = await post()
            except DOUBTFUL as error:
                doubt = error
            else:
                return CreatedFile(document if tries == 1 else await self._first_of(document, size), is_new=True)
            for pause in LOOKS:
                if pause:
                    await self._wire.sleep(pause)
                fresh = [each for each in await self._of_name(filename) if text(each, "id") not in failed]
                if fresh:
                    return CreatedFile(chosen(fresh, size) or fresh[0], is_new=True)
            asked = retry_after_of(doubt) or 0.0
            if tries == TRIES or asked > LONGEST_WAIT or _is_final(doubt):
                raise doubt
            await self._wire.sleep(asked)

    async def _first_of(self, document: Document, size: int | None) -> Document:
        """Return a file that follows a lost reply, or its twin if that request was processed after all."""
        first = chosen([*await self._of_name(text(document, "filename")), document], size) or document
        if text(first, "id") != text(document, "id"):
            try:
                await self._connection.request("DELETE", f"/files/{segment(text(document, 'id'))}")
            except MaasError:
                return first  # two files of one content do no harm
        return first

    async def _of_name(self, filename: str) -> Sequence[Document]:
        """Return the files of a name, also those that failed."""
        listed = self._connection.pages("/files", {"purpose": PURPOSE})
        # Assumption: The service keeps the name of a file as it was sent.
        # Shown wrong by: Another `filename` than the one that was sent.
        # Verified by: upload file, read file
        # If wrong: The same content is uploaded again by every call.
        return [document async for document in listed if text(document, "filename") == filename]


def chosen(documents: Sequence[Document], size: int | None) -> Document | None:
    """Return the first of some files of one name that can be used: the earliest, so that every caller takes the same.

    A race may have made several; their content is the same.
    """
    usable = [each for each in documents if is_usable(each) and _has_size(each, size)]
    return min(usable, key=_age, default=None)


def _age(document: Document) -> tuple[float, str]:
    created = document.get("created_at")
    return created if isinstance(created, int | float) else 0.0, text(document, "id")


def _has_size(document: Document, size: int | None) -> bool:
    """Return whether a file has this size, as far as both are known: it may have none until it is processed."""
    stored = document.get("bytes")
    return size is None or not stored or stored == size


def _is_final(doubt: Exception) -> bool:
    """Return whether the same request would get the same answer, as after a redirect or a conflict."""
    return isinstance(doubt, UnexpectedReply | Conflict)
