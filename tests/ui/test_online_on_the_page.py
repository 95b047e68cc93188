"""Managed online deployments on the page, and a chat with one."""

import httpx
from playwright.sync_api import expect

from mock_server.core.json_values import Json
from mock_server.server import Server
from tests.mock_server.driver import Azure
from tests.mock_server.online_driver import Online
from tests.ui.page_object import PageObject


def _endpoints(server: Server) -> Json:
    with httpx.stream("GET", f"{server.endpoint}/_mock/ui/events") as answer:
        line = next(line for line in answer.iter_lines() if line.startswith("data: "))
    event: Json = httpx.Response(200, text=line.removeprefix("data: ")).json()
    shown: Json = event["endpoints"]["changed"]
    return shown


def test_the_page_shows_each_deployment_of_an_endpoint(azure: Azure) -> None:
    online = Online(azure)
    azure.server.set_quota({"gpu": 1000})
    online.endpoint()
    azure.server.advance(60)
    assert _endpoints(azure.server)["online/online"]["state"] == "No deployment"
    azure.server.fault(deployment="probe")
    online.deployment("green")
    online.deployment(instances=2)
    azure.server.advance(60)
    shown = _endpoints(azure.server)
    assert shown.keys() == {"online/online/green", "online/online/blue"}
    assert (shown["online/online/green"]["state"], "Liveness" in shown["online/online/green"]["failure"]) == (
        "CreationFailed",
        True,
    )
    blue = shown["online/online/blue"]
    assert (blue["state"], blue["pinned"]) == ("Online", "blue")
    assert blue["sku"].startswith("2 ")
    assert blue["sku"].endswith("Standard_NC24ads_A100_v4 · 0% of the traffic")


def test_the_page_s_key_is_what_the_endpoint_takes(azure: Azure) -> None:
    online = Online(azure)
    azure.server.set_quota({"gpu": 1000})
    for mode in ("Key", "AMLToken", "AADToken"):
        online.endpoint(f"by-{mode.lower()}", auth=mode)
        azure.server.advance(60)
        answer = azure.http.get("/_mock/ui/key", params={"endpoint": f"online/by-{mode.lower()}/blue"}).json()
        refused = online.send("/score", {}, name=f"by-{mode.lower()}", key=answer["key"])
        assert refused.status_code == 404  # accepted, and nothing is deployed
    assert azure.http.get("/_mock/ui/key", params={"endpoint": "online/none"}).status_code == 404


def test_the_page_chats_with_an_online_deployment(ui: PageObject, azure: Azure) -> None:
    azure.server.set_quota({"gpu": 1000})
    Online(azure).served()
    view = ui.open_view("Endpoints")
    view.get_by_role("button", name="Chat with online/blue").click()
    view.get_by_label("Message").fill("Hello")
    ui.press("Enter")
    expect(view.get_by_role("log")).to_contain_text("a general model")
    sent = [entry for entry in azure.server.requests() if entry["operation"] == "scoring.chat"]
    assert [entry["request_headers"]["azureml-model-deployment"] for entry in sent] == ["blue"]
