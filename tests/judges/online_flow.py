"""Every operation of models, environments and managed online endpoints, in every state of its resource."""

from tests.mock_server.driver import Azure
from tests.mock_server.online_driver import Online

OUTPUT = "azureml://jobs/first/outputs/registered_model"
IMAGE = {"image": "mcr.microsoft.com/azureml/curated/foundation-model-inference:latest"}


def online(azure: Azure) -> None:
    """Register a model of the job `first`, serve it, look at everything, and take it down again."""
    model = azure.put("/models/mine/versions/1", {"properties": {"modelUri": OUTPUT, "modelType": "mlflow_model"}})
    azure.http.patch(f"{azure.ws}/models/mine/versions/1", json={"properties": {"tags": {"a": "b"}}})
    azure.put("/models/mine", {"properties": {"isArchived": True}})
    azure.put("/environments/serve/versions/1", {"properties": IMAGE})
    for path in ("", "/serve", "/serve/versions", "/serve/versions/1"):
        azure.get(f"/environments{path}")
    served = Online(azure)
    azure.server.set_quota({"gpu": 1000})
    tokens = served.endpoint("tokens", auth="AMLToken")
    for _ in range(2):
        azure.follow(tokens.headers["azure-asyncoperation"])
        azure.get("/onlineEndpoints/tokens")
        azure.server.advance(60)
    azure.post("/onlineEndpoints/tokens/token")
    served.endpoint()
    azure.server.advance(60)
    deployed(served, str(model.json()["id"]))
    keys = azure.post("/onlineEndpoints/online/regenerateKeys", {"keyType": "Primary"}).headers["location"]
    gone = azure.http.delete(f"{azure.ws}/onlineEndpoints/online").headers["location"]
    azure.get("/onlineEndpoints/online")
    for _ in range(2):
        for place in (keys, gone):
            azure.follow(place)
        azure.server.advance(60)


def deployed(served: Online, model: str) -> None:
    """Make two deployments, of which one fails; scale, read the logs, share the traffic and delete."""
    azure, base = served.azure, "/onlineEndpoints/online/deployments"
    azure.server.fault(deployment="probe")
    failed = served.deployment("green", model=model)
    served.deployment(model=model, environmentVariables={"A": "B"}, requestSettings={"requestTimeout": "PT1M30S"})
    for _ in range(2):
        azure.follow(failed.headers["azure-asyncoperation"])
        azure.get(base)
        azure.server.advance(60)
    served.endpoint(traffic={"blue": 100}, mirrorTraffic={"blue": 10})
    azure.get("/onlineEndpoints")
    azure.server.advance(60)
    served.key()
    azure.http.patch(f"{azure.ws}{base}/blue", json={"sku": {"name": "Default", "capacity": 2}})
    azure.get(f"{base}/blue")
    azure.server.advance(60)
    azure.http.patch(f"{azure.ws}{base}/blue", json={"tags": {"a": "b"}})
    azure.get(f"{base}/blue/skus")
    azure.post(f"{base}/blue/getLogs", {"tail": 10})
    azure.http.delete(f"{azure.ws}{base}/green")
    azure.get(f"{base}/green")
