"""Every management answer is what the published specification says it is."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]  # it has none
import pytest

from mock_server.server import Server
from mock_server.surfaces import (
    computes,
    data,
    endpoints,
    environments,
    jobs,
    marketplace,
    models,
    online_deployments,
    online_endpoints,
    operations,
    vm_sizes,
    workspaces,
)
from tests.judges import schemas
from tests.judges.compute_schemas import COMPUTE_ANSWERS
from tests.judges.online_flow import online
from tests.judges.online_schemas import ONLINE_ANSWERS
from tests.judges.pipeline_schemas import PIPELINE_ANSWERS, pipelines
from tests.judges.schemas import ERROR
from tests.mock_server.driver import Azure, rows

SUBSCRIBED = {"properties": {"modelId": "azureml://registries/azureml-meta/models/Meta-Llama-3-8B-Instruct"}}
MODULES = (
    *(data, endpoints, environments, jobs, marketplace, models, online_deployments, online_endpoints, operations),
    *(computes, vm_sizes, workspaces),
)
ANSWERS = {**schemas.ANSWERS, **ONLINE_ANSWERS, **COMPUTE_ANSWERS, **PIPELINE_ANSWERS}
ALWAYS_REFUSED = {"computes.start", "computes.stop", "computes.restart"}
OPERATIONS = {
    "metadata.endpoints",
    *(route.operation for module in MODULES for route in module.ROUTES),
} - ALWAYS_REFUSED


class Recorded:
    """A client that keeps every answer it gets."""

    def __init__(self, server: Server) -> None:
        self.azure = Azure(server)
        self.answers: list[httpx.Response] = []
        for client in (self.azure.http, self.azure.plain):
            client.event_hooks["response"].append(self._keep)

    def _keep(self, answer: httpx.Response) -> None:
        answer.read()
        self.answers.append(answer)

    def checked(self) -> Iterator[tuple[str, int, str]]:
        """Validate each management answer; gives the operation, the status and the complaint."""
        asked = self.azure.server.requests()
        assert len(asked) == len(self.answers)
        for entry, answer in zip(asked, self.answers, strict=True):
            operation = str(entry["operation"])
            if operation in OPERATIONS:
                body = answer.json() if answer.content else None
                yield operation, answer.status_code, complaint(operation, answer.status_code, body)


def complaint(operation: str, status: int, body: object) -> str:
    """Say what of an answer is not as it should be; nothing if all is."""
    schema = ANSWERS[operation] if status < 300 else ERROR
    validator: Any = jsonschema.Draft202012Validator(schema)  # Any: jsonschema has no types
    return "; ".join(f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(body))


@pytest.fixture
def recorded(maas_server: Server) -> Iterator[Recorded]:
    """Give a client of an empty server that listens."""
    recorded = Recorded(maas_server)
    yield recorded
    recorded.azure.close()


def flow(azure: Azure) -> None:
    """Make every management operation, in every state that its resource can be in."""
    azure.http.get("/metadata/endpoints")
    azure.http.get("/subscriptions")
    azure.get("")
    azure.http.get(azure.ws.rpartition("/")[0])
    for path in ("/datastores", "/datastores/workspaceblobstore"):
        azure.get(path)
    asset = azure.asset(rows())
    uri = azure.get("/data/train/versions/1").json()["properties"]["dataUri"]
    notes = {"description": "again", "tags": {"a": "b"}}
    azure.put("/data/train/versions/1", {"properties": {"dataUri": uri, "dataType": "uri_file", **notes}})
    for path in ("/data", "/data/train", "/data/train/versions", "/data/train/versions/1"):
        azure.get(path)
    settings = {"resources": {"instanceTypes": ["Standard_NC24ads_A100_v4"]}, "queueSettings": {"jobTier": "Standard"}}
    azure.server.set_quota({"gpu": 48})
    azure.follow(azure.cluster("cluster").headers["azure-asyncoperation"])
    azure.put("/jobs/first", azure.job_body(asset, tags={"a": "b"}, computeId="cluster", **settings))
    azure.put("/jobs/second", azure.job_body(asset, displayName="second", description="to be canceled"))
    for _ in range(12):
        for name in ("first", "second"):
            azure.get(f"/jobs/{name}")
        azure.server.advance(3)
    azure.put("/jobs/third", azure.job_body(asset))
    azure.server.advance(10)
    place = azure.post("/jobs/third/cancel").headers["location"]
    azure.follow(place)
    azure.get("/jobs/third")
    azure.server.advance(60)
    azure.follow(place)
    pipelines(azure, asset)
    for path in ("/models", "/models/tuned", "/models/tuned/versions", "/models/tuned/versions/1"):
        azure.get(path)
    azure.http.delete(f"{azure.ws}/jobs/second")
    deployed(azure)
    online(azure)
    own_machines(azure)
    azure.http.delete(f"{azure.ws}/data/train/versions/1")


def own_machines(azure: Azure) -> None:
    """Look at sizes and quotas, and at a cluster from its creation to its end."""
    region = "/subscriptions/sub/providers/Microsoft.MachineLearningServices/locations/eastus2"
    azure.cluster("second", vmPriority="LowPriority", userAccountCredentials={"adminUserName": "me"})
    for path in ("/vmSizes", "/usages", "/quotas"):
        limits = azure.http.get(region + path).json()["value"]
    azure.http.post(f"{region}/updateQuotas", json={"value": limits[:1]})
    scale = {"properties": {"properties": {"scaleSettings": {"minNodeCount": 1, "maxNodeCount": 2}}}}
    azure.http.patch(f"{azure.ws}/computes/second", json=scale)
    for _ in range(2):
        azure.get("/computes/second")
        azure.get("/computes")
        azure.post("/computes/second/listNodes")
        azure.server.advance(60)
    azure.http.delete(f"{azure.ws}/computes/second", params={"underlyingResourceAction": "Delete"})
    azure.get("/computes/second")


def deployed(azure: Azure) -> None:
    """Subscribe, deploy, look at keys, and take everything down again."""
    begun = azure.put("/marketplaceSubscriptions/llama", SUBSCRIBED), azure.endpoint()
    for _ in range(2):
        for answer in begun:
            azure.follow(answer.headers["azure-asyncoperation"])
        for path in ("/marketplaceSubscriptions", "/serverlessEndpoints"):
            azure.get(path)
        azure.get("/marketplaceSubscriptions/llama")
        azure.get("/serverlessEndpoints/ep")
        azure.server.advance(60)
    azure.endpoint("llama", SUBSCRIBED["properties"]["modelId"])
    azure.key()
    changed = azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary"}).headers["location"]
    gone = azure.http.delete(f"{azure.ws}/serverlessEndpoints/ep").headers["location"]
    ended = azure.http.delete(f"{azure.ws}/marketplaceSubscriptions/llama").headers["location"]
    azure.get("/serverlessEndpoints/ep")
    for _ in range(2):
        for place in (changed, gone, ended):
            azure.follow(place)
        azure.server.advance(60)


def refusals(azure: Azure) -> None:
    """Ask for what is not there, and send what is not right."""
    for path in ("/jobs/no", "/data/no", "/data/no/versions/1", "/models/no", "/models/no/versions/1"):
        azure.get(path)
    for path in (
        "/onlineEndpoints/no",
        "/computes/no",
        "/onlineEndpoints/no/deployments",
        "/environments/no",
        "/environments/no/versions",
    ):
        azure.get(path)
    for path in ("/serverlessEndpoints/no", "/marketplaceSubscriptions/no", "/datastores/no"):
        azure.get(path)
    for path in (
        *("/jobs/a", "/data/a/versions/1", "/models/a/versions/1", "/environments/a/versions/1"),
        *("/serverlessEndpoints/a", "/marketplaceSubscriptions/a", "/onlineEndpoints/abc"),
        "/onlineEndpoints/abc/deployments/abc",
    ):
        azure.put(path, {})
        azure.http.put(azure.ws + path, content=b"{")
    azure.post("/jobs/no/cancel")
    azure.post("/serverlessEndpoints/no/listKeys")
    azure.post("/onlineEndpoints/no/listKeys")
    azure.get("/jobs", **{"$skip": "x"})
    azure.plain.get(f"{azure.server.endpoint}{azure.ws}")
    azure.plain.get(f"{azure.server.endpoint}{azure.ws}", headers={"Authorization": "Bearer token"})


def test_the_schemas_are_schemas() -> None:
    for schema in (*ANSWERS.values(), ERROR):
        jsonschema.Draft202012Validator.check_schema(schema)


def test_missing_extra_and_invalid_properties_are_detected() -> None:
    assert complaint("endpoints.list_keys", 200, {"thirdKey": "x"})
    assert complaint("operations.status", 200, {})
    assert complaint("operations.status", 200, {"status": "Done"})
    assert complaint("jobs.get", 404, {"error": "gone"})


def test_every_management_operation_has_a_schema() -> None:
    assert set(ANSWERS) == OPERATIONS


def test_every_answer_of_the_flow_is_as_the_specification_says(recorded: Recorded) -> None:
    flow(recorded.azure)
    checked = list(recorded.checked())
    assert [answer for answer in checked if answer[2] or answer[1] >= 300] == []
    assert {operation for operation, _, _ in checked} == OPERATIONS


def test_every_refusal_is_azure_s_error(recorded: Recorded) -> None:
    refusals(recorded.azure)
    checked = list(recorded.checked())
    assert [answer for answer in checked if answer[2]] == []
    assert {status for _, status, _ in checked} == {400, 401, 404}


READ_ONLY: tuple[tuple[str, dict[str, Any]], ...] = (  # Any: parts of JSON bodies
    ("status", {"status": "Completed"}),
    ("services", {"services": {"Studio": {"jobServiceType": "Studio", "endpoint": "mine"}}}),
)


@pytest.mark.parametrize(("name", "sent"), READ_ONLY)
def test_what_is_read_only_of_a_job_cannot_be_set(recorded: Recorded, name: str, sent: dict[str, Any]) -> None:
    answer = recorded.azure.job(**sent)
    assert answer.status_code == 201
    assert answer.json()["properties"][name] != sent[name]


def test_what_is_read_only_of_an_endpoint_cannot_be_set(recorded: Recorded) -> None:
    model = {"modelId": "azureml://registries/azureml/models/Phi-4"}
    sent = {"provisioningState": "Succeeded", "endpointState": "Online", "inferenceEndpoint": {"uri": "https://mine"}}
    body = {"location": "eastus2", "properties": {"modelSettings": model, **sent}}
    made = recorded.azure.put("/serverlessEndpoints/ep", body).json()["properties"]
    assert (made["provisioningState"], made["endpointState"], made["inferenceEndpoint"]) == (
        "Creating",
        "Creating",
        None,
    )
