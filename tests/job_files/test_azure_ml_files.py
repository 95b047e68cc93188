"""az ml files: data by label and URI, expressions, and files that describe something other than a fine-tuning job."""

from __future__ import annotations

from pathlib import Path

import pytest

from maas_client import InvalidInput
from maas_client.job_files.azure_ml_kinds import refuse_other_kinds
from maas_client.job_files.job_file import JobFile
from maas_client.job_files.mistakes import Mistakes
from maas_client.job_files.yaml_reader import read_yaml
from maas_client.jobs.data_reference import ServiceUri, asset_in, check_complete, latest_asset_in, without_prefix

SCHEMAS = "https://azuremlschemas.azureedge.net/latest"
ARM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/data/news/versions/2"


def az(folder: Path, *lines: str) -> JobFile:
    """Read an az ml fine-tuning file whose last lines are given."""
    head = ["type: finetuning", "model: {path: azureml://registries/azureml/models/Phi-4/versions/1}", *lines]
    (folder / "job.yml").write_text("\n".join(head), "utf-8")
    return JobFile.read(folder / "job.yml", environ={})


def own(folder: Path, line: str) -> JobFile:
    """Read a file in our own format."""
    (folder / "own.yaml").write_text(f"model: Phi-4\n{line}\n", "utf-8")
    return JobFile.read(folder / "own.yaml", environ={})


def refusal(folder: Path, *lines: str) -> str:
    """Return what is said of a refused file, without its folder."""
    (folder / "job.yml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(InvalidInput) as caught:
        JobFile.read(folder / "job.yml", environ={})
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    "uri",
    [
        "https://store.blob.core.windows.net/news/2026/rows.jsonl",
        "http://example.org/rows.jsonl?version=3",
        "wasbs://news@store.blob.core.windows.net/rows.jsonl",
        "wasb://news@store.blob.core.windows.net/rows.jsonl",
        "abfss://news@store.dfs.core.windows.net/a//b/rows.jsonl",
        "adl://store.azuredatalakestore.net/rows.jsonl",
        "s3://bucket/rows.jsonl",
    ],
)
def test_a_uri_is_sent_as_az_ml_sends_it(tmp_path: Path, uri: str) -> None:
    for lines in ([f"training_data: {uri}"], ["training_data:", f"  path: {uri}", "  type: uri_file"]):
        data = az(tmp_path, *lines).spec().training_data
        assert isinstance(data, ServiceUri)
        assert data == uri


@pytest.mark.parametrize(
    "uri", ["https://store.blob.core.windows.net/c/x.jsonl?sv=2024&Sig=c2VjcmV0LXNpZ24", "https://u:pass-word@host/x"]
)
def test_a_signed_uri_is_refused_and_not_repeated(tmp_path: Path, uri: str) -> None:
    with pytest.raises(
        InvalidInput, match=r"job\.yml:3: a signed URL would be stored in the job.*`maas copy"
    ) as caught:
        az(tmp_path, f"training_data: {uri}")
    assert not any(part in str(caught.value) for part in ("c2VjcmV0", "pass-word"))


@pytest.mark.parametrize("uri", ["https://example.org/rows.jsonl", "s3://bucket/x", "file:///x"])
def test_a_url_in_our_own_format_is_kept_whole(tmp_path: Path, uri: str) -> None:
    data = own(tmp_path, f"training_data: {uri}").training_data
    assert data == uri
    assert not isinstance(data, ServiceUri)


@pytest.mark.parametrize("scheme", ["wasb", "wasbs", "abfs", "abfss", "adl"])
def test_a_uri_of_azure_storage_is_sent_in_either_format(tmp_path: Path, scheme: str) -> None:
    uri = f"{scheme}://news@store.dfs.core.windows.net/rows.jsonl"
    assert isinstance(own(tmp_path, f"training_data: {uri}").training_data, ServiceUri)
    with pytest.raises(InvalidInput, match=r"own\.yaml:2: a signed URL would be stored in the job"):
        own(tmp_path, f"training_data: '{uri}?sig=c2VjcmV0LXNpZ24'")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("azureml:news@latest", "azureml:news@latest"),
        ("news@latest", "news@latest"),
        ("azureml:news:2", "azureml:news:2"),
        (f"azureml:{ARM}", ARM),
        ("azureml://datastores/d/paths/a//x.jsonl", "azureml://datastores/d/paths/a//x.jsonl"),
        ("azureml://registries/r/data/news/versions/1", "azureml://registries/r/data/news/versions/1"),
    ],
)
def test_names_of_data_are_read_in_both_formats(tmp_path: Path, written: str, read: str) -> None:
    assert az(tmp_path, f"training_data: {written}").training_data == read
    assert az(tmp_path, f"training_data: {{path: '{written}', type: uri_file}}").training_data == read
    assert own(tmp_path, f"training_data: '{written}'").training_data == read


def test_an_existing_file_precedes_a_label(tmp_path: Path) -> None:
    (tmp_path / "news@latest").touch()
    assert own(tmp_path, "training_data: news@latest").training_data == str(tmp_path / "news@latest")
    assert own(tmp_path, "training_data: rows@v2.jsonl").training_data == str(tmp_path / "rows@v2.jsonl")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("training_data: azureml:news@prod", "job.yml:3: the label 'prod' of data asset 'news' cannot be resolved"),
        ("validation_data: {path: azureml:news@v1}", "job.yml:3: the label 'v1' of data asset 'news'"),
        ("training_data: azureml:news", "job.yml:3: 'azureml:news' does not name data: write azureml:NAME:VERSION"),
        ("training_data: azureml:/news/rows.jsonl", "job.yml:3: 'azureml:/news/rows.jsonl' does not name data"),
        ("training_data: ${{parent.inputs.rows}}", "job.yml:3: ${{parent.inputs.rows}} is an expression of az ml"),
        ("display_name: ${{name", "job.yml:3: `${{` starts an expression of az ml, but `}}` is missing"),
    ],
)
def test_data_that_cannot_be_named_so_is_refused(tmp_path: Path, line: str, words: str) -> None:
    found = refusal(tmp_path, "type: finetuning", "model: {path: Phi-4}", line)
    assert found.startswith(words)
    assert "$${" not in found


def test_a_label_of_a_workspace_model_is_refused(tmp_path: Path) -> None:
    found = refusal(tmp_path, "type: finetuning", "model: {path: 'azureml:tuned@latest'}")
    assert "write azureml:tuned:VERSION" in found


def test_an_expression_of_az_ml_is_left_to_the_service(tmp_path: Path) -> None:
    job = az(tmp_path, "display_name: tuned ${{name}}", "tags: {run: '${{name}}-${TEAM:-shop}', a: '$${{b}}'}")
    assert (job.display_name, job.tags) == ("tuned ${{name}}", {"run": "${{name}}-shop", "a": "${{b}}"})


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("distillation", "it is a distillation job, in which a teacher model generates the training data"),
        ("pipeline", "it is a pipeline, which may contain fine-tuning jobs but is not one"),
        ("command", "it is a command job"),
        ("sweep", "it is a sweep over command jobs (`maas sweep`"),
        ("automl", "it is an automated ML job"),
        ("spark", "it is a Spark job"),
        ("parallel", "it is a parallel job"),
        ("data_transfer", "it is a data transfer job"),
        ("uri_file", "it is a data asset (`maas upload` creates one)"),
        ("mlflow_model", "it is a model asset"),
        ("azure_blob", "it is a datastore"),
        ("amlcompute", "it is a compute target"),
        ("model", "it is a batch deployment of a model"),
    ],
)
def test_another_type_is_named_before_its_keys_are_read(tmp_path: Path, type_: str, kind: str) -> None:
    found = refusal(tmp_path, "name: x", f"type: {type_}", "command: run ${{inputs.a}} ${NOWHERE}", "jobs: {a: {b: 1}}")
    assert found.startswith(f"job.yml:2: `type: {type_}` is not a fine-tuning job: {kind}")
    assert "$${" not in found


def test_an_unknown_type_is_refused_without_a_guess(tmp_path: Path) -> None:
    assert refusal(tmp_path, "type: quantum").startswith("job.yml:1: `type: quantum` is not a fine-tuning job. Only")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["$schema: {}/managedOnlineEndpoint.schema.json", "auth_mode: key"], "that of a managed online endpoint"),
        (
            ["$schema: {}/commandComponent.schema.json", "type: command"],
            "`type: command` is not a fine-tuning job: it is",
        ),
        (["$schema: {}/sweepJob.schema.json", "type: sweep"], "it is a sweep over command jobs (`maas sweep` runs one"),
        (["$schema: {}/batchDeployment.schema.json"], "its $schema is that of a batch deployment"),
        (["$schema: {}/serverlessEndpoint.schema.json"], "its $schema is that of a serverless endpoint"),
        (["$schema: {}/environment.schema.json"], "its $schema is that of an environment"),
        (
            ["name: e", "auth_mode: key"],
            "job.yml:2: this file is not a fine-tuning job: `auth_mode` is a key of an endp",
        ),
        (
            ["name: e", "model_id: azureml://x"],
            "`model_id` is a key of a serverless endpoint or a marketplace subscrip",
        ),
        (["endpoint_name: e", "instance_type: A", "model: azureml:m:1"], "`instance_type` is a key of a deployment"),
        (["jobs: {a: {type: command}}"], "`jobs` is a key of a pipeline"),
        (["student_model: azureml://m", "training_data: x"], "`student_model` is a key of a distillation job"),
        (["create_job: {type: pipeline}", "trigger: {type: cron}"], "`create_job` is a key of a schedule"),
        (
            ["model: gpt", "training_file: file-1"],
            "`training_file` is a key of a fine-tuning request of the OpenAI API",
        ),
    ],
)
def test_a_file_without_a_type_is_named_by_its_content(tmp_path: Path, lines: list[str], words: str) -> None:
    assert words in refusal(tmp_path, *(line.replace("{}", SCHEMAS) for line in lines))


@pytest.mark.parametrize("type_", ["finetuning", "fine_tuning", "FineTuning"])
def test_a_fine_tuning_file_passes_whatever_its_schema(type_: str) -> None:
    refuse_other_kinds(
        read_yaml(f"$schema: {SCHEMAS}/commandJob.schema.json\ntype: {type_}", "x", Mistakes("x")).table("x")
    )
    refuse_other_kinds(read_yaml(f"$schema: job.schema.json\nmodel: {type_}", "x", Mistakes("x")).table("x"))


def test_references_are_distinguished() -> None:
    assert [latest_asset_in(each) for each in ("a@latest", "azureml:a@latest", "a:1", "a/b@latest", "a@b.jsonl")] == [
        *("a", "a"),
        *(None, None, None),
    ]
    assert [asset_in(each) for each in ("a:1", "a@latest", "x/a:1")] == [("a", "1"), None, None]
    assert [without_prefix(each) for each in (f"azureml:{ARM}", "azureml:a:1")] == [ARM, "azureml:a:1"]
    check_complete("azureml://datastores/d/paths/x")


@pytest.mark.parametrize("uri", ["wasbs://[c@s/x.jsonl", "https://[::1/x.jsonl", "abfss://]["])
def test_a_uri_that_is_not_well_formed_is_refused(uri: str) -> None:
    with pytest.raises(InvalidInput, match="is not a URI"):
        ServiceUri.of(uri)
