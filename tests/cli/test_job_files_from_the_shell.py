"""Job files: create, override, dry run, and export from a job."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_bad_input_ends_with_its_code import refused

Write = Callable[[str, Sequence[str]], str]
PINNED = f"azureml://registries/azureml/models/{MODEL}/versions/1"
AZ = ["type: finetuning", "name: ft-az", "task: chat_completion", f"model: {{path: {PINNED}, type: mlflow_model}}"]


def put(server: Server) -> list[Any]:
    """The PUT requests."""
    return [entry for entry in server.requests() if entry["method"] in {"PUT", "PATCH", "DELETE"}]


@pytest.fixture
def file(write: Write, train: str) -> str:
    """A job file in its own folder, with its data beside it."""
    del train
    Path("jobs").mkdir()
    Path("train.jsonl").rename("jobs/train.jsonl")
    lines = [f"model: {MODEL}", "training_data: train.jsonl", "name: ft-${RUN:-1}", "epochs: 2", "tags: {team: shop}"]
    return write("jobs/job.yaml", [*lines, "hyperparameters:", "  learning_rate: 1e-4"])


def test_a_job_file_makes_a_job_of_data_beside_it(maas: Shell, file: str) -> None:
    job = json.loads(maas.done("jobs", "create", "-f", file, "--output", "json"))
    assert (job["name"], job["model"], job["tags"]) == ("ft-1", MODEL, {"team": "shop"})
    assert job["hyperparameters"] == {"learning_rate": "0.0001", "num_train_epochs": "2"}


def test_the_printed_schema_is_the_published_one(maas: Shell, server: Server) -> None:
    published = json.loads((Path(__file__).parents[2] / "docs" / "job.schema.json").read_text("utf-8"))
    assert json.loads(maas.done("jobs", "schema")) == published
    assert server.requests() == []


def test_the_command_line_reports_all_mistakes_at_once(maas: Shell, server: Server, write: Write) -> None:
    result = maas("jobs", "create", "-f", write("job.yaml", ["modl: m", "task: cat", "epochs: -1"]))
    assert (result.exit_code, result.stdout) == (2, "")
    first, *lines = result.stderr.splitlines()
    assert first == "error: 3 mistakes in job.yaml:"
    assert [line.partition(": ")[0] for line in lines] == [f"job.yaml:{number}" for number in (1, 2, 3)]
    assert server.requests() == []


def test_set_wins_over_the_file_and_options_over_both(maas: Shell, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN", "7")
    words = ["--set", "hyperparameters.learning_rate=2e-4", "--set", "hyperparameters.max_seq_length=512", "--set"]
    words += ["tags.team=lab", "--epochs", "3", "--tag", "a=b", "--hyperparameter", "max_seq_length=256"]
    job = json.loads(maas.done("jobs", "create", "-f", file, *words, "--output", "json"))
    assert job["name"] == "ft-7"
    assert job["tags"] == {"team": "lab", "a": "b"}
    assert job["hyperparameters"] == {
        "learning_rate": "0.0002",
        "num_train_epochs": "3",
        "max_seq_length": "256",
    }


def test_a_job_that_exists_already_is_reported(maas: Shell, server: Server, file: str) -> None:
    first = maas("jobs", "create", "-f", file, "--output", "json")
    assert json.loads(first.stdout)["created"] is True
    assert "exists already" not in first.stderr
    table = maas("jobs", "create", "-f", file)
    assert table.exit_code == 0
    assert re.search(r"job 'ft-1' exists already \(NotStarted, created 20\S+Z\); nothing was created", table.stderr)
    assert "next: maas jobs watch ft-1" in table.stderr
    server.advance(601)
    again = maas("jobs", "create", "-f", file, "--output", "json")
    assert json.loads(again.stdout)["created"] is False
    assert "(Completed, created " in again.stderr
    assert "next: maas deploy ft-1" in again.stderr
    assert len(json.loads(maas.done("jobs", "list", "--output", "json"))) == 1


def test_ctrl_c_during_create_of_a_file_repeats_the_command(maas: Shell, server: Server, file: str) -> None:
    server.fault(operation="jobs.create", status=503, count=1)
    maas.interrupt_at = 0.0
    create = ["jobs", "create", "-f", file, "--set", "name=", "--output", "json"]
    result = maas(*create)
    assert result.exit_code == 130
    assert "the same command never creates a second" in result.stderr
    assert f"resume with: maas jobs create --file {file} --set name=" in result.stderr
    maas.interrupt_at = float("inf")
    names = [json.loads(maas.done(*create))["name"] for _ in range(2)]
    assert names[0] == names[1]


def test_a_job_without_a_file_or_a_name_is_a_new_one(maas: Shell, train: str) -> None:
    words = ["jobs", "create", "--model", MODEL, "--training-data", train, "--output", "json"]
    found = [json.loads(maas.done(*words)) for _ in range(2)]
    assert [job["created"] for job in found] == [True, True]
    assert found[0]["name"] != found[1]["name"]


def test_an_az_ml_file_creates_the_job_and_lists_ignored_keys(maas: Shell, write: Write, train: str) -> None:
    lines = ["type: finetuning", "description: x", "name: ft-az", "task: chat_completion", "model_provider: custom"]
    lines += ["model:", f"  path: {PINNED}", "  type: mlflow_model", f"training_data: {train}"]
    lines += ["hyperparameters: {num_train_epochs: '2'}", "outputs:", "  registered_model: {name: shop-model}"]
    result = maas("jobs", "create", "-f", write("az.yaml", lines), "--output", "json")
    assert result.exit_code == 0, result.output
    job = json.loads(result.stdout)
    assert (job["name"], job["model_id"], job["hyperparameters"]) == ("ft-az", PINNED, {"num_train_epochs": "2"})
    assert job["output_model"].startswith("shop-model")
    assert "ignored keys of the job file: description (az.yaml:2)" in result.stderr


AXOLOTL = [
    *("base_model: microsoft/Phi-4-mini-instruct", "adapter: qlora", "load_in_4bit: true", "lora_r: 8"),
    *("num_epochs: 2", "micro_batch_size: 1", "learning_rate: 1e-4", "sample_packing: true", "output_dir: out"),
    "datasets: [{path: train.jsonl, type: chat_template}]",
]


def test_an_axolotl_configuration_creates_a_job(maas: Shell, write: Write, train: str) -> None:
    del train
    file = write("axolotl.yaml", AXOLOTL)
    result = maas("jobs", "create", "-f", file, "--name", "ft-x", "--output", "json")
    assert result.exit_code == 0, result.output
    job = json.loads(result.stdout)
    assert job["model"] == MODEL
    assert job["hyperparameters"] == {
        "num_train_epochs": "2",
        "per_device_train_batch_size": "1",
        "learning_rate": "0.0001",
    }
    for line in (
        "ignored keys of axolotl.yaml, a configuration of axolotl: output_dir (axolotl.yaml:9)",
        "  sample_packing (axolotl.yaml:8): rows are not packed: a step has fewer of them",
        "keys that the service does not follow: adapter: Azure trains LoRA in 16 bits; `maas export` keeps QLoRA",
        "  lora_r (axolotl.yaml:4): serverless fine-tuning chooses it; compute of your own takes it",
    ):
        assert line in result.stderr.splitlines()


def test_a_configuration_without_a_known_model_needs_one(maas: Shell, write: Write, server: Server, train: str) -> None:
    del train
    file = write("axolotl.yaml", ["base_model: me/mine", *AXOLOTL[1:]])
    result = maas("jobs", "create", "-f", file)
    refused(result, 2, "Missing option '--model'", "base_model (axolotl.yaml:1): 'me/mine' is in neither catalogue")
    assert server.requests() == []
    assert maas("jobs", "create", "-f", file, "--model", MODEL, "--dry-run").exit_code == 0
    assert maas("run", "-f", file, "--set", f"model={MODEL}", "--dry-run").exit_code == 0


def test_an_invalid_file_exits_with_2_and_names_the_line(maas: Shell, server: Server, write: Write) -> None:
    refused(maas("jobs", "create", "-f", write("job.yaml", ["model: m", "modl: n"])), 2, "job.yaml:2:", "'model'?")
    refused(maas("jobs", "create", "-f", write("job.json", ['{"name": "x"}'])), 2, "'--model'", "`model`")
    refused(maas("jobs", "create", "--set", "a=b"), 2, "requires a job file (-f)")
    assert server.requests() == []


def test_several_values_require_a_sweep(maas: Shell, server: Server, file: str) -> None:
    result = maas("jobs", "create", "-f", file, "--set", "epochs=[1, 2]")
    refused(result, 2, "num_train_epochs", "--sweep", "sweep: true")
    assert server.requests() == []


def test_a_dry_run_prints_what_is_then_sent(maas: Shell, server: Server, file: str) -> None:
    planned = json.loads(maas.done("jobs", "create", "-f", file, "--dry-run", "--output", "json"))
    assert put(server) == []
    assert planned["method"] == "PUT"
    assert planned["headers"]["Authorization"] == "Bearer ***"
    assert "/jobs/ft-1?api-version=" in planned["url"]
    job = json.loads(maas.done("jobs", "create", "-f", file, "--output", "json"))
    raw = json.loads(maas.done("jobs", "show", "ft-1", "--output", "json"))
    fingerprint = "maas_client.fingerprint"
    assert planned["body"]["properties"]["properties"][fingerprint] == raw["properties"][fingerprint]
    assert planned["body"]["properties"]["fineTuningDetails"]["trainingData"]["uri"] == job["training_data"]


def test_a_dry_run_over_ids_sends_nothing_at_all(maas: Shell, server: Server) -> None:
    words = [
        "--model",
        PINNED,
        "--training-data",
        "shop:1",
        "--validation-data",
        "azureml://datastores/d/paths/v.jsonl",
    ]
    result = maas("jobs", "create", *words, "--dry-run", "--name", "ft-1")
    assert result.exit_code == 0, result.output
    assert server.requests() == []
    first, *headers = result.stdout.split("\n\n")[0].splitlines()
    assert first.startswith(f"PUT {server.endpoint}/subscriptions/sub/")
    assert "Content-Type: application/json" in headers
    body = json.loads(result.stdout.partition("\n\n")[2])
    assert body["properties"]["fineTuningDetails"]["trainingData"]["uri"].endswith("/data/shop/versions/1")
    assert "dry run: nothing was created or changed" in result.stderr


def test_a_dry_run_names_the_version_of_a_label(maas: Shell, server: Server, write: Write, train: str) -> None:
    words = ("jobs", "create", "-f", write("az.yaml", [*AZ, "training_data: azureml:news@latest"]), "--dry-run")
    refused(maas(*words), 3, "no data asset 'news' in workspace 'work'", "try: maas datasets list")
    maas.done("upload", train, "--name", "news")
    before = len(put(server))
    result = maas(*words, "--output", "json")
    uri = json.loads(result.stdout)["body"]["properties"]["fineTuningDetails"]["trainingData"]["uri"]
    assert "/data/news/versions/" in uri
    assert f"azureml:news@latest is version {uri.rpartition('/')[2]}, as read from the workspace" in result.stderr
    assert len(put(server)) == before


def test_a_dry_run_sends_uris_unchanged(maas: Shell, server: Server, write: Write) -> None:
    uris = ["wasbs://c@s.blob.core.windows.net/a//x.jsonl", "https://s.blob.core.windows.net/c/x.jsonl"]
    file = write("az.yaml", [*AZ, f"training_data: {uris[0]}", f"validation_data: {{path: '{uris[1]}'}}"])
    details = json.loads(maas.done("jobs", "create", "-f", file, "--dry-run", "--output", "json"))["body"]["properties"]
    assert [details["fineTuningDetails"][key]["uri"] for key in ("trainingData", "validationData")] == uris
    assert server.requests() == []


def test_a_url_cannot_be_checked_in_a_dry_run(maas: Shell, server: Server, write: Write) -> None:
    file = write("own.yaml", [f"model: {PINNED}", "training_data: https://s.blob.core.windows.net/c/x.jsonl"])
    refused(maas("jobs", "create", "-f", file, "--dry-run"), 2, "data at a URL cannot be checked", "maas copy URL")
    assert server.requests() == []


def test_a_dry_run_warns_of_a_retired_model(maas: Shell) -> None:
    model = "azureml://registries/azureml/models/Phi-3-mini-4k-instruct/versions/14"
    result = maas("jobs", "create", "--model", model, "--training-data", "shop:1", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "The registry decides whether it is accepted anyway." in result.stderr


def test_a_dry_run_refuses_what_the_service_would(maas: Shell, write: Write, rows: list[str]) -> None:
    nine = write("nine.jsonl", rows[:9])
    refused(maas("jobs", "create", "--model", MODEL, "--training-data", nine, "--dry-run"), 6, "9 of 9 rows")


def test_a_job_is_shown_as_a_file_that_makes_the_same_job(
    maas: Shell, file: str, server: Server, validation: str
) -> None:
    server.set_quota({"gpu": 24})
    maas.done("computes", "create", "gpus", "--size", "Standard_NC24ads_A100_v4")
    words = ["--compute", "gpus", "--instance-type", "Standard_NC24ads_A100_v4", "--job-tier", "Spot", "--experiment"]
    words += ["shop", "--display-name", "Shop: ${1} # 'x'", "--output-name", "shop-model", "--hyperparameter", "seed=3"]
    maas.done("jobs", "create", "-f", file, *words, "--validation-data", validation)
    Path("again.yaml").write_text(maas.done("jobs", "show", "ft-1", "--output", "yaml"), "utf-8")
    before = len(put(server))
    assert json.loads(maas.done("jobs", "create", "-f", "again.yaml", "--output", "json"))["name"] == "ft-1"
    assert len(put(server)) == before
    maas.done("jobs", "create", "-f", "again.yaml", "--name", "ft-2", "--set", "output_name=shop-model")
    first, second = (json.loads(maas.done("jobs", "show", name, "--output", "json")) for name in ("ft-1", "ft-2"))
    fresh = {"name", "id", "created_at", "output_model", "studio_url", "raw"}
    assert {k: v for k, v in first.items() if k not in fresh} == {k: v for k, v in second.items() if k not in fresh}


def test_a_small_job_is_a_small_file(maas: Shell, job: str) -> None:
    lines = maas.done("jobs", "show", job, "--output", "yaml").splitlines()
    assert lines[0].startswith("# yaml-language-server: $schema=")
    assert [line.partition(":")[0] for line in lines[1:]] == ["name", "model", "task", "training_data"]


def test_wait_can_be_set_in_the_file(maas: Shell, file: str) -> None:
    done = maas.done("jobs", "create", "-f", file, "--set", "wait=true", "--output", "json")
    assert json.loads(done)["status"] == "Completed"


def test_max_cost_can_be_set_in_the_file(maas: Shell, file: str, server: Server, write: Write) -> None:
    write("jobs/prices.toml", [f'[models."{MODEL}"]', "training_per_million_tokens = 1e6", 'currency = "USD"'])
    budget = ["--set", "max_cost=1"]
    refused(maas("jobs", "create", "-f", file, *budget), 2, "--max-cost requires --prices")
    result = maas("jobs", "create", "-f", file, *budget, "--prices", "jobs/prices.toml")
    refused(result, 1, "more than --max-cost 1.00")
    refused(maas("jobs", "create", "-f", file, "--max-cost", "0", "--prices", "jobs/prices.toml"), 1, "--max-cost 0.00")
    assert put(server) == []
