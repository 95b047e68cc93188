"""What still runs and costs is in the verdict: clusters with nodes, endpoints, deployments."""

from mock_server.fixture_handles import ServerVerdict
from mock_server.server import Server
from tests.mock_server.driver import A100, Azure


def test_an_empty_server_costs_nothing(azure: Azure) -> None:
    assert azure.http.get("/_mock/verdict").json()["costs"] == []


def test_a_cluster_costs_by_its_nodes(azure: Azure) -> None:
    azure.server.set_quota({"gpu": 48})
    azure.cluster(most=2)
    assert azure.http.get("/_mock/verdict").json()["costs"] == []
    scale = {"properties": {"properties": {"scaleSettings": {"minNodeCount": 2, "maxNodeCount": 2}}}}
    azure.http.patch(azure.ws + "/computes/gpu", json=scale)
    [cost] = azure.http.get("/_mock/verdict", params={"workspace": "ws"}).json()["costs"]
    assert (cost["kind"], cost["name"], cost["size"], cost["instances"]) == ("cluster", "gpu", A100, 2)
    assert cost["hourly_price"] == 7.4
    assert azure.http.get("/_mock/verdict", params={"workspace": "other"}).json()["costs"] == []


def test_an_endpoint_costs_until_it_is_deleted(azure: Azure, maas_server: Server) -> None:
    azure.endpoint()
    verdict = ServerVerdict(maas_server)
    assert verdict.costs == ["serverless endpoint ep"]
    azure.http.delete(azure.ws + "/serverlessEndpoints/ep")
    azure.server.advance(60)
    assert verdict.costs == []


def test_an_online_deployment_costs_by_its_instances(azure: Azure) -> None:
    azure.server.set_quota({"gpu": 48})
    azure.put("/onlineEndpoints/shop", {"location": "eastus2", "properties": {"authMode": "Key"}})
    azure.server.advance(60)
    model = "azureml://registries/azureml/models/Phi-4/versions/8"
    properties = {"endpointComputeType": "Managed", "model": model, "instanceType": A100}
    body = {"location": "eastus2", "sku": {"name": "Default", "capacity": 2}, "properties": properties}
    made = azure.put("/onlineEndpoints/shop/deployments/blue", body)
    assert made.status_code == 201, made.text
    [cost] = azure.http.get("/_mock/verdict").json()["costs"]
    assert (cost["kind"], cost["parent"], cost["name"], cost["instances"]) == ("online deployment", "shop", "blue", 2)
    assert cost["hourly_price"] == 7.4
