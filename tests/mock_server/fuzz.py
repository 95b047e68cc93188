"""Malformed requests: valid ones with mutations, sent to the application in process.

`python -m tests.mock_server.fuzz 100000 [SEED]` sends that many and prints a summary.
"""

import asyncio
import contextlib
import io
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from mock_server.app.application import Application
from mock_server.state.world import Options, open_world
from tests.mock_server import fuzz_foundry, fuzz_online
from tests.mock_server.driver import MODEL, rows

WS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.MachineLearningServices/workspaces/w"
GUID = "fe3b1e5e-3b7e-5d9b-9a3e-000000000000"
BLOB = "/mockstore.blob.127.0.0.1/azureml-blobstore-x/data/train.jsonl"
BLOB_URI = "azureml://datastores/workspaceblobstore/paths/data/train.jsonl"
Json = dict[str, Any]
JOB: Json = {
    "properties": {
        "jobType": "FineTuning",
        "displayName": "d",
        "tags": {"a": "b"},
        "properties": {"c": "d"},
        "fineTuningDetails": {
            "modelProvider": "Custom",
            "taskType": "chatCompletion",
            "model": {"jobInputType": "mlflow_model", "uri": MODEL},
            "trainingData": {"jobInputType": "uri_file", "uri": BLOB_URI},
            "validationData": {"jobInputType": "uri_file", "uri": f"{WS}/data/d/versions/1"},
            "hyperParameters": {"num_train_epochs": "2", "learning_rate": 0.1, "batch_size": "4"},
        },
        "outputs": {"registered_model": {"jobOutputType": "mlflow_model", "assetName": "tuned"}},
    }
}
ENDPOINT: Json = {
    "location": "eastus2",
    "tags": {},
    "sku": {"name": "Consumption"},
    "properties": {
        "authMode": "Key",
        "contentSafety": {"contentSafetyStatus": "Enabled"},
        "modelSettings": {"modelId": "azureml://registries/azureml/models/Phi-4"},
    },
}
COMPUTE: Json = {
    "location": "eastus2",
    "tags": {"a": "b"},
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "computeType": "AmlCompute",
        "disableLocalAuth": True,
        "properties": {
            "vmSize": "Standard_E4s_v3",
            "vmPriority": "Dedicated",
            "osType": "Linux",
            "scaleSettings": {"minNodeCount": 1, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT5M"},
            "remoteLoginPortPublicAccess": "NotSpecified",
            "userAccountCredentials": {"adminUserName": "a", "adminUserPassword": "p"},
        },
    },
}
SCALE: Json = {"properties": {"properties": {"scaleSettings": {"minNodeCount": 0, "maxNodeCount": 2}}}}
OWN_JOB: Json = {
    "properties": {
        **JOB["properties"],
        "computeId": "gpu",
        "resources": {"instanceTypes": ["Standard_E4s_v3"]},
        "queueSettings": {"jobTier": "Spot"},
    }
}
REGION = "/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/eastus2"
QUOTA: Json = {"value": [{"id": f"{WS}/vmFamily/standardESv3Family/quotas", "type": "q", "limit": 8, "unit": "Count"}]}
DATA: Json = {"properties": {"dataUri": BLOB_URI, "dataType": "uri_file", "isAnonymous": False, "tags": {}}}
CHAT: Json = {
    "messages": [
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "t"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f"}}]},
        {"role": "tool", "content": "c", "tool_call_id": "1"},
    ],
    "max_tokens": 5,
    "stream": True,
    "temperature": 0.5,
    "stop": ["end"],
}
ACCOUNTS = "/subscriptions/s/resourceGroups/r/providers/Microsoft.CognitiveServices/accounts"
DEPLOYMENT: Json = {
    "sku": {"name": "GlobalStandard", "capacity": 100},
    "tags": {"a": "b"},
    "properties": {
        "model": {"format": "OpenAI", "name": "gpt-4.1-mini", "version": "2025-04-14"},
        "versionUpgradeOption": "NoAutoUpgrade",
    },
}
TOOL: Json = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
RESPONSE: Json = {
    "model": "d",
    "input": [{"role": "user", "content": [{"type": "input_text", "text": "t"}]}, {"role": "user", "content": "u"}],
    "instructions": "i",
    "max_output_tokens": 5,
    "temperature": 1,
    "metadata": {"a": "b"},
    "stream": True,
    "store": True,
}
WEBHOOK: Json = {"name": "w", "url": "https://example.com/hook", "event_types": ["fine_tuning.job.succeeded"]}
HUB = {"properties": {"modelId": "azureml://registries/azureml-meta/models/X"}}
STATE: Json = {
    "settings": {"blob_addressing": "path"},
    "clocks": {"w2": {"mode": "virtual", "rate": 0, "wall": 1, "time": 1, "step_on_poll": 0}},
    "blobs": [{"container": "other", "name": "a", "content": "YQ==", "etag": "x", "metadata": {}, "headers": {}}],
}
RULE: Json = {"method": "GET", "path": "/jobs", "operation": "jobs.*", "workspace": "none", "status": 418, "count": 1}
Case = tuple[str, str, str, object]
VALID: tuple[Case, ...] = (
    ("GET", WS, "", None),
    ("GET", "/subscriptions/s/providers/Microsoft.MachineLearningServices/workspaces", "", None),
    ("GET", f"{WS}/datastores/workspaceblobstore", "", None),
    ("POST", f"{WS}/datastores/workspaceblobstore/listSecrets", "", {"expirableSecret": True, "expireAfterHours": 1}),
    ("PUT", f"{WS}/data/d/versions/1", "", DATA),
    ("GET", f"{WS}/data/d/versions", "$top=5&$skip=1&listViewType=All", None),
    ("PUT", f"{WS}/jobs/j", "", JOB),
    ("GET", f"{WS}/jobs/j", "", None),
    ("GET", f"{WS}/jobs", "listViewType=All&tag=a=b&$top=2", None),
    ("POST", f"{WS}/jobs/j/cancel", "", None),
    ("DELETE", f"{WS}/jobs/j", "", None),
    ("GET", f"{REGION}/vmSizes", "", None),
    ("GET", f"{REGION}/usages", "$top=3", None),
    ("GET", f"{REGION}/quotas", "", None),
    ("POST", f"{REGION}/updateQuotas", "", QUOTA),
    ("PUT", f"{WS}/computes/gpu", "", COMPUTE),
    ("PATCH", f"{WS}/computes/gpu", "", SCALE),
    ("GET", f"{WS}/computes/gpu", "", None),
    ("GET", f"{WS}/computes", "$top=1", None),
    ("POST", f"{WS}/computes/gpu/listNodes", "", {}),
    ("POST", f"{WS}/computes/gpu/stop", "", None),
    ("PUT", f"{WS}/jobs/own", "", OWN_JOB),
    ("DELETE", f"{WS}/computes/gpu", "underlyingResourceAction=Delete", None),
    ("GET", f"{REGION}/computeOperationsStatus/x", "t=1&s=2&h=3", None),
    ("GET", f"{WS}/models/tuned/versions/1", "", None),
    ("GET", f"{WS}/models", "", None),
    ("PUT", f"{WS}/serverlessEndpoints/e", "", ENDPOINT),
    ("GET", f"{WS}/serverlessEndpoints/e", "", None),
    ("POST", f"{WS}/serverlessEndpoints/e/listKeys", "", None),
    ("POST", f"{WS}/serverlessEndpoints/e/regenerateKeys", "", {"keyType": "Primary", "keyValue": "k" * 32}),
    ("DELETE", f"{WS}/serverlessEndpoints/e2", "", None),
    ("PUT", f"{WS}/marketplaceSubscriptions/m", "", HUB),
    (
        "GET",
        f"/subscriptions/s/providers/Microsoft.MachineLearningServices/locations/l/mfeOperationsStatus/se:{GUID}:x",
        "",
        None,
    ),
    ("GET", ACCOUNTS, "$top=1", None),
    ("GET", f"{ACCOUNTS}/a", "", None),
    ("GET", f"{ACCOUNTS}/a/models", "", None),
    ("GET", f"{ACCOUNTS}/a/usages", "", None),
    ("POST", f"{ACCOUNTS}/a/listKeys", "", None),
    ("GET", "/subscriptions/s/providers/Microsoft.CognitiveServices/locations/l/models", "$top=3", None),
    ("GET", "/subscriptions/s/providers/Microsoft.CognitiveServices/locations/l/usages", "", None),
    ("PUT", f"{ACCOUNTS}/a/deployments/d", "", DEPLOYMENT),
    ("PUT", f"{ACCOUNTS}/a/deployments/d2", "", DEPLOYMENT),
    ("PATCH", f"{ACCOUNTS}/a/deployments/d", "", {"sku": {"name": "Standard", "capacity": 5}, "tags": {"a": "b"}}),
    ("GET", f"{ACCOUNTS}/a/deployments", "$skip=1", None),
    ("GET", f"{ACCOUNTS}/a/deployments/d", "", None),
    ("GET", f"{ACCOUNTS}/a/deployments/d/skus", "", None),
    ("DELETE", f"{ACCOUNTS}/a/deployments/d2", "", None),
    (
        "GET",
        f"/subscriptions/s/providers/Microsoft.CognitiveServices/locations/l/operationResults/{GUID}",
        "",
        None,
    ),
    *fuzz_foundry.VALID,
    *fuzz_online.VALID,
    ("POST", "/openai/v1/chat/completions", "", {**CHAT, "model": "d"}),
    ("POST", "/api/projects/p/openai/v1/chat/completions", "", {**CHAT, "model": "none"}),
    ("POST", "/openai/deployments/d/chat/completions", "", {**CHAT, "n": 2, "tools": [TOOL], "tool_choice": "auto"}),
    ("POST", "/openai/v1/responses", "", RESPONSE),
    ("POST", "/openai/responses", "", RESPONSE),
    ("GET", "/openai/v1/responses/resp_1", "", None),
    ("DELETE", "/openai/v1/responses/resp_1", "", None),
    ("POST", "/openai/v1/dashboard/webhook_endpoints", "", WEBHOOK),
    ("GET", "/openai/v1/webhook_endpoints", "limit=5", None),
    ("POST", "/openai/v1/webhook_endpoints/wh_1", "", WEBHOOK),
    ("DELETE", "/openai/v1/webhook_endpoints/wh_1", "", None),
    ("GET", "/api/projects/p/deployments", "api-version=v1&modelName=gpt-4.1-mini", None),
    ("GET", "/api/projects/p/deployments/d", "api-version=v1", None),
    ("GET", f"/history/v1.0{WS}/runs/j/details", "", None),
    (
        "PATCH",
        f"/history/v1.0{WS}/experiments/Default/runs/j",
        "",
        {"displayName": "n", "tags": {"a": "b"}, "hidden": False},
    ),
    ("POST", f"/history/v1.0{WS}/rundata", "", {"runId": "j"}),
    ("POST", f"/metric/v2.0{WS}/runs/j/full", "", {"metricName": "loss"}),
    ("POST", f"/metric/v2.0{WS}/runs/j/sample", "", {"metricName": "loss"}),
    ("GET", f"/mlflow/v2.0{WS}/api/2.0/mlflow/metrics/get-history", "run_id=j&metric_key=loss", None),
    ("GET", f"/mlflow/v2.0{WS}/api/2.0/mlflow/runs/get", "run_id=j", None),
    ("GET", "/registrymanagement/v1.0/registries/azureml/discovery", "", None),
    ("GET", "/metadata/endpoints", "", None),
    ("GET", "/discovery", "", None),
    ("GET", f"/logs/{GUID}/j/user_logs/std_log.txt", "se=2030-01-01T00:00:00Z&sig=x", None),
    ("POST", "/maas/e/v1/chat/completions", "", CHAT),
    ("GET", "/maas/e/info", "", None),
    ("GET", "/maas/e/v1/models", "", None),
    ("PUT", BLOB, "", b"content"),
    ("PUT", BLOB, "comp=block&blockid=YQ==", b"content"),
    ("PUT", BLOB, "comp=blocklist", b"<BlockList><Latest>YQ==</Latest></BlockList>"),
    ("GET", BLOB, "comp=blocklist&blocklisttype=all", None),
    ("PUT", BLOB, "comp=metadata", None),
    ("GET", BLOB, "", None),
    ("HEAD", BLOB, "", None),
    ("DELETE", BLOB + "2", "", None),
    ("GET", "/azureml-blobstore-x", "restype=container&comp=list&prefix=a&maxresults=5&include=metadata", None),
    ("GET", "/_mock/health", "", None),
    ("POST", "/_mock/clock", "", {"mode": "virtual", "advance": 5, "scale": 2, "workspace": "w2", "step_on_poll": 3}),
    ("POST", "/_mock/faults", "", RULE),
    ("DELETE", "/_mock/faults", "id=1", None),
    ("GET", "/_mock/requests", "operation=jobs.get&workspace=w", None),
    ("GET", "/_mock/verdict", "workspace=w", None),
    ("POST", "/_mock/state", "", STATE),
)
FORM = b"multipart/form-data; boundary=" + fuzz_foundry.BOUNDARY
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "")
ODD: tuple[object, ...] = (
    None, True, False, 0, -1, 1, 10**30, 1e308, -0.5, "", "x", "\ud800", "\x00", "é" * 300, "9" * 400, "NaN", "../..",
    MODEL, BLOB_URI, f"{BLOB_URI}\ud800", f"{MODEL}\ud800", f"{WS}/data/\udfff/versions/1",
    "x\ud800.jsonl", "azureml://", "azureml:x:1", [], {}, [[1]], [None], {"": 1}, {"uri": 5}, ["x"] * 50,
)  # fmt: skip
ODD_TEXT = (
    "", "*", "é", "\x00", "%", "%00", "%2e%2e", "..", "a" * 3000, "{", "'", '"', "<x>", "&", ";", "=", "-1", "1e5",
    "9" * 40, "2024-13-45", "𝄞", "\n", "a b", "$", "https://evil.example/", "bytes=5-1", "bytes=-", "bytes=0-9999999",
)  # fmt: skip
HEADERS = (
    "authorization", "content-type", "content-length", "content-md5", "range", "x-ms-range", "if-match",
    "if-none-match", "x-ms-version", "x-ms-date", "x-ms-blob-type", "x-ms-meta-a", "x-ms-meta-é", "api-key",
    "x-ms-client-request-id",
    "x-ms-blob-content-type", "x-ms-lease-id", "x-ms-copy-source", "expect", "host", "cookie", "accept-encoding",
)  # fmt: skip
VALUES = (
    "Bearer a.b.c", "Bearer e30.e30.e30", "Bearer eyJleHAiOjF9.eyJleHAiOjF9.x", "SharedKey mockstore:x", "Basic x",
    "BlockBlob", "PageBlob", "*", '"etag"', "text/plain", "application/json; charset=utf-16", "2023-11-03",
    *ODD_TEXT,
)  # fmt: skip


@dataclass
class Sent:
    """A request for the application."""

    method: str
    path: str
    query: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    vanishes: bool = False  # the client disconnects before the body's end


@dataclass
class Outcome:
    """A summary of the responses."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    failures: list[str] = field(default_factory=list[str])
    log: str = ""


class Generator:
    """Valid requests with one to four mutations, reproducible by seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def next(self) -> Sent:
        """Return the next request."""
        method, path, query, body = self._dice.choice(VALID)
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        proof = b"k" * 32 if path.startswith(("/maas", "/mir")) else b"token"
        known = _query(path, query)
        headers = [
            (b"host", b"127.0.0.1:80"),
            (b"authorization", b"Bearer " + proof),
            (b"content-type", FORM if content.startswith(b"--") else b"application/json"),
        ]
        sent = Sent(method, path, known, headers, content)
        for _ in range(self._dice.randint(1, 4)):
            sent = self._dice.choice(self._ways(body))(sent)
        if not any(name == b"content-length" for name, _ in sent.headers):
            sent.headers.append((b"content-length", str(len(sent.body)).encode()))
        return sent

    def _ways(self, body: object) -> Sequence[Callable[[Sent], Sent]]:
        ways = [self._method, self._path, self._query, self._header, self._cut, self._vanish]
        return [*ways, self._json, self._json, self._json] if isinstance(body, dict) else ways

    def _method(self, sent: Sent) -> Sent:
        return replace(sent, method=self._dice.choice(METHODS))

    def _path(self, sent: Sent) -> Sent:
        segments = sent.path.split("/")
        place = self._dice.randrange(len(segments))
        segments[place : place + self._dice.choice([0, 1, 1])] = [self._dice.choice(ODD_TEXT)]
        return replace(sent, path="/".join(segments)[:6000])

    def _query(self, sent: Sent) -> Sent:
        pairs = [pair for pair in sent.query.split("&") if pair]
        name = self._dice.choice(
            [pair.partition("=")[0] for pair in pairs] + ["comp", "sig", "restype", "$top", "sr", "é"]
        )
        value = quote(self._dice.choice(ODD_TEXT))
        kept = [pair for pair in pairs if self._dice.random() < 0.7]
        return replace(sent, query="&".join([*kept, f"{name}={value}"]))

    def _header(self, sent: Sent) -> Sent:
        name, value = (
            self._dice.choice(HEADERS),
            self._dice.choice(VALUES).replace("\n", " ").encode("utf-8", "replace"),
        )
        kept = [pair for pair in sent.headers if pair[0] != name.encode() or self._dice.random() < 0.1]
        return replace(sent, headers=[*kept, (name.encode(), value)])

    def _cut(self, sent: Sent) -> Sent:
        odd = self._dice.choice([b"", b"{", b"[" * 5000, b"\xff\xfe", b"null", b"[]", b'"', b"<BlockList>", rows(3)])
        cut = sent.body[: self._dice.randint(0, len(sent.body))]
        return replace(sent, body=self._dice.choice([odd, cut, cut + odd]))

    def _vanish(self, sent: Sent) -> Sent:
        return replace(sent, vanishes=True)

    def _json(self, sent: Sent) -> Sent:
        try:
            document: object = json.loads(sent.body)
        except (ValueError, RecursionError):
            return sent
        return replace(sent, body=json.dumps(self._broken(document)).encode())

    def _broken(self, value: object) -> object:
        """Replace, remove or duplicate one node of a document."""
        if isinstance(value, dict) and value and self._dice.random() < 0.85:
            members: Json = dict(value)  # pyright: ignore[reportUnknownArgumentType] - a decoded object's members
            key = self._dice.choice(sorted(members))
            changed = {**members, key: self._broken(members[key])}
            return {name: item for name, item in changed.items() if name != key or self._dice.random() < 0.9}
        if isinstance(value, list) and value and self._dice.random() < 0.7:
            items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType] - as above
            place = self._dice.randrange(len(items))
            return [*items[:place], self._broken(items[place]), *items[place:]]
        return self._dice.choice(ODD)


def run(count: int, seed: int) -> Outcome:
    """Send `count` requests to a server with some content; returns a summary of the responses, and the log output."""
    outcome, log = Outcome(), io.StringIO()
    with contextlib.redirect_stderr(log):
        asyncio.run(_run(count, seed, outcome))
    outcome.log = log.getvalue()
    return outcome


async def _run(count: int, seed: int, outcome: Outcome) -> None:
    generator = Generator(seed)
    world = open_world(Options(clock="virtual"))
    app = Application(world)
    for number in range(count):
        if number % 500 == 0:
            world.reset()
            await _furnish(app)
        sent = generator.next()
        status, headers, body = await ask(app, sent)
        outcome.statuses[status] += 1
        complaint = None if sent.vanishes else check(sent, status, headers, body)
        if complaint:
            outcome.failures.append(f"{number}: {complaint}: {sent}"[:2000])
        world.faults.clear()
    world.closing = True  # ends the delivery of webhooks, before the database is closed
    await asyncio.sleep(0)
    world.close()


async def _furnish(app: Application) -> None:
    """Create what the valid requests refer to."""
    await ask(app, _plain("PUT", BLOB, "", rows(20)))
    for method, path, query, body in VALID:
        if isinstance(body, dict) and (method == "PUT" or path.endswith("regenerateKeys")):
            await ask(app, _plain(method, path, query, json.dumps(body).encode()))
    app.world.clocks.move(advance=3600)
    fuzz_foundry.furnish(app.world)
    fuzz_online.furnish(app.world)


def _plain(method: str, path: str, query: str, body: bytes) -> Sent:
    headers = [
        (b"host", b"127.0.0.1"),
        (b"authorization", b"Bearer token"),
        (b"content-length", str(len(body)).encode()),
    ]
    return Sent(method, path, _query(path, query), headers, body)


def _query(path: str, query: str) -> str:
    """Return a valid request's query, with the api-version that most services require."""
    takes_none = path.startswith("/_mock") or "/openai/v1" in path
    return query if takes_none else f"{query}&api-version=2024-10-01-preview".lstrip("&")


async def ask(app: Application, sent: Sent) -> tuple[int, dict[str, str], bytes]:
    """Send one request; returns status, headers and body of the response."""
    raw = quote(sent.path, safe="/%;=@:!$&'()*+,~").encode()
    messages: list[Json] = []
    middle = len(sent.body) // 2
    left: list[Json] = [
        {"type": "http.request", "body": sent.body[:middle], "more_body": True},
        {"type": "http.request", "body": sent.body[middle:], "more_body": False},
    ]
    left = left[:1] if sent.vanishes else left

    async def receive() -> Json:
        return left.pop(0) if left else {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # Any: an ASGI message
        messages.append(dict(message))

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": sent.method, "scheme": "http",
        "path": sent.path, "raw_path": raw, "query_string": sent.query.encode("utf-8", "replace"), "root_path": "",
        "headers": sent.headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in messages[0]["headers"]}
    return messages[0]["status"], headers, b"".join(message.get("body", b"") for message in messages[1:])


def check(sent: Sent, status: int, headers: dict[str, str], body: bytes) -> str | None:
    """Return what is wrong with a response, if anything."""
    if status >= 500:
        # The service itself answers a model format that it does not know with a failure without a text.
        is_format = sent.method == "PUT" and b'"code":"InternalServerError","message":""' in body
        allowed = is_format or (status == 503 and b"DeploymentNotReady" in body)
        return None if allowed else f"answered {status}"
    if status < 400 or sent.method == "HEAD":
        return None
    kind = headers.get("content-type", "")
    if "xml" in kind:
        return None if b"<Error><Code>" in body and headers.get("x-ms-error-code") else "an XML error without a code"
    if kind.startswith("text/plain"):
        return None if body else "an error of the gateway of online endpoints without a text"
    document = json.loads(body)
    error = document.get("error")
    if status == 401 and document.get("statusCode") == 401 and document.get("message"):
        return None  # as Foundry's gateway answers a request without a credential
    if sent.path.endswith("/chat/completions") and document.get("detail"):
        return None  # as the service rejects a body that is no request for a completion
    return None if error and error["code"] and error["message"] else "an error without a code or message"


def main(arguments: Sequence[str]) -> int:
    """Send the requested number of requests and print the summary."""
    count, seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 0
    began = time.perf_counter()
    outcome = run(count, seed)
    print(f"{count} requests in {time.perf_counter() - began:.0f} s: {dict(sorted(outcome.statuses.items()))}")
    print(f"{len(outcome.failures)} failures, {outcome.log.count('Traceback')} tracebacks")
    print("\n".join(outcome.failures[:10]), outcome.log[:3000])
    return int(bool(outcome.failures or outcome.log))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
