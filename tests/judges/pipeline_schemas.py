"""What a pipeline job must look like (azure-rest-api-specs, 2024-01-01-preview, `PipelineJob`), and a flow of one."""

from typing import Any

from tests.judges.schemas import (
    FLAG,
    JOB,
    JOB_STATUS,
    STRINGS,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    map_of,
    page_of,
    resource,
    shape,
)
from tests.mock_server.driver import Azure
from tests.mock_server.pipeline_bodies import children, pipeline_body

OUTPUT = shape({"jobOutputType": TEXT}, {"uri": TEXT_OR_NULL, "mode": TEXT, "description": TEXT_OR_NULL})
ANYTHING: Schema = {"type": ["object", "null"]}
PIPELINE = resource(
    "/jobs/[^/]+",
    "/jobs",
    shape(
        {"jobType": {"const": "Pipeline"}, "jobs": map_of({"type": "object"}), "outputs": map_of(OUTPUT)},
        {
            "status": JOB_STATUS,
            "inputs": map_of({"type": "object"}),
            "settings": ANYTHING,
            "sourceJobId": TEXT_OR_NULL,
            "experimentName": TEXT,
            "isArchived": FLAG,
            "displayName": TEXT_OR_NULL,
            "description": TEXT_OR_NULL,
            "componentId": TEXT_OR_NULL,
            "computeId": TEXT_OR_NULL,
            "tags": STRINGS,
            "properties": STRINGS,
            "identity": ANYTHING,
            "notificationSetting": ANYTHING,
            "services": map_of(shape({"jobServiceType": TEXT}, {"endpoint": TEXT_OR_NULL}), null=True),
        },
    ),
)
CHILD = resource("/jobs/[^/]+", "/jobs", {"type": "null"})
PIPELINE_ANSWERS: dict[str, Any] = {  # Any: a schema is JSON
    "jobs.list": page_of({"anyOf": [JOB, PIPELINE]}),
    "jobs.get": {"anyOf": [JOB, PIPELINE, CHILD]},
    "jobs.create": {"anyOf": [JOB, PIPELINE]},
}


def pipelines(azure: Azure, data: str) -> None:
    """Look at pipelines in every state, and at the runs of one."""
    azure.put("/jobs/pipe", pipeline_body(data))
    azure.put("/jobs/wrong", pipeline_body(data, optim="sgd"))
    for _ in range(12):
        for name in ("pipe", "wrong"):
            azure.get(f"/jobs/{name}")
        azure.server.advance(3)
    azure.put("/jobs/gone", pipeline_body(data, seed="1"))
    azure.server.advance(6)
    azure.post("/jobs/gone/cancel")
    for seconds in (0, 60):
        azure.server.advance(seconds)
        azure.get("/jobs/gone")
    for run in children(azure, "pipe"):
        azure.get(f"/jobs/{run['runId']}")
    azure.get("/jobs")
