"""Foundry's jobs, files and deployments in what the page reads."""

import httpx

from mock_server.core.json_values import Json
from mock_server.server import Server
from tests.mock_server.foundry_driver import Foundry
from tests.mock_server.foundry_resource import Resource


def _first_event(server: Server) -> Json:
    with httpx.stream("GET", f"{server.endpoint}/_mock/ui/events") as answer:
        line = next(line for line in answer.iter_lines() if line.startswith("data: "))
    return dict(httpx.Response(200, text=line.removeprefix("data: ")).json())


def test_the_page_shows_jobs_and_files_of_foundry(maas_server: Server) -> None:
    foundry = Foundry(maas_server)
    job = foundry.job(metadata={"my.name": "sarcasm"})
    maas_server.advance(40)
    event = _first_event(maas_server)
    shown = event["jobs"]["changed"][f"foundry/{job}"]
    assert (shown["title"], shown["status"], shown["step"]) == ("sarcasm", "succeeded", shown["steps"])
    assert shown["output"] == foundry.show(job)["fine_tuned_model"]
    assert {one["name"] for one in event["datasets"]["changed"].values()} == {"train.jsonl", "results.csv"}
    query = {"guid": "foundry", "job": job}
    curve = foundry.http.get("/_mock/ui/curve", params=query).json()
    assert curve["steps"] == shown["steps"] == curve["loss"][-1][0]
    log = foundry.http.get("/_mock/ui/log", params=query).json()["lines"]
    assert "Training tokens billed" in log[-1]
    foundry.http.close()


def test_a_foundry_job_is_ended_from_the_page(maas_server: Server) -> None:
    foundry = Foundry(maas_server)
    running, failing = foundry.job(), foundry.job()
    maas_server.advance(12)
    for job, action in ((running, "cancel"), (failing, "fail")):
        body = {"guid": "foundry", "job": job, "reason": "by hand"}
        assert foundry.http.post(f"/_mock/ui/jobs/{action}", json=body).status_code == 200
        assert foundry.http.post(f"/_mock/ui/jobs/{action}", json=body).status_code == 409
    maas_server.advance(60)
    assert foundry.status(running) == "cancelled"
    failed = foundry.show(failing)
    assert (failed["status"], failed["error"]["message"]) == ("failed", "by hand")
    events = foundry.get(f"/fine_tuning/jobs/{failing}/events").json()["data"]
    assert (events[0]["message"], events[0]["level"]) == ("by hand", "error")
    foundry.http.close()


def test_the_page_chats_with_a_deployment_of_foundry(maas_server: Server) -> None:
    resource = Resource(maas_server)
    resource.deploy()
    maas_server.advance(4)
    shown = _first_event(maas_server)["endpoints"]["changed"]["foundry/dep"]
    assert (shown["state"], shown["unready_status"], shown["model"]) == ("Online", 404, "gpt-4.1-mini")
    maas_server.advance(60)
    shown = _first_event(maas_server)["endpoints"]["changed"]["foundry/dep"]
    assert (shown["state"], shown["unready_status"], shown["sku"]) == ("Online", None, "GlobalStandard 100")
    key = resource.http.get("/_mock/ui/key", params={"endpoint": "foundry/dep"}).json()["key"]
    body = {"model": shown["deployment"], "messages": [{"role": "user", "content": "Hello"}]}
    assert resource.http.post(shown["chat"], json=body, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    resource.close()
