"""Valid requests to models, environments, online endpoints, deployments and scoring, to be mutated, and their state."""

from mock_server.core.json_values import Json
from mock_server.core.scope import Scope
from mock_server.resources import online_deployments, online_endpoints
from mock_server.state.world import World
from tests.mock_server.driver import MODEL

SCOPE = Scope("s", "r", "w")
KEY = "k" * 32
ENDPOINT: Json = {
    "location": "eastus2",
    "tags": {"a": "b"},
    "identity": {"type": "SystemAssigned"},
    "properties": {
        "authMode": "Key",
        "description": "d",
        "properties": {"createdBy": "x", "note": "y"},
        "traffic": {"blue": 100},
        "mirrorTraffic": {"green": 10},
        "publicNetworkAccess": "Enabled",
    },
}
DEPLOYMENT: Json = {
    "location": "eastus2",
    "tags": {"a": "b"},
    "sku": {"name": "Default", "capacity": 1},
    "properties": {
        "endpointComputeType": "Managed",
        "model": MODEL,
        "instanceType": "Standard_NC24ads_A100_v4",
        "environmentVariables": {"A": "B"},
        "environmentId": f"{SCOPE.arm}/environments/serve/versions/1",
        "requestSettings": {"requestTimeout": "PT1M30S", "maxConcurrentRequestsPerInstance": 4, "maxQueueWait": "PT1S"},
        "livenessProbe": {"initialDelay": "PT10M", "period": "PT10S", "failureThreshold": 30, "timeout": "PT2S"},
        "readinessProbe": {"initialDelay": "PT10M"},
        "scaleSettings": {"scaleType": "Default"},
        "properties": {},
    },
}
MODEL_VERSION: Json = {
    "properties": {
        "modelUri": "azureml://datastores/workspaceblobstore/paths/azureml/j/registered_model",
        "modelType": "mlflow_model",
        "tags": {"a": "b"},
        "properties": {},
        "isArchived": False,
        "description": "d",
    }
}
ENVIRONMENT: Json = {
    "properties": {"image": "x:1", "inferenceConfig": {"scoringRoute": {"path": "/score", "port": 5001}}, "tags": {}}
}
SCORED: Json = {
    "input_data": {
        "input_string": [{"role": "user", "content": "Hello"}],
        "parameters": {"temperature": 0.6, "max_new_tokens": 20},
    },
    "params": {},
}
CHAT: Json = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 5, "temperature": 1.5, "stream": True}
ENDPOINTS = f"{SCOPE.arm}/onlineEndpoints"
METRICS = "providers/microsoft.insights/metrics"
SHOWN = "metricnames=RequestsPerMinute&timespan=PT1H&interval=PT5M&aggregation=total&$filter=deployment eq 'blue'"
VALID: tuple[tuple[str, str, str, object], ...] = (
    ("PUT", f"{SCOPE.arm}/models/m/versions/1", "", MODEL_VERSION),
    ("PATCH", f"{SCOPE.arm}/models/m/versions/1", "", MODEL_VERSION),
    ("PUT", f"{SCOPE.arm}/models/m", "", {"properties": {"isArchived": True, "tags": {}}}),
    ("PUT", f"{SCOPE.arm}/environments/serve/versions/1", "", ENVIRONMENT),
    ("GET", f"{SCOPE.arm}/environments", "", None),
    ("PUT", f"{ENDPOINTS}/served", "", ENDPOINT),
    ("PUT", f"{ENDPOINTS}/other", "", ENDPOINT),
    ("GET", f"{ENDPOINTS}/served", "", None),
    ("GET", ENDPOINTS, "$top=3", None),
    ("DELETE", f"{ENDPOINTS}/other", "", None),
    ("POST", f"{ENDPOINTS}/served/listKeys", "", None),
    ("POST", f"{ENDPOINTS}/tokens/token", "", None),
    ("POST", f"{ENDPOINTS}/other/regenerateKeys", "", {"keyType": "Primary", "keyValue": KEY}),
    ("GET", f"{ENDPOINTS}/served/{METRICS}", SHOWN, None),
    ("GET", f"{ENDPOINTS}/served/deployments/blue/{METRICS}", "metricnames=DeploymentCapacity&interval=P1D", None),
    ("PUT", f"{ENDPOINTS}/served/deployments/blue", "", DEPLOYMENT),
    ("PUT", f"{ENDPOINTS}/served/deployments/green", "", DEPLOYMENT),
    ("PATCH", f"{ENDPOINTS}/served/deployments/blue", "", {"sku": {"name": "Default", "capacity": 2}, "tags": {}}),
    ("GET", f"{ENDPOINTS}/served/deployments/blue", "", None),
    ("GET", f"{ENDPOINTS}/served/deployments", "", None),
    ("GET", f"{ENDPOINTS}/served/deployments/blue/skus", "", None),
    ("DELETE", f"{ENDPOINTS}/served/deployments/green", "", None),
    (
        "POST",
        f"{ENDPOINTS}/served/deployments/blue/getLogs",
        "",
        {"containerType": "InferenceServer", "tail": 5},
    ),
    ("POST", "/mir/served/score", "", SCORED),
    ("POST", "/mir/served/score", "", {"input_data": ["One", "Two"], "params": {"max_new_tokens": 3}}),
    ("POST", "/mir/served/chat/completions", "", {**CHAT, "temperature": 0.5}),
    ("POST", "/mir/served/v1/chat/completions", "", CHAT),
    ("GET", "/mir/served/v1/models", "", None),
    ("GET", "/mir/served/swagger.json", "", None),
)


def furnish(world: World) -> None:
    """Make an endpoint that answers with the key `KEY`, and one of tokens."""
    world.settings["quota"] = "gpu=100000"
    world.remember(SCOPE)
    properties = {"authMode": "Key", "traffic": {"blue": 100}, "mirrorTraffic": {}}
    made: Json = {"location": "eastus2", "tags": {}, "created": 0, "ready": 0, "properties": properties}
    online_endpoints.create(world, SCOPE.guid, "served", made)
    endpoint = online_endpoints.get(world, SCOPE.guid, "served", world.now("w"))
    assert endpoint is not None
    online_endpoints.change(world, endpoint, primaryKey=KEY)
    online_endpoints.create(world, SCOPE.guid, "tokens", {**made, "properties": {"authMode": "AMLToken"}})
    settings = {"model": MODEL, "instanceType": "Standard_NC24ads_A100_v4"}
    blue: Json = {"endpoint": "served", "name": "blue", "created": 0, "ready": 0, "capacity": 1, "settings": settings}
    online_deployments.save(world, SCOPE.guid, blue, is_new=True)
