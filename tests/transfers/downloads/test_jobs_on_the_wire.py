"""Downloads of what a job has made: its model and its log, where azure-ai-ml would put them."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from maas_client import InvalidInput, Job, JobStatus, MaasError, NotFound, UnexpectedReply, UntrustedHost
from maas_client.client import Resources
from maas_client.jobs.files import ARTIFACTS, OUTPUTS
from mock_server.server import Server
from tests.transfers.downloads.conftest import CONTENT, Store, left_in

LOG = f"{ARTIFACTS}/user_logs/std_log.txt"
MODEL = f"{OUTPUTS}/registered_model"
EVERYTHING = {LOG, f"{MODEL}/MLmodel", f"{MODEL}/adapter/adapter_config.json"}

Submit = Callable[..., Awaitable[Job]]


@pytest.fixture
def submit(maas: Resources, tmp_path: Path) -> Submit:
    """Create a job that trains on twelve rows."""
    file = tmp_path / "train.jsonl"
    turns = [{"role": "user", "content": "question"}, {"role": "assistant", "content": "answer"}]
    file.write_text("".join(json.dumps({"id": n, "messages": turns}) + "\n" for n in range(12)), "utf-8")

    async def create() -> Job:
        return await maas.jobs.create(model="Phi-3-mini-4k-instruct", training_data=file)

    return create


@pytest.fixture
def completed(maas: Resources, submit: Submit) -> Submit:
    """Train to the end."""

    async def train() -> Job:
        return await maas.jobs.wait((await submit()).name)

    return train


async def test_a_completed_job_comes_with_its_model_and_its_log(
    maas: Resources, completed: Submit, tmp_path: Path
) -> None:
    job = await completed()
    brought = await maas.jobs.download(job.name, tmp_path / "out")
    assert left_in(tmp_path / "out") == EVERYTHING
    assert [file.name for file in brought.files] == sorted(EVERYTHING)
    assert "base_model_name_or_path" in (tmp_path / "out" / MODEL / "adapter/adapter_config.json").read_text()
    lines = [line async for line in maas.jobs.logs(job.name)]
    assert (tmp_path / "out" / LOG).read_text().splitlines() == lines


async def test_the_same_again_fetches_nothing(maas: Resources, completed: Submit, tmp_path: Path, store: Store) -> None:
    job = await completed()
    first = await maas.jobs.download(job.name, tmp_path / "out")
    before = len(store.asked())
    second = await maas.jobs.download(job.name, tmp_path / "out")
    assert (second.fetched, second.size, len(store.asked())) == (0, first.size, before)


@pytest.mark.parametrize(
    ("outputs", "logs", "there"),
    [
        ((), True, {LOG}),
        ("registered_model", False, EVERYTHING - {LOG}),
        (["registered_model"], True, EVERYTHING),
        (None, False, EVERYTHING - {LOG}),
    ],
)
async def test_only_what_is_asked_for_comes(
    maas: Resources,
    completed: Submit,
    tmp_path: Path,
    outputs: str | Sequence[str] | None,
    logs: bool,
    there: set[str],
) -> None:
    job = await completed()
    await maas.jobs.download(job.name, tmp_path / "out", outputs=outputs, logs=logs)
    assert left_in(tmp_path / "out") == there


async def test_a_model_of_several_ranges_is_resumed(
    maas: Resources, maas_server: Server, completed: Submit, store: Store, tmp_path: Path
) -> None:
    job = await completed()
    store.put_in_blocks(f"azureml/{job.name}/registered_model/adapter/adapter_model.safetensors")
    maas_server.fault(operation="blob.get", path="safetensors", status=403, skip=9, count=None)
    with pytest.raises(Exception, match="403"):
        await maas.jobs.download(job.name, tmp_path / "out", parallel=1)
    maas_server.faults_clear()
    before = len(store.asked())
    await maas.jobs.download(job.name, tmp_path / "out")
    assert len(store.asked()) - before == 11
    assert (tmp_path / "out" / MODEL / "adapter/adapter_model.safetensors").read_bytes() == CONTENT


async def test_an_unknown_output_is_not_found_and_the_others_are_named(
    maas: Resources, completed: Submit, tmp_path: Path
) -> None:
    job = await completed()
    with pytest.raises(NotFound, match="its outputs are: 'registered_model'"):
        await maas.jobs.download(job.name, tmp_path / "out", outputs="model")
    assert left_in(tmp_path / "out") == set()


async def test_a_running_job_has_no_outputs_and_the_log_until_now(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path
) -> None:
    job = await submit()
    maas_server.advance(5)
    with pytest.raises(InvalidInput, match="its outputs are there when it has completed"):
        await maas.jobs.download(job.name, tmp_path / "out")
    await maas.jobs.download(job.name, tmp_path / "out", outputs=())
    until_now = (tmp_path / "out" / LOG).read_text()
    assert "Waiting in the queue" in until_now
    maas_server.advance(5)
    with pytest.raises(InvalidInput, match="already exists"):
        await maas.jobs.download(job.name, tmp_path / "out", outputs=())
    assert left_in(tmp_path / "out") == {LOG}
    await maas.jobs.download(job.name, tmp_path / "out", outputs=(), overwrite=True)
    assert (tmp_path / "out" / LOG).read_text().startswith(until_now)
    assert (tmp_path / "out" / LOG).read_text() != until_now


async def test_a_failed_job_has_its_log_and_can_be_downloaded_again(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path
) -> None:
    maas_server.fault(job="fail", reason="CUDA out of memory")
    job = await submit()
    maas_server.advance(3600)
    assert (await maas.jobs.get(job.name)).status == JobStatus.FAILED
    for _ in range(2):
        brought = await maas.jobs.download(job.name, tmp_path / "out")
        assert [file.name for file in brought.files] == [LOG]
    assert "CUDA out of memory" in (tmp_path / "out" / LOG).read_text()
    assert left_in(tmp_path / "out") == {LOG}
    with pytest.raises(NotFound, match="there is nothing at"):
        await maas.jobs.download(job.name, tmp_path / "out", outputs="registered_model")


@pytest.mark.parametrize("fault", [{"drop": "body"}, {"truncate": 10}, {"drop": "after"}, {"status": 503}])
async def test_a_truncated_log_is_fetched_again_from_its_beginning(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path, fault: dict[str, object]
) -> None:
    maas_server.fault(job="fail")
    job = await submit()
    maas_server.advance(3600)
    maas_server.fault(operation="history.log", count=3, **fault)
    await maas.jobs.download(job.name, tmp_path / "out")
    lines = [line async for line in maas.jobs.logs(job.name)]
    assert (tmp_path / "out" / LOG).read_text().splitlines() == lines


@pytest.mark.parametrize("fault", [{"drop": "body"}, {"status": 403}, {"status": 200, "drop": "after"}])
async def test_a_log_that_never_arrives_is_a_typed_error_and_no_file(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path, fault: dict[str, object]
) -> None:
    maas_server.fault(job="fail")
    job = await submit()
    maas_server.advance(3600)
    maas_server.fault(operation="history.log", count=None, **fault)
    with pytest.raises(MaasError, match="user_logs"):
        await maas.jobs.download(job.name, tmp_path / "out")
    assert left_in(tmp_path / "out") == set()


def details(**logs: str) -> dict[str, object]:
    """Run history's answer, with these log files."""
    return {"operation": "history.details", "status": 200, "body": {"status": "Failed", "logFiles": logs}}


async def test_a_log_on_another_host_is_not_asked_for(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path
) -> None:
    maas_server.fault(job="fail")
    job = await submit()
    maas_server.advance(3600)
    maas_server.fault(**details(log="https://evil.example/log?sig=x"))
    with pytest.raises(UntrustedHost):
        await maas.jobs.download(job.name, tmp_path / "out")
    assert left_in(tmp_path / "out") == set()


@pytest.mark.parametrize("name", ["../../.bashrc", "/etc/passwd", "C:\\x", "a/..", "nul"])
async def test_a_log_name_that_leaves_the_folder_is_rejected(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path, name: str
) -> None:
    maas_server.fault(job="fail")
    job = await submit()
    maas_server.advance(3600)
    maas_server.fault(**details(**{name: f"{maas_server.endpoint}/logs/x"}))
    with pytest.raises(UnexpectedReply, match="cannot be used as a local file name"):
        await maas.jobs.download(job.name, tmp_path / "out")
    assert left_in(tmp_path / "out") == set()


async def test_a_job_without_any_file_is_not_found(
    maas: Resources, maas_server: Server, submit: Submit, tmp_path: Path
) -> None:
    job = await submit()
    maas_server.fault(operation="history.details", status=200, body={"status": "NotStarted", "logFiles": {}})
    with pytest.raises(NotFound, match="it has no files yet"):
        await maas.jobs.download(job.name, tmp_path / "out", outputs=())


async def test_asking_for_nothing_is_refused(maas: Resources, completed: Submit, tmp_path: Path) -> None:
    job = await completed()
    with pytest.raises(InvalidInput, match="neither outputs nor logs"):
        await maas.jobs.download(job.name, tmp_path / "out", outputs=(), logs=False)


async def test_a_job_that_does_not_exist_is_not_found(maas: Resources, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nobody"):
        await maas.jobs.download("nobody", tmp_path / "out")


def shown(job: Job, **output: str) -> dict[str, object]:
    """The service's answer for a completed job with one output."""
    document = json.loads(json.dumps(job.raw))
    document["properties"]["outputs"] = {"tuned": {"jobOutputType": "mlflow_model", **output}}
    return {"operation": "jobs.get", "status": 200, "body": document}


async def test_an_output_is_found_by_its_uri_or_the_usual_path(
    maas: Resources, maas_server: Server, completed: Submit, store: Store, tmp_path: Path
) -> None:
    job = await completed()
    job = await maas.jobs.get(job.name)
    uri = store.put("elsewhere/weights.bin").removesuffix("/weights.bin")
    store.put(f"azureml/{job.name}/tuned/weights.bin", b"custom")
    maas_server.fault(**shown(job, uri=uri))
    await maas.jobs.download(job.name, tmp_path / "a", logs=False)
    assert (tmp_path / "a" / OUTPUTS / "tuned/weights.bin").read_bytes() == CONTENT
    maas_server.fault(**shown(job, assetName="absent", assetVersion="9"))
    await maas.jobs.download(job.name, tmp_path / "b", logs=False)
    assert (tmp_path / "b" / OUTPUTS / "tuned/weights.bin").read_bytes() == b"custom"


async def test_what_a_run_wrote_is_found_where_the_job_says(
    maas: Resources, maas_server: Server, completed: Submit, store: Store, tmp_path: Path
) -> None:
    job = await completed()
    uri = store.put("own/notes.txt", b"notes").removesuffix("/notes.txt")
    document = json.loads(json.dumps((await maas.jobs.get(job.name)).raw))
    document["properties"]["outputs"]["default"] = {"jobOutputType": "uri_folder", "uri": uri}
    maas_server.fault(operation="jobs.get", status=200, body=document)
    await maas.jobs.download(job.name, tmp_path / "out")
    assert left_in(tmp_path / "out") == EVERYTHING - {LOG} | {f"{ARTIFACTS}/notes.txt"}
