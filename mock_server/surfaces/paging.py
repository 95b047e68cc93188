"""Paged lists: `value`, and an absolute `nextLink` that continues after `$skip`."""

from collections.abc import Callable, Iterable
from urllib.parse import urlencode

from starlette.responses import Response

from mock_server.core.errors import user_error
from mock_server.core.json_values import Json
from mock_server.http.routing import Call, json_response


def page(
    call: Call,
    items: Iterable[Json],
    show: Callable[[Json], Json] = lambda item: item,
    *,
    at_most: int | None = None,
) -> Response:
    """Return one page; `show` is called only for its items. `at_most` is how many one has by default."""
    skip, top = _count(call, "$skip", 0), _count(call, "$top", 1_000_000)
    size = min(top, at_most or call.world.options.requests_per_page)
    rows = list(items)
    shown = [show(row) for row in rows[skip : skip + size]]
    more = len(rows) > skip + size and top > size
    query = {**call.query, "$skip": str(skip + size)}
    if "$top" in call.query:
        query["$top"] = str(top - size)
    link = f"{call.base}{call.raw_path}?{urlencode(query)}" if more else None
    return json_response({"value": shown, "nextLink": link})


def in_view(call: Call, properties: Json) -> bool:
    """Return whether a resource is in the view that `listViewType` asks for, by default that of active ones."""
    view_type = call.query.get("listViewType", "ActiveOnly")
    if view_type not in ("ActiveOnly", "ArchivedOnly", "All"):
        raise user_error(f"listViewType must be ActiveOnly, ArchivedOnly or All; got {view_type[:40]!r}.")
    return view_type == "All" or (properties.get("isArchived") is True) == (view_type == "ArchivedOnly")


def _count(call: Call, name: str, default: int) -> int:
    requested = call.query.get(name)
    if requested is None:
        return default
    if not requested.isascii() or not requested.isdigit() or len(requested) > 9:
        raise user_error(f"The query parameter {name} must be a non-negative integer; got {requested[:40]!r}.")
    return int(requested)
