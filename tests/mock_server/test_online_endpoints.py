"""Managed online endpoints over the wire: creation, keys and tokens, traffic, deletion."""

import pytest

from tests.mock_server.driver import Azure
from tests.mock_server.online_driver import Online


@pytest.fixture
def online(azure: Azure) -> Online:
    """Return the workspace's online endpoints."""
    azure.server.set_quota({"gpu": 1000})
    return Online(azure)


def test_an_endpoint_has_its_address_once_it_is_created(online: Online) -> None:
    made = online.endpoint()
    assert (made.status_code, made.json()["properties"]["provisioningState"]) == (201, "Creating")
    assert made.json()["properties"]["scoringUri"] is None
    status = made.headers["azure-asyncoperation"]
    assert online.azure.follow(status).json()["status"] == "InProgress"
    online.azure.server.advance(60)
    assert online.azure.follow(status).json()["status"] == "Succeeded"
    assert online.show()["scoringUri"] == f"{online.azure.server.endpoint}/mir/online/score"


def test_the_same_request_again_makes_one_endpoint(online: Online) -> None:
    first, second = online.endpoint(), online.endpoint()
    assert (first.status_code, second.status_code) == (201, 200)
    assert len(online.azure.get("/onlineEndpoints").json()["value"]) == 1


def test_an_endpoint_that_is_being_changed_refuses_another(online: Online) -> None:
    online.endpoint()
    assert online.endpoint(description="another").status_code == 409
    refused = online.deployment()
    assert refused.status_code == 409
    assert "because it is in Creating provisioning state" in refused.json()["error"]["message"]


def test_a_name_is_taken_in_the_whole_region(online: Online) -> None:
    online.endpoint()
    elsewhere = Online(Azure(online.azure.server, "another"))
    assert "already in use" in elsewhere.endpoint().json()["error"]["message"]
    elsewhere.azure.close()


@pytest.mark.parametrize("name", ["ab", "1abc", "a_b", "a" * 33, "abc-"])
def test_a_name_that_no_host_can_have_is_refused(online: Online, name: str) -> None:
    assert online.endpoint(name).status_code == 400


def test_how_an_endpoint_is_called_cannot_change(online: Online) -> None:
    online.endpoint()
    online.azure.server.advance(60)
    assert online.endpoint(auth="AMLToken").status_code == 400


def test_a_replaced_key_is_invalid_at_once(online: Online) -> None:
    online.served()
    old = online.key()
    answer = online.azure.post("/onlineEndpoints/online/regenerateKeys", {"keyType": "Primary"})
    assert answer.status_code == 202
    refused = online.send("/score", {}, key=old)
    assert (refused.status_code, refused.text) == (401, "key_auth_access_denied")
    assert online.send("/score", {}).status_code == 200


def test_a_given_key_is_honoured(online: Online) -> None:
    online.served()
    online.azure.post("/onlineEndpoints/online/regenerateKeys", {"keyType": "Primary", "keyValue": "given"})
    assert online.key() == "given"


def test_a_request_without_a_key_is_refused_as_such(online: Online) -> None:
    online.served()
    refused = online.azure.plain.post(f"{online.azure.server.endpoint}/mir/online/score", json={})
    assert (refused.status_code, refused.text) == (401, "key_auth_bad_header_forbidden")


def test_an_endpoint_of_tokens_gives_them_and_no_keys(online: Online) -> None:
    online.endpoint(auth="AMLToken")
    online.azure.server.advance(60)
    assert online.azure.post("/onlineEndpoints/online/listKeys").status_code == 400
    token = online.azure.post("/onlineEndpoints/online/token").json()
    assert token["refreshAfterTimeUtc"] < token["expiryTimeUtc"]
    assert online.send("/score", {}, key=token["accessToken"]).status_code == 404  # accepted, and nothing is deployed
    assert online.send("/score", {}, key=token["accessToken"] + "x").status_code == 401
    online.azure.server.advance(13 * 3600)
    assert online.send("/score", {}, key=token["accessToken"]).status_code == 401


def test_an_endpoint_of_entra_takes_its_tokens(online: Online) -> None:
    online.endpoint(auth="AADToken")
    online.azure.server.advance(60)
    assert online.send("/score", {}, key="an-opaque-token").status_code == 404


@pytest.mark.parametrize("traffic", [{"blue": 60}, {"green": 100}, {"blue": 50.5}, {"blue": True}])
def test_traffic_that_does_not_add_up_is_refused(online: Online, traffic: object) -> None:
    online.served()
    assert online.endpoint(traffic=traffic).status_code == 400


def test_requests_are_divided_by_percentages_exactly(online: Online) -> None:
    online.served()
    online.deployment("green")
    online.azure.server.advance(60)
    online.endpoint(traffic={"blue": 80, "green": 20})
    online.azure.server.advance(60)
    key, body = online.key(), {"input_data": ["Hello"]}
    given = [online.send("/score", body, key=key).headers["azureml-model-deployment"] for _ in range(100)]
    assert (given.count("blue"), given.count("green")) == (80, 20)


def test_a_request_can_name_its_deployment(online: Online) -> None:
    online.served()
    online.deployment("green")
    online.azure.server.advance(60)
    assert online.score(pinned="green").headers["azureml-model-deployment"] == "green"
    assert online.score(pinned="nowhere").status_code == 404


def test_a_deployment_without_traffic_gets_no_request(online: Online) -> None:
    online.endpoint()
    online.azure.server.advance(60)
    online.deployment()
    online.azure.server.advance(60)
    refused = online.score()
    assert refused.status_code == 404
    assert refused.text.startswith("No valid deployments to route to")


def test_a_deleted_endpoint_takes_its_deployments_along(online: Online) -> None:
    online.served()
    gone = online.azure.http.delete(f"{online.azure.ws}/onlineEndpoints/online")
    assert (gone.status_code, online.show()["provisioningState"]) == (202, "Deleting")
    online.azure.server.advance(60)
    assert online.azure.get("/onlineEndpoints/online").status_code == 404
    assert online.azure.http.delete(f"{online.azure.ws}/onlineEndpoints/online").status_code == 204
    assert online.endpoint().status_code == 201
    assert online.azure.get("/onlineEndpoints/online/deployments").json()["value"] == []
