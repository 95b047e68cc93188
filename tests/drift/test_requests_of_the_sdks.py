"""What Microsoft's SDKs sent, asked of the mock server: the same statuses, but for what is listed with its reason.

The recordings of the wire pages were made against servers of their own, whose answers only prove what the SDKs accept.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache

import pytest
from recorded_wires import FOLDER, PREPARED, recorded
from support import TLS

from maas_client.core.blocking import run
from maas_client.drift.feeding import Feeder
from maas_client.drift.report import Drift, Side, drift_between
from maas_client.wire import BlockingWire
from mock_server.server import serve

if not FOLDER.is_dir():
    pytest.skip("the recordings of the wire pages (../shared/wire) are not here", allow_module_level=True)

JOB_SECONDS = {"azureml": 30.0, "foundry": 120.0, "maap": 30.0}
"""How long a job takes, so that most of what a page does to a job meets it in the state for it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A difference of statuses that is known."""

    operation: str
    recorded: str
    mock: str


NO_BODIES = "the name is in an answer's body, and bodies of answers were not recorded"
ANY_OF_SEVERAL = f"{NO_BODIES}: another thing of the kind stands for the one that was meant"
NO_JOB = f"{NO_BODIES}: the job that stands for the one that was meant is in another state"
OTHER_DATA = "the data was not recorded, and on what stands for it no job ends with this model"
LARGER_QUOTA = "no cores were left for this one request; here there are enough for all of them"
FAULT = "the recording's server was set to fail here"
STILL_AT_WORK = "a poll met the operation before its end"
NOT_OFFERED = "permissions on checkpoints are OpenAI's own; Azure has no such route"

RESULTS = "GET /Microsoft.MachineLearningServices/locations/*/maapOperationResults/*"
STATUSES = "GET /Microsoft.MachineLearningServices/locations/*/maapOperationsStatus/*"

LISTED: Mapping[str, Mapping[Listed, str]] = {
    "azureml": {
        Listed("GET /logs/conf-014a27e8-s/user_logs/std_log.txt", "200", "404"): NO_BODIES,
        Listed("operations.result", "202", "200"): STILL_AT_WORK,
        Listed("operations.result", "202", "204"): STILL_AT_WORK,
    },
    "foundry": {
        Listed("DELETE /openai/v1/fine_tuning/checkpoints/*/permissions/cp_1", "200", "404"): NOT_OFFERED,
        Listed("GET /openai/v1/fine_tuning/checkpoints/*/permissions", "200", "404"): NOT_OFFERED,
        Listed("POST /openai/v1/fine_tuning/checkpoints/*/permissions", "200", "404"): NOT_OFFERED,
        Listed("DELETE /openai/v1/responses/*", "200", "404"): NO_BODIES,
        Listed("GET /openai/v1/responses/*", "200", "404"): NO_BODIES,
        Listed("GET /api/projects/*/openai/v1/models/*", "200", "404"): OTHER_DATA,
        Listed("GET /openai/models/*", "200", "404"): OTHER_DATA,
        Listed("GET /openai/v1/models/*", "200", "404"): OTHER_DATA,
        Listed("foundry.checkpoints.list", "200", "400"): ANY_OF_SEVERAL,
        Listed("foundry.files.list", "200", "400"): ANY_OF_SEVERAL,
        Listed("foundry.deployments.delete", "200", "202"): "the recording's server answered some deletions at once",
        Listed("foundry.files.create", "409", "200"): FAULT,
        Listed("foundry.files.list", "429", "200"): FAULT,
        Listed("foundry.jobs.create", "408", "200"): FAULT,
        Listed("foundry.jobs.create", "500", "200"): FAULT,
        Listed("foundry.jobs.cancel", "200", "400"): NO_JOB,
        Listed("foundry.jobs.pause", "200", "400"): NO_JOB,
        Listed("foundry.jobs.resume", "200", "400"): NO_JOB,
        Listed("foundry.uploads.complete", "200", "400"): "the checksum in the request is that of the data left out",
    },
    "maap": {
        Listed(RESULTS, "202", "200"): STILL_AT_WORK,
        Listed(RESULTS, "202", "204"): STILL_AT_WORK,
        Listed(
            STATUSES, "200", "404"
        ): "after a deletion the recording's server named a status to poll, and the mock a result",
        Listed("computes.create", "400", "201"): LARGER_QUOTA,
        Listed("online_deployments.put", "400", "201"): LARGER_QUOTA,
        Listed("online_deployments.delete", "204", "202"): LARGER_QUOTA,
        Listed("jobs.get", "200", "404"): NO_BODIES,
        Listed("models.create", "200", "400"): OTHER_DATA,
        Listed("models.create", "201", "400"): OTHER_DATA,
        Listed("models.get", "200", "404"): OTHER_DATA,
        Listed("models.get_container", "200", "404"): OTHER_DATA,
        Listed("models.list_versions", "200", "404"): OTHER_DATA,
    },
}

NO_VERSION = "the request lacks an api-version on purpose"

NOT_IN_THE_TABLE: Mapping[str, Mapping[str, str]] = {
    "azureml": {
        "endpoints.create status 404": "the workspace is missing on purpose",
        "workspaces.get status 404": "the workspace is missing on purpose",
        "workspaces.get status 400": NO_VERSION,
    },
    "foundry": {
        "foundry.checkpoints.list status 400": ANY_OF_SEVERAL,
        "foundry.files.list status 400": "v1 has no api-version, and one was sent on purpose",
        "foundry.files.create status 409": FAULT,
    },
    "maap": {
        "computes.list status 400": NO_VERSION,
        "models.list_versions status 400": "the model's name was given wrong on purpose",
        "online_endpoints.list status 400": NO_VERSION,
        "vm_sizes.list status 400": NO_VERSION,
    },
}
"""Answers that the contract does not have, by page: the operation and the status, and why they are no difference."""


@cache
def drifted(page: str) -> Drift:
    """Ask the mock server what a page recorded."""
    exchanges = recorded(page)
    seconds, quota = JOB_SECONDS[page], {"gpu": 1000}
    served = serve(clock="virtual", job_seconds=seconds, quota=quota, workspaces=["conf-ws"])
    with served as server, closing(BlockingWire(verify=TLS)) as wire:
        feeder = Feeder(wire, server.endpoint, server.advance)
        if page == "foundry":
            run(feeder.feed([PREPARED]))
        answered = run(feeder.feed(exchanges))
    return drift_between(exchanges, answered, names=("SDK", "mock"), same_requests=True)


def beyond_the_table(side: Side) -> set[str]:
    """Return what of a side is not as the contract says."""
    return {f"{one.difference.operation} {one.difference.where} {one.difference.found}" for one in side.deviations}


@pytest.mark.parametrize("page", LISTED)
def test_the_mock_answers_the_sdks_but_for_what_is_listed(page: str) -> None:
    found = {Listed(one.operation, one.left, one.right) for one in drifted(page).findings}
    assert found == LISTED[page].keys()


@pytest.mark.parametrize("page", LISTED)
def test_the_answers_are_as_the_contract_says(page: str) -> None:
    drift = drifted(page)
    assert beyond_the_table(drift.left) | beyond_the_table(drift.right) == NOT_IN_THE_TABLE[page].keys()
