"""Errors about a name that nothing in the workspace has, explained by the names in the listing of such resources."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from ..core.errors import MaasError, NotFound
from ..core.json_fields import Document, text
from .arm import ResourceManager


def names_in(documents: Sequence[Document]) -> Sequence[str]:
    """Return the names of listed resources."""
    return [text(document, "name") for document in documents]


@asynccontextmanager
async def names_explained(
    arm: ResourceManager,
    name: str,
    *paths: str,
    query: Mapping[str, str] | None = None,
    names: Callable[[Sequence[Document]], Sequence[str]] = names_in,
) -> AsyncGenerator[None]:
    """Add the nearest or latest names to a NotFound that is raised within the block.

    Args:
        arm: sends the request for the listing, which only the error needs.
        name: the name that was asked for.
        paths: the paths of the listings below the workspace or account, such as `/data`.
        query: the query of the listings.
        names: chooses what to name of the listed documents.

    Raises:
        NotFound: with the names, or as it was where the listing cannot be read.
    """
    try:
        yield
    except NotFound as error:
        from ..core.missing_names import PAGES, with_names  # here: only errors need it

        try:
            documents = [document for path in paths async for document in arm.pages(path, query, most=PAGES)]
        except MaasError:
            raise error from None
        raise with_names(error, name, names(documents)) from None
