"""azure-ai-ml: a fine-tuning job from its creation to its model, and every other end it can have."""

from pathlib import Path

import pytest
from azure.ai.ml.constants import ListViewType
from azure.ai.ml.exceptions import JobException
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from tests.judges.sdk import GROUP, SUBSCRIPTION, WORKSPACE, Microsoft

HOUR = 3600.0


@pytest.fixture
def data(microsoft: Microsoft, train: Path) -> str:
    """Give the id of an uploaded data set."""
    return str(microsoft.upload(train).id)


def test_a_job_comes_back_with_everything_it_was_given(microsoft: Microsoft, data: str) -> None:
    made = microsoft.submit(data)
    found = microsoft.ml.jobs.get("job")
    for job in (made, found):
        assert (job.name, job.display_name, job.experiment_name) == ("job", "job to show", "trial")
        assert (job.type, str(job.status)) == ("finetuning", "JobStatus.NOT_STARTED")
        assert (job.tags["team"], job.properties["note"]) == ("bench", "kept")
    assert [entry["status"] for entry in microsoft.asked("jobs.create")] == [201]
    assert len(microsoft.asked("jobs.get")) == 2


def test_a_job_with_compute_keeps_its_instance_types_and_tier(microsoft: Microsoft, data: str) -> None:
    microsoft.cluster("cluster")
    microsoft.submit(data, compute="cluster", instance_types=["Standard_NC24ads_A100_v4"], job_tier="Standard")
    job = microsoft.ml.jobs.get("job")
    assert job.resources.instance_types == ["Standard_NC24ads_A100_v4"]
    assert job.queue_settings.job_tier.lower() == "standard"
    assert job.compute == "cluster"


def test_a_completed_job_names_the_model_that_it_registered(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    microsoft.server.advance(HOUR)
    job = microsoft.ml.jobs.get("job")
    assert str(job.status) == "JobStatus.COMPLETED"
    name = job.outputs["registered_model"].name
    model = microsoft.ml.models.get(name, version="1")
    assert (model.name, model.version, model.type, model.job_name) == ("tuned", "1", "mlflow_model", "job")
    assert microsoft.ml.models.get(name, label="latest").id == model.id
    assert [found.version for found in microsoft.ml.models.list(name)] == ["1"]


def test_a_list_of_several_pages_has_every_job_newest_first(microsoft: Microsoft, data: str) -> None:
    for number in range(5):
        microsoft.submit(data, f"job{number}")
    assert [job.name for job in microsoft.ml.jobs.list()] == [f"job{number}" for number in (4, 3, 2, 1, 0)]
    assert [entry["status"] for entry in microsoft.asked("jobs.list")] == [200, 200, 200]


def test_a_list_by_tag_has_only_what_carries_it(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    assert [job.name for job in microsoft.ml.jobs.list(tag="team")] == ["job"]
    assert list(microsoft.ml.jobs.list(tag="other")) == []


def test_a_job_is_streamed_to_its_end(microsoft: Microsoft, data: str, capsys: pytest.CaptureFixture[str]) -> None:
    microsoft.submit(data)
    microsoft.ml.jobs.stream("job")
    printed = capsys.readouterr().out
    assert "Streaming user_logs/std_log.txt" in printed
    assert printed.count("step 40: loss") == 1
    assert "Execution Summary" in printed


def test_the_stream_of_a_failed_job_raises_with_the_reason(microsoft: Microsoft, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text("this is no JSON\n" * 20)
    microsoft.submit(str(microsoft.upload(wrong, "wrong").id))
    with pytest.raises(JobException) as caught:
        microsoft.ml.jobs.stream("job")
    assert '"code": "UserError"' in str(caught.value)
    assert str(microsoft.ml.jobs.get("job").status) == "JobStatus.FAILED"


def test_a_canceled_job_is_canceled_when_the_poller_is_done(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    microsoft.server.advance(10)
    assert microsoft.ml.jobs.begin_cancel("job").result() is None
    assert [entry["status"] for entry in microsoft.asked("operations.result")][-1] == 204
    assert str(microsoft.ml.jobs.get("job").status) == "JobStatus.CANCELED"


def test_a_completed_job_cannot_be_canceled(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    microsoft.server.advance(HOUR)
    with pytest.raises(HttpResponseError) as caught:
        microsoft.ml.jobs.begin_cancel("job")
    assert caught.value.error is not None
    assert caught.value.error.code == "UserError"


def test_an_archived_job_is_listed_as_archived_until_restored(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)

    def listed(view: str) -> list[str | None]:
        return [job.name for job in microsoft.ml.jobs.list(list_view_type=view)]

    views = (ListViewType.ACTIVE_ONLY, ListViewType.ARCHIVED_ONLY, ListViewType.ALL)
    microsoft.ml.jobs.archive("job")
    assert [listed(view) for view in views] == [[], ["job"], ["job"]]
    microsoft.ml.jobs.restore("job")
    assert [listed(view) for view in views] == [["job"], [], ["job"]]


def test_notes_of_a_fetched_job_are_changed_through_run_history(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    job = microsoft.ml.jobs.get("job")
    job.display_name = "another"
    microsoft.ml.jobs.create_or_update(job)
    assert microsoft.ml.jobs.get("job").display_name == "another"
    assert [entry["status"] for entry in microsoft.asked("history.update")] == [200]


# azure-ai-ml lists blobs with one release of azure-storage-blob and asks for them in the manner of an older one.
@pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance for param blob:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated:DeprecationWarning")
def test_the_log_and_the_model_of_a_job_can_be_downloaded(microsoft: Microsoft, data: str, tmp_path: Path) -> None:
    microsoft.submit(data)
    microsoft.server.advance(HOUR)
    microsoft.ml.jobs.download("job", download_path=tmp_path, all=True)
    log = tmp_path / "artifacts" / "user_logs" / "std_log.txt"
    assert "step 40: loss" in log.read_text()
    microsoft.ml.models.download("tuned", "1", download_path=tmp_path)
    assert {path.name for path in tmp_path.rglob("*")} >= {"MLmodel", "adapter_config.json"}


def test_a_download_before_the_end_is_refused_by_the_sdk_itself(
    microsoft: Microsoft, data: str, tmp_path: Path
) -> None:
    microsoft.submit(data)
    with pytest.raises(JobException, match="Download is allowed only in states"):
        microsoft.ml.jobs.download("job", download_path=tmp_path)


def test_a_run_s_metrics_are_read_through_the_sdk_s_own_client(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    microsoft.server.advance(HOUR)
    run = (SUBSCRIPTION, GROUP, WORKSPACE, "job")
    client = microsoft.metrics()
    names = [metric["metricKey"]["name"] for metric in client.list_metric(*run, body={})["value"]]
    assert {"loss", "learning_rate", "eval_loss"} <= set(names)
    full = client.get_full_fidelity_metric(*run, body={"metricName": "loss"})
    curve = [point["data"]["loss"] for point in full["value"]]
    assert [point["step"] for point in full["value"]] == [10, 20, 30, 40]
    assert curve[0] > curve[-1] > 0
    assert client.get_sampled_metric(*run, body={"metricName": "loss"})["name"] == "loss"


def test_a_missing_job_is_not_found_with_azure_s_text(microsoft: Microsoft) -> None:
    for ask in (microsoft.ml.jobs.get, microsoft.ml.jobs.begin_cancel):
        with pytest.raises(ResourceNotFoundError) as caught:
            ask("absent")
        assert caught.value.error is not None
        assert (caught.value.error.code, caught.value.error.message) == ("UserError", "Run absent was not found.")


def test_another_job_of_the_same_name_is_a_resource_exists_error(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    microsoft.cluster("cluster")
    with pytest.raises(ResourceExistsError, match="already exists"):
        microsoft.submit(data, compute="cluster")


def test_a_job_without_its_data_is_refused_with_azure_s_text(microsoft: Microsoft) -> None:
    with pytest.raises(HttpResponseError, match=r"absent:1 \(dataContainerName:version\) not found"):
        microsoft.submit("azureml:absent:1")


def test_a_deleted_job_is_gone(microsoft: Microsoft, data: str) -> None:
    microsoft.submit(data)
    microsoft.server.advance(HOUR)
    microsoft.ml.jobs.begin_delete("job").result()
    with pytest.raises(ResourceNotFoundError):
        microsoft.ml.jobs.get("job")
