"""The requests that Microsoft's SDKs sent, as recorded for the wire pages, in the form of a recording."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from maas_client.core.json_fields import is_object, items, text
from maas_client.drift.exchange import ComparedExchange

FOLDER = Path(__file__).parents[3] / "shared" / "wire"
SECONDS = 5.0
"""Seconds between two requests: the pages have no times."""


SERVED: Mapping[str, Any] = {"format": "OpenAI", "name": "gpt-4.1-mini", "version": "2025-04-14"}
"""The model that stands in deployments for tuned ones, which only the server of the recording had."""

PREPARED = ComparedExchange(
    n=-1,
    method="PUT",
    url="http://localhost/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.CognitiveServices/accounts/acct/deployments/dep1?api-version=2025-09-01",
    status=201,
    has_content=False,
    request_body={"json": {"sku": {"name": "GlobalStandard", "capacity": 1}, "properties": {"model": SERVED}}},
    credential="bearer",
)
"""The deployment that the server of Foundry's recording had from the start."""


def recorded(name: str) -> tuple[ComparedExchange, ...]:
    """Return the exchanges of one page; the answers have a status only."""
    lines = [json.loads(line) for line in (FOLDER / f"{name}-requests.jsonl").read_text("utf-8").splitlines()]
    blocks = [line["query"]["blockid"] for line in lines if line["query"].get("comp") == "block"]
    for line in lines:
        if line["query"].get("comp") == "blocklist" and line["method"] == "PUT":
            line["body"] = _block_list(blocks)
        if line["path"].rpartition("/")[0].endswith("/deployments") and "/accounts/" in line["path"]:
            _serve_a_base_model(line["body"])
    return tuple(_exchange(line) for line in lines)


def _serve_a_base_model(body: Any) -> None:  # Any: JSON
    """Let a deployment serve a model that every server has, unless it is to be refused."""
    if ".ft-" in text(body, "properties", "model", "name"):
        body["properties"]["model"] = dict(SERVED)


def _block_list(blocks: Sequence[str]) -> str:
    """Return the list of the blocks that were sent; the pages have its size only."""
    inner = "".join(f"<Latest>{block}</Latest>" for block in dict.fromkeys(blocks))
    return f'<?xml version="1.0" encoding="utf-8"?><BlockList>{inner}</BlockList>'


def _exchange(line: Mapping[str, Any]) -> ComparedExchange:
    headers = {name.lower(): value for name, value in line["headers"].items()}
    query = f"?{urlencode(line['query'], quote_via=quote)}" if line["query"] else ""
    credential = headers.pop("authorization", headers.get("api-key", ""))
    kind = "api-key" if "api-key" in headers else "bearer"
    if "sig" in line["query"]:
        kind = "sas"
    elif not credential or line["status"] == 401:
        kind = "none"
    return ComparedExchange(
        n=line["n"],
        method=line["method"],
        url=f"http://localhost{quote(line['path'], safe='/:$()')}{query}",
        at=line["n"] * SECONDS,
        status=line["status"],
        has_content=False,
        request_headers=headers,
        request_body=_body(line["body"]),
        credential=kind,
    )


def _body(body: Any) -> Mapping[str, Any] | None:  # Any: JSON
    """Return a recorded body; bytes and parts of forms are known by their size only."""
    if isinstance(body, str):
        if body.startswith("<?xml"):
            return {"xml": body}
        size = body.strip("<>").partition(" ")[0]
        return {"data": {"bytes": int(size)}} if size.isdigit() else None
    if is_object(body) and "multipart" in body:
        return {"form": [_part(part) for part in items(body, "multipart")]}
    return None if body is None else {"json": body}


def _part(part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "filename" in part:
        return {"name": part["name"], "filename": part["filename"], "data": {"bytes": part["bytes"]}}
    return {"name": part["name"], "json": part["value"]}
