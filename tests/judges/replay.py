"""The recorded requests of azure-ai-ml, sent again to a server whose ids, secrets and operations are its own."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx

from mock_server.core.json_values import Json, child, is_object, text
from mock_server.server import Server
from tests.mock_server.driver import rows

Recorded = Mapping[str, Any]  # Any: a line of the recording is JSON

GUID = "11111111-2222-3333-4444-555555555555"
HOUR = 3600.0
# What the recorded service had finished by the request of this number, ours has to have finished, too: the job (74),
# the polls of operations that found them done, and the first lines of a log (133).
WAITS = {74: HOUR, 83: HOUR, 98: HOUR, 103: HOUR, 109: HOUR, 133: 15.0, 136: HOUR, 146: HOUR, 153: HOUR}
SAS = ("sv", "ss", "srt", "sp", "st", "se", "spr", "sig")


class Replay:
    """One run through the recording."""

    def __init__(
        self,
        server: Server,
        recording: Iterable[Recorded],
        *,
        guid: str = GUID,
        waits: Mapping[int, float] = WAITS,
    ) -> None:
        self.server = server
        self.recorded_guid = guid
        self.waits = waits
        self.recording = list(recording)
        self.http = httpx.Client(trust_env=False)
        self.guid = ""
        self.sas: dict[str, str] = {}
        self.key = ""
        self.operations: dict[str, str] = {}
        self.pending = ""
        self.log = ""
        self.blocks: list[str] = []

    def answers(self) -> list[tuple[int, str, int]]:
        """Send everything; gives each request's number, method and status."""
        with self.http:
            return [(one["n"], one["method"], self._send(one).status_code) for one in self.recording]

    def _send(self, one: Recorded) -> httpx.Response:
        self.server.advance(self.waits.get(one["n"], 0.0))
        headers = dict(one["headers"])
        if "Authorization" in headers:
            headers["Authorization"] = self._proof(one)
        content = self._content(one)
        answer = self.http.request(one["method"], self._url(one), headers=headers, content=content)
        self._learn(answer)
        return answer

    def _proof(self, one: Recorded) -> str:
        given = str(one["headers"]["Authorization"])
        if "/chat/completions" not in one["path"]:
            return "Bearer static"
        wrong = "wrong" if one["status"] == 401 else self.key
        return wrong if given == "<key>" else f"Bearer {wrong}"

    def _url(self, one: Recorded) -> str:
        path, query = str(one["path"]), dict(one["query"])
        if path.startswith("/logs/"):
            return self.log
        if "Operations" in path or "OperationResults" in path:
            if path not in self.operations:
                self.operations[path], self.pending = self.pending, ""
            return self.operations[path]
        if "ss" in query:
            query = {name: value for name, value in query.items() if name not in SAS} | self.sas
        return f"{self.server.endpoint}{path.replace(self.recorded_guid, self.guid)}?{urlencode(query)}"

    def _content(self, one: Recorded) -> bytes | None:
        body = one["body"]
        if isinstance(body, dict):
            return json.dumps(body).replace(self.recorded_guid, self.guid).encode()
        size = re.fullmatch(r"<(\d+) bytes>", str(body))
        if size is None:
            return None
        if one["query"].get("comp") == "blocklist":
            return f"<BlockList>{''.join(f'<Latest>{block}</Latest>' for block in self.blocks)}</BlockList>".encode()
        if one["query"].get("comp") == "block":
            self.blocks.append(one["query"]["blockid"])
            return bytes(int(size[1]))
        return rows()  # the recorded bytes were not kept; a job has to be able to read these

    def _learn(self, answer: httpx.Response) -> None:
        """Note what later requests must carry."""
        headers = answer.headers
        self.pending = headers.get("azure-asyncoperation") or headers.get("location") or self.pending
        if not answer.is_success or not headers.get("content-type", "").startswith("application/json"):
            return
        body: object = answer.json()
        document: Json = body if is_object(body) else {}  # the cloud's metadata is a list
        self.guid = text(child(document, "properties"), "workspaceId", self.guid)
        self.key = document.get("primaryKey", self.key)
        self.log = next(iter(document.get("logFiles", {}).values()), self.log)
        if "sasToken" in document:
            query = urlsplit(f"?{document['sasToken']}").query
            self.sas = {name: str(value) for name, value in httpx.QueryParams(query).items()}
