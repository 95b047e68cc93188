"""Lists of Foundry's data plane: `after` is the id of the last item seen, `has_more` says whether more follow."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from mock_server.core.json_values import Json
from mock_server.http.routing import Call
from mock_server.resources.foundry_errors import invalid_payload

T = TypeVar("T")
MAX_LIMIT = 10_000


def page(
    call: Call,
    items: Sequence[T],
    *,
    name: Callable[[T], str],
    show: Callable[[T], Json],
    limit: int,
) -> Json:
    """Return one page of items; `limit` is how many it has if the request does not say."""
    size = min(_limit(call, limit), call.world.options.requests_per_page)
    after = call.query.get("after")
    start = 0
    if after:
        position = next((place for place, item in enumerate(items) if name(item) == after), None)
        if position is None:
            raise invalid_payload(f"Invalid 'after': no object with the id '{after[:200]}' in this list.", "after")
        start = position + 1
    shown = [show(item) for item in items[start : start + size]]
    return {"object": "list", "data": shown, "has_more": len(items) > start + size}


def with_ends(listed: Json) -> Json:
    """Return a page with the ids of its first and last items."""
    ids = [item["id"] for item in listed["data"]]
    return {**listed, "first_id": ids[0] if ids else None, "last_id": ids[-1] if ids else None}


def _limit(call: Call, default: int) -> int:
    requested = call.query.get("limit")
    if not requested:
        return default
    if not (requested.isascii() and requested.isdigit() and 1 <= int(requested[:9]) <= MAX_LIMIT):
        raise invalid_payload(f"Invalid 'limit': an integer from 1 to {MAX_LIMIT}; got '{requested[:40]}'.", "limit")
    return int(requested)
