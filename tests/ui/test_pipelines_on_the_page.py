"""Pipelines on the page: what they train, how far they are, and why they failed."""

import httpx

from mock_server.core.json_values import Json
from mock_server.server import Server
from tests.mock_server.driver import MODEL, Azure, rows
from tests.mock_server.pipeline_bodies import pipeline_body


def _jobs(server: Server) -> dict[str, Json]:
    with httpx.stream("GET", f"{server.endpoint}/_mock/ui/events", trust_env=False) as answer:
        line = next(line for line in answer.iter_lines() if line.startswith("data: "))
    event: Json = httpx.Response(200, text=line.removeprefix("data: ")).json()
    return {str(job["name"]): job for job in event["jobs"]["changed"].values()}


def test_a_pipeline_shows_what_it_trains_and_how_far_it_is(azure: Azure) -> None:
    azure.server.set_quota({"gpu": 24})
    data = azure.asset(rows())
    azure.put("/jobs/pipe", pipeline_body(data))
    azure.put("/jobs/wrong", pipeline_body(data, batch_size="none"))
    shown = _jobs(azure.server)
    assert (shown["pipe"]["model"], shown["pipe"]["data"], shown["pipe"]["step"]) == (MODEL, data, 0)
    assert shown["pipe"]["hyperparameters"]["number_of_gpu_to_use_finetuning"] == "1"
    azure.server.advance(3600)
    shown = _jobs(azure.server)
    assert (shown["pipe"]["status"], shown["pipe"]["step"]) == ("Completed", shown["pipe"]["steps"])
    assert shown["wrong"]["failure"].startswith("chat_completion_datapreprocess: error: argument --batch_size")
