"""Cassettes written by hand: lines of the format, with defaults for what a test is not about."""

import json
from pathlib import Path
from typing import Any

from mock_server.core.json_values import is_object
from mock_server.replay.addresses import address_of
from mock_server.replay.exchange import Cassette
from mock_server.replay.reader import read_cassette
from mock_server.replay.requests import ReplayRequest

Json = dict[str, Any]
ARM = "https://management.azure.com"
SCOPE = "/subscriptions/subscription-1/resourceGroups/group-1"
WORKSPACE = f"{SCOPE}/providers/Microsoft.MachineLearningServices/workspaces/workspace-1"
MINE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/ws"
VERSION = "?api-version=2024-10-01"
BASE = "http://127.0.0.1:8765"


def line(method: str, url: str, status: int | None = 200, body: Any = None, **more: Any) -> Json:
    """Return an exchange; `sent` is the request's body, and bodies are JSON unless they name their form."""
    sent = more.pop("sent", None)
    return {
        "cassette": 1,
        "n": 0,
        "at": 0.0,
        "seconds": 0.1,
        "operation": None,
        "method": method,
        "url": url if url.startswith("http") else f"{ARM}{WORKSPACE}{url}{'' if '?' in url else VERSION}",
        "request": {"headers": {}, "credential": "bearer", "body": in_its_form(sent)},
        "status": status,
        "headers": {"content-type": "application/json"},
        "body": in_its_form(body),
        **more,
    }


def in_its_form(body: Any) -> Json | None:
    """Return a body as a cassette has it: JSON, unless it names its form already."""
    if body is None:
        return None
    forms = ("json", "events", "xml", "data", "form")
    return body if is_object(body) and any(form in body for form in forms) else {"json": body}


def written(path: Path, *lines: Json) -> Path:
    """Write exchanges to a file, numbered in order."""
    numbered = ({**one, "n": number} for number, one in enumerate(lines))
    path.write_text("".join(json.dumps(one) + "\n" for one in numbered), "utf-8")
    return path


def cassette(path: Path, *lines: Json) -> Cassette:
    """Write exchanges and read them as a cassette."""
    return read_cassette(written(path / "cassette.jsonl", *lines))


def asks(method: str, path: str, body: object = None, **more: Any) -> ReplayRequest:
    """Return a request below the workspace, or of a whole URL."""
    url = path if path.startswith("http") else f"{BASE}{MINE}{path}{'' if '?' in path else VERSION}"
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return ReplayRequest(method, address_of(url), BASE, body=content, **more)
