"""The recorded requests of Foundry's SDKs, sent again to a server whose ids and operations are its own.

The recording has no answers, so an id that it shows first in a request stands for one of the server's own: which one,
is decided by what is done with it later.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx

from mock_server.core.json_values import Json, is_array, is_object
from mock_server.server import Server
from tests.mock_server.driver import rows

Recorded = Mapping[str, Any]  # Any: a line of the recording is JSON

ID = re.compile(r"(?:file|ftjob|ftchkpt|ftevent)-[0-9a-f]{32}|upload_[0-9a-f]{32}|uplprt-[0-9a-f]{32}|resp_1\b")
UNKNOWN = "0" * 32
TUNED = re.compile(r"ministral-3b\.ft-([0-9a-f]{32})-demo", re.IGNORECASE)
OPEN_MODEL = "ministral-3b"
DIGITS = b"1234567890"
"""The content of the recorded upload of ten bytes: its MD5 is recorded, too."""
BASE = "gpt-4.1-mini-2025-04-14"
TUNED_MODELS = (f"{BASE}.ft-abc", "m.ft-abc", "m.ft-x")
BAD = b'{"not": "a chat"}\nnot json'
ACCOUNT = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.CognitiveServices"
    "/accounts/acct"
)


@dataclass
class Replay:
    """One run through the recording."""

    server: Server
    recording: list[Recorded]
    own: dict[str, str] = field(default_factory=dict[str, str])  # by recorded id
    jobs: list[tuple[str, Json]] = field(default_factory=list[tuple[str, Json]])  # own ids and bodies, oldest first
    files: list[str] = field(default_factory=list[str])
    parts: list[str] = field(default_factory=list[str])
    latest: dict[str, str] = field(default_factory=dict[str, str])  # own ids by kind, as last answered
    trained: set[str] = field(default_factory=set[str])
    results: str = ""
    operation: str = ""  # the address of the latest long-running one
    upload_bytes: int = 0
    sent_bytes: int = 0

    def answers(self) -> Iterable[tuple[int, str, int]]:
        """Send everything; gives each request's number, path and status."""
        with httpx.Client(base_url=self.server.endpoint, trust_env=False) as http:
            self._deploy(http)
            for one in self.recording:
                yield one["n"], one["path"], self._send(http, one).status_code

    def _deploy(self, http: httpx.Client) -> None:
        """Make the tuned models that are deployed, and the deployment that the recorded chats go to."""
        tuned = {"base": BASE, "job": "ftjob-1", "created": 0, "examples": ""}
        models = [{"kind": "foundry-model", "scope": "", "name": name, "body": tuned} for name in TUNED_MODELS]
        http.post("/_mock/state", json={"documents": models}).raise_for_status()
        model = {"format": "OpenAI", "name": "gpt-4.1-mini", "version": "2025-04-14"}
        body = {"sku": {"name": "GlobalStandard", "capacity": 100}, "properties": {"model": model}}
        headers = {"Authorization": "Bearer token"}
        http.put(
            f"{ACCOUNT}/deployments/dep1", params={"api-version": "2025-09-01"}, json=body, headers=headers
        ).raise_for_status()
        self.server.advance(3600)

    def _send(self, http: httpx.Client, one: Recorded) -> httpx.Response:
        self._prepare(one)
        headers = {
            name: value
            for name, value in one["headers"].items()
            if name.lower() not in ("content-type", "authorization")
        }
        if "authorization" in {name.lower() for name in one["headers"]}:
            headers["Authorization"] = "Bearer token"
        path = TUNED.sub(self._tuned_name, self._with_own_ids(one["path"], one))
        if "/operationResults/" in path:
            path = urlsplit(self.operation).path
        query = {name: self._with_own_ids(value, one) for name, value in one["query"].items()}
        answer = http.request(one["method"], path, params=query, headers=headers, **self._content(one))
        self._learn(one, answer)
        return answer

    def _prepare(self, one: Recorded) -> None:
        """Let happen what had happened before a recorded request."""
        if one["path"].startswith(ACCOUNT):
            self.server.advance(60)  # for the operation before it
        if one["path"].endswith("-nolro") and one["method"] == "PUT":
            self.server.fault(deployment="instant")
        if one["status"] in (408, 409, 429, 500):
            self.server.fault(status=one["status"], operation="foundry.*")
        if one["path"].endswith("/cancel") and "/jobs/" in one["path"]:
            self.server.advance(12)  # long enough for a step, and not for the end
        if "poll until" in one["call"]:
            self.server.advance(3600)
        if one["path"].endswith("/jobs") and self.latest.get("file", "") not in self.trained:
            self.server.advance(5)  # until the latest file is processed
            self.trained.add(self.latest.get("file", ""))

    def _content(self, one: Recorded) -> dict[str, Any]:  # Any: what httpx takes
        body = one["body"]
        if body is None:
            return {}
        if "multipart" not in body:
            # The recorded server took any format of a model; that of m.ft-abc is OpenAI here.
            own = self._with_own_ids(json.dumps(body), one).replace(
                '"Mistral AI", "name": "m.', '"OpenAI", "name": "m.'
            )
            return {"json": json.loads(own)}
        parts = body["multipart"]
        file = next(part for part in parts if "filename" in part)
        fields = {part["name"]: part["value"] for part in parts if "filename" not in part}
        named = (file["filename"], self._bytes(one, file), file["content-type"])
        return {"data": fields, "files": {file["name"]: named}}

    def _bytes(self, one: Recorded, file: Json) -> bytes:
        if not one["path"].endswith("/parts"):
            return BAD if file["filename"] == "bad.jsonl" else rows(20)
        whole = DIGITS if self.upload_bytes == len(DIGITS) else rows(100)[: self.upload_bytes]
        start, self.sent_bytes = self.sent_bytes, self.sent_bytes + file["bytes"]
        return whole[start : self.sent_bytes]

    def _learn(self, one: Recorded, answer: httpx.Response) -> None:
        """Note the ids of an answer."""
        self.operation = answer.headers.get("azure-asyncoperation", self.operation)
        if not answer.is_success or not answer.headers.get("content-type", "").startswith("application/json"):
            return
        shown: Json = answer.json()
        listed: object = shown.get("data")
        for item in listed if is_array(listed) else [shown]:
            if is_object(item) and isinstance(item.get("id"), str):
                self.latest[re.split(r"[-_]", item["id"])[0]] = item["id"]
        self.results = (shown.get("result_files") or [self.results])[0]
        if one["method"] != "POST":
            return
        if one["path"].endswith("/jobs"):
            self.jobs.append((shown["id"], one["body"]))
        if one["path"].endswith(("/files", "/import")):
            self.files.append(shown["id"])
        if one["path"].endswith("/uploads"):
            self.upload_bytes, self.sent_bytes = one["body"]["bytes"], 0
            self.parts.clear()
        if one["path"].endswith("/parts"):
            self.parts.append(shown["id"])

    def _with_own_ids(self, content: str, one: Recorded) -> str:
        return ID.sub(lambda match: self._own_id(match[0], one), content)

    def _own_id(self, recorded: str, one: Recorded) -> str:
        if UNKNOWN in recorded:
            return recorded
        if recorded not in self.own or recorded == "resp_1":
            kind = re.split(r"[-_]", recorded)[0]
            choices = {"ftjob": self._job_for, "file": self._file_for}
            self.own[recorded] = choices[kind](recorded) if kind in choices else self._latest(kind)
        return self.own[recorded]

    def _latest(self, kind: str) -> str:
        return self.parts.pop(0) if kind == "uplprt" else self.latest[kind]

    def _file_for(self, recorded: str) -> str:
        """Choose the newest file that no recorded id stands for; the results of the latest job if only read."""
        paths = [one["path"] for one in self.recording if recorded in one["path"]]
        if paths and all(path.endswith("/content") for path in paths):
            return self.results
        free = [file for file in self.files if file not in self.own.values()]
        return free[-1] if free else self.latest["file"]

    def _job_for(self, recorded: str) -> str:
        """Choose a job that can do what the recording does with this id."""
        later = [one["path"] for one in self.recording if recorded.removeprefix("ftjob-") in one["path"]]
        free = [(job, body) for job, body in self.jobs if job not in self.own.values()]
        chat = [(job, body) for job, body in free if body.get("method", {}).get("type", "supervised") == "supervised"]
        tuned = [job for job, body in chat if body["model"] == OPEN_MODEL]
        others = [job for job, body in chat if body["model"] != OPEN_MODEL]
        if any(TUNED.search(path) for path in later):
            return tuned[-1]
        if any(path.endswith("/pause") for path in later):
            return others[-2]
        if any(path.endswith("/cancel") for path in later):
            return others[-1]
        rest = [job for job, body in free if (job, body) not in chat]  # the others may be needed later
        return rest[0] if rest else self.latest["ftjob"]

    def _tuned_name(self, match: re.Match[str]) -> str:
        own = self.own[f"ftjob-{match[1]}"].removeprefix("ftjob-")
        return f"Ministral-3B.ft-{own}-demo"
