"""A job on one's own compute is checked before anything is sent: each reason with its number, and force."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from maas_client import DoesNotFit, JobSpec, NotFound
from maas_client.azure.settings import Settings
from maas_client.client import Resources
from mock_server.server import Server

MODEL = "Phi-3-mini-4k-instruct"
A100, T4, V100 = "Standard_NC24ads_A100_v4", "Standard_NC16as_T4_v3", "Standard_NC24rs_v3"


def sent(server: Server, operation: str) -> list[dict[str, Any]]:
    """The journal's entries for one operation."""
    return [entry for entry in server.requests() if entry["operation"] == operation]


def untouched(server: Server) -> bool:
    """Whether nothing was uploaded or created."""
    return not any(entry["method"] in {"PUT", "POST", "PATCH"} for entry in server.requests())


async def test_a_job_on_a_cluster_that_fits_is_created(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("gpu", size=A100)
    job = await maas.jobs.create(model=MODEL, training_data=rows, compute="gpu")
    assert sent(maas_server, "jobs.create")[0]["request_body"]["properties"]["computeId"] == "gpu"
    assert job.compute.endswith("gpu")


async def test_the_id_of_an_own_cluster_means_its_name(
    maas: Resources, maas_server: Server, rows: Path, settings: Settings
) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("gpu", size=A100)
    arm_id = f"{settings.workspace_path}/computes/gpu"
    await maas.jobs.create(model=MODEL, training_data=rows, compute=arm_id, name="ft-1")
    again = await maas.jobs.create(model=MODEL, training_data=rows, compute="gpu", name="ft-1")
    assert again.name == "ft-1"
    assert sent(maas_server, "jobs.create")[0]["request_body"]["properties"]["computeId"] == "gpu"


async def test_a_model_that_does_not_fit_is_refused_unsent(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("small", size=T4)
    before = len(maas_server.requests())
    whole = {"apply_lora": False}
    with pytest.raises(DoesNotFit, match=r"at least 57.8 GiB on its GPU, and .* has 16 GiB") as refused:
        await maas.jobs.create(model=MODEL, training_data=rows, compute="small", hyperparameters=whole)
    (reason,) = refused.value.reasons
    assert (reason.kind, reason.there) == ("memory", 16)
    assert {entry["method"] for entry in maas_server.requests()[before:]} == {"GET"}


async def test_force_sends_it_all_the_same(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("small", size=T4)
    whole = {"apply_lora": False}
    await maas.jobs.create(model=MODEL, training_data=rows, compute="small", hyperparameters=whole, force=True)
    assert len(sent(maas_server, "jobs.create")) == 1
    assert sent(maas_server, "vm_sizes.list") == []


async def test_an_unknown_cluster_is_refused_with_those_there_are(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("gpu-1", size=A100)
    before = len(maas_server.requests())
    with pytest.raises(NotFound, match=r"no cluster 'gpu-2'.*did you mean 'gpu-1'"):
        await maas.jobs.create(model=MODEL, training_data=rows, compute="gpu-2")
    assert {entry["method"] for entry in maas_server.requests()[before:]} == {"GET"}


async def test_machines_without_quota_are_refused_unsent(maas: Resources, maas_server: Server, rows: Path) -> None:
    with pytest.raises(DoesNotFit, match="has 0 of 0 vCPUs left, and 24 are needed for 1 x Standard_NC24ads"):
        await maas.jobs.create(model=MODEL, training_data=rows, instance_types=[A100, "Standard_E4s_v3"])
    assert untouched(maas_server)


async def test_one_size_that_fits_is_enough(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.set_quota({"gpu": 24})
    types = [T4, A100, "Standard_E4s_v3"]
    whole = {"apply_lora": False}
    await maas.jobs.create(model=MODEL, training_data=rows, instance_types=types, hyperparameters=whole)
    body = sent(maas_server, "jobs.create")[0]["request_body"]["properties"]
    assert body["resources"]["instanceTypes"] == types


async def test_a_retired_size_is_refused_with_its_day(maas: Resources, maas_server: Server, rows: Path) -> None:
    with pytest.raises(DoesNotFit, match="Standard_NC24rs_v3 was retired on 2025-09-30"):
        await maas.jobs.create(model=MODEL, training_data=rows, instance_types=[V100])
    assert untouched(maas_server)


async def test_low_priority_machines_have_a_quota_of_their_own(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    maas_server.set_quota({"lowpriority": 24})
    await maas.jobs.create(model=MODEL, training_data=rows, instance_types=[A100], job_tier="Spot")
    maas_server.set_quota({"lowpriority": 8})
    with pytest.raises(DoesNotFit, match="LowPriority"):
        await maas.jobs.create(model=MODEL, training_data=rows, instance_types=[A100], job_tier="Spot")


async def test_quota_that_is_used_is_a_warning(
    maas: Resources, maas_server: Server, rows: Path, caplog: pytest.LogCaptureFixture
) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("busy", size=A100, min_nodes=1)
    await maas.computes.create("gpu", size=A100)
    with caplog.at_level(logging.WARNING, "maas_client"):
        await maas.jobs.create(model=MODEL, training_data=rows, compute="gpu")
    assert "may have to wait: the quota" in caplog.text
    assert len(sent(maas_server, "jobs.create")) == 1


async def test_sizes_that_cannot_be_read_refuse_nothing(
    maas: Resources, maas_server: Server, rows: Path, caplog: pytest.LogCaptureFixture
) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("gpu", size=A100)
    maas_server.fault(operation="vm_sizes.list", status=403)
    with caplog.at_level(logging.WARNING, "maas_client"):
        await maas.jobs.create(model=MODEL, training_data=rows, compute="gpu")
    assert "not everything is checked" in caplog.text


async def test_a_job_that_exists_is_found_without_its_cluster(maas: Resources, maas_server: Server, rows: Path) -> None:
    maas_server.set_quota({"gpu": 24})
    await maas.computes.create("gpu", size=A100)
    spec = JobSpec(model=MODEL, training_data=rows, compute="gpu")
    first = await maas.workflow.run(spec)
    await maas.computes.delete("gpu")
    again = await maas.workflow.run(spec)
    assert again.job.name == first.job.name
    named = JobSpec(model=MODEL, training_data=rows, compute="gpu", name=first.job.name)
    with pytest.raises(NotFound, match="cluster 'gpu'"):
        await maas.workflow.run(JobSpec(model="Phi-4", training_data=rows, compute="gpu"))
    assert (await maas.workflow.create(named)).already
