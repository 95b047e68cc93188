"""The recorded requests of the user's own compute, sent again: clusters, pipelines, online endpoints, scoring."""

import json
import re
from collections.abc import Iterable

import httpx

from mock_server.core.json_values import child, is_object
from mock_server.server import Server
from tests.judges.replay import Recorded, Replay
from tests.mock_server.driver import A100

RECORDED_GUID = "3cb66e08-9485-51b5-b980-33b647981b53"
POLL_SECONDS = 60.0
"""By how much time passes before each further poll of an operation, and each of a job: they were found done at last."""
CHILD = re.compile(r"/jobs/[0-9a-f]{8}-[0-9a-f-]{27}\Z")


class MaapReplay(Replay):
    """One run through the recording."""

    def __init__(self, server: Server, recording: Iterable[Recorded]) -> None:
        super().__init__(server, recording, guid=RECORDED_GUID, waits={})
        self.keys: dict[str, str] = {}
        self.child = ""

    def _send(self, one: Recorded) -> httpx.Response:
        path = str(one["path"])
        if one["method"] == "GET" and (path in self.operations or "/jobs/" in path):
            self.server.advance(POLL_SECONDS)
        if CHILD.search(path):
            one = {**one, "path": path.rpartition("/")[0] + f"/{self.child}"}
        answer = super()._send(one)
        if path.endswith("/children"):
            self.child = next((str(run["runId"]) for run in answer.json()["value"]), "")
        if path.endswith("/listKeys") and answer.is_success:
            name = path.split("/")[-2]
            self.keys[name] = str(answer.json()["primaryKey"])
        return answer

    def _url(self, one: Recorded) -> str:
        """Return the address; of an operation as a document or as a status, whichever was recorded."""
        url = super()._url(one)
        by_document = "OperationsStatus" in str(one["path"])
        return url.replace("mfeOperationResults", "mfeOperationsStatus") if by_document else url

    def _content(self, one: Recorded) -> bytes | None:
        """Return the body; a pipeline that leaves its size alone gets one, because the default is retired."""
        body: object = one["body"]
        jobs = child(child(body, "properties"), "jobs") if is_object(body) else {}
        if not jobs:
            return super()._content(one)
        copied = json.loads(json.dumps(body))
        for node in copied["properties"]["jobs"].values():
            node["inputs"].setdefault("instance_type_finetune", {"job_input_type": "literal", "value": A100})
        return super()._content({**one, "body": copied})

    def _proof(self, one: Recorded) -> str:
        path = str(one["path"])
        if not path.startswith("/mir/"):
            return super()._proof(one)
        wrong = one["status"] == 401
        return "Bearer wrong" if wrong else f"Bearer {self.keys.get(path.split('/')[2], '')}"
