"""Job files: what they may say, what is refused with its line, and what a job comes back as."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from maas_client import InvalidHyperparameter, InvalidInput, Job
from maas_client.job_files.file_text import LARGEST
from maas_client.job_files.job_file import JobFile
from maas_client.job_files.json_reader import read_json
from maas_client.job_files.keys import KEYS, SWEEP_KEYS
from maas_client.job_files.located import scalar_value
from maas_client.job_files.mistakes import MOST_SHOWN, Mistakes
from maas_client.job_files.schema import job_schema
from maas_client.job_files.validation import FieldReader
from maas_client.job_files.variables import escaped, substituted
from maas_client.job_files.writer import job_file_of, keys_of
from maas_client.job_files.yaml_reader import read_yaml
from maas_client.jobs.request import JobRequest

ROOT = Path(__file__).parents[2]
SCHEMA, GUIDE, PYPROJECT = (
    ROOT / "docs" / "job.schema.json",
    ROOT / "docs" / "site" / "jobs.md",
    ROOT / "pyproject.toml",
)
Read = Callable[..., JobFile]

AZURES = """\
$schema: https://azuremlschemas.azureedge.net/latest/finetuningJob.schema.json
type: finetuning
name: "shop-1"
description: A shop's assistant.
experiment_name: "shop"
display_name: "Shop 1"
task: chat_completion
model_provider: custom
model:
  path: "azureml://registries/azureml/models/Phi-4-mini-instruct/versions/1"
  type: mlflow_model
training_data: train.jsonl
validation_data:
  path: file:validation.jsonl
  type: uri_file
  mode: ro_mount
hyperparameters:
  num_train_epochs: "1"
  learning_rate: "0.00002"
properties:
  my_property: "my_value"
tags:
  foo_tag: "bar"
resources:
  instance_types: [Standard_NC24ads_A100_v4]
  shm_size: 2g
queue_settings:
  job_tier: spot
outputs:
  registered_model:
    name: "shop-model"
    type: mlflow_model
"""


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a job file into an empty folder and read it, in an environment of its own."""

    def write_and_read(text: str, name: str = "job.yaml", *overrides: tuple[str, str], **environ: str) -> JobFile:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return JobFile.read(tmp_path / name, overrides=overrides, environ=environ)

    return write_and_read


def complaint(read: Read, text: str, name: str = "job.yaml") -> str:
    """Return what is said of a file that is refused, from its name on."""
    with pytest.raises(InvalidInput) as caught:
        read(text, name)
    return re.sub(r"/\S*/(?=job\.)", "", str(caught.value))


def test_the_published_schema_is_the_code_s() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == job_schema()


def test_the_guide_lists_every_key_as_the_code_describes_it() -> None:
    keys = GUIDE.read_text("utf-8").partition("### Keys\n")[2]
    rows = [line.split(" | ") for line in keys.splitlines() if line.startswith("| `")]
    described = {name.strip("|` "): about.removesuffix(" |") for name, _, about in rows}
    assert described == {name: key.about for name, key in KEYS.items()} | {
        f"sweep.{name}": key.about for name, key in SWEEP_KEYS.items()
    }
    choices = {name.strip("|` "): value for name, value, _ in rows}
    assert all(f"`{choice}`" in choices[name] for name, key in KEYS.items() for choice in key.choices)


def test_the_wheel_contains_the_published_schema() -> None:
    built = tomllib.loads(PYPROJECT.read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert built["force-include"]["docs/job.schema.json"] == "maas_client/job_files/job.schema.json"


def test_the_schema_takes_what_is_read_and_refuses_what_is_not() -> None:
    validator = pytest.importorskip("jsonschema").Draft202012Validator(job_schema())
    good: dict[str, Any] = {
        "model": "m",
        "training_data": "t",
        "sweep": {"parallel": 2},
        "epochs": "${EPOCHS:-3}",
        "wait": True,
    }
    good["hyperparameters"] = {"learning_rate": [1e-4, "2e-4"], "num_train_epochs": "1", "lr_scheduler_type": "cosine"}
    assert validator.is_valid(good)
    wrong: list[dict[str, Any]] = [{"modell": "m"}, {"task": "cat"}, {"hyperparameters": {"epoch": 1}}, {"epochs": 0.5}]
    assert [validator.is_valid(each) for each in wrong] == [False] * 4


def test_every_key_can_be_written_in_yaml_and_in_json(read: Read, tmp_path: Path) -> None:
    said: dict[str, Any] = {
        "model": "Phi-4-mini-instruct",
        "training_data": "train.jsonl",
        "validation_data": "data/validation.jsonl",
        "name": "shop-1",
        "surface": "azureml",
        "task": "text",
        "hyperparameters": {"max_seq_length": 512},
        "epochs": 3,
        "learning_rate": 1e-4,
        "batch_size": 2,
        "tags": {"team": "shop"},
        "properties": {"cost": "7"},
        "output_name": "shop-model",
        "experiment": "shop",
        "display_name": "Shop 1",
        "compute": "gpus",
        "instance_types": ["A", "B"],
        "job_tier": "Spot",
        "kind": "pipeline",
        "component": "chat_completion_pipeline:0.0.82",
        "inputs": {"compute_preprocess": "cpus", "apply_lora": True, "lora_r": 8},
        "test_data": "data/test.jsonl",
        "force_rerun": True,
        "continue_on_step_failure": True,
        "allow_retired": True,
        "force": True,
        "method": "dpo",
        "adapter": "qlora",
        "grader": {"type": "string_check", "name": "same"},
        "response_format": {"type": "text"},
        "training_tier": "Developer",
        "suffix": "shop",
        "seed": 7,
        "integrations": [{"type": "wandb", "wandb": {"project": "shop"}}],
        "allow_unlisted": True,
        "wait": True,
        "prices": "prices.toml",
        "max_cost": 12.5,
        "endpoint_name": "shop",
        "sku": "DeveloperTier",
        "endpoint_instance_type": "Standard_NC24ads_A100_v4",
        "endpoint_instance_count": 2,
        "capacity": 50,
        "model_format": "OpenAI",
        "prompt": "When do you open?",
        "sweep": {"parallel": 3},
    }
    assert said.keys() == KEYS.keys()
    expected = JobFile(
        model="Phi-4-mini-instruct",
        training_data=str(tmp_path / "train.jsonl"),
        validation_data=str(tmp_path / "data" / "validation.jsonl"),
        name="shop-1",
        surface="azureml",
        method="dpo",
        adapter="qlora",
        grader={"type": "string_check", "name": "same"},
        response_format={"type": "text"},
        training_tier="Developer",
        suffix="shop",
        seed=7,
        integrations=({"type": "wandb", "wandb": {"project": "shop"}},),
        allow_unlisted=True,
        task="text",
        hyperparameters={
            "max_seq_length": 512,
            "num_train_epochs": 3,
            "learning_rate": 1e-4,
            "per_device_train_batch_size": 2,
        },
        tags={"team": "shop"},
        properties={"cost": "7"},
        output_name="shop-model",
        experiment="shop",
        display_name="Shop 1",
        compute="gpus",
        instance_types=("A", "B"),
        job_tier="Spot",
        kind="pipeline",
        component="chat_completion_pipeline:0.0.82",
        inputs={"compute_preprocess": "cpus", "apply_lora": True, "lora_r": 8},
        test_data=str(tmp_path / "data" / "test.jsonl"),
        force_rerun=True,
        continue_on_step_failure=True,
        allow_retired=True,
        force=True,
        wait=True,
        prices=tmp_path / "prices.toml",
        max_cost=12.5,
        endpoint_name="shop",
        sku="DeveloperTier",
        endpoint_instance_type="Standard_NC24ads_A100_v4",
        endpoint_instance_count=2,
        capacity=50,
        model_format="OpenAI",
        prompt="When do you open?",
        sweep=True,
        parallel=3,
    )
    assert read(json.dumps(said), "job.json") == expected
    assert read(json.dumps(said, indent=1)) == expected


def test_azures_own_file_is_read_and_ignored_keys_are_listed(read: Read, tmp_path: Path) -> None:
    job = read(AZURES)
    assert (job.name, job.experiment, job.display_name, job.task) == ("shop-1", "shop", "Shop 1", "chat")
    assert job.model == "azureml://registries/azureml/models/Phi-4-mini-instruct/versions/1"
    assert (job.training_data, job.validation_data) == (
        str(tmp_path / "train.jsonl"),
        str(tmp_path / "validation.jsonl"),
    )
    assert job.hyperparameters == {"num_train_epochs": "1", "learning_rate": "0.00002"}
    assert (job.tags, job.properties, job.output_name) == (
        {"foo_tag": "bar"},
        {"my_property": "my_value"},
        "shop-model",
    )
    assert (job.instance_types, job.job_tier) == (("Standard_NC24ads_A100_v4",), "Spot")
    assert [each.partition(" (")[0] for each in job.ignored] == [
        "description",
        "validation_data.mode",
        "resources.shm_size",
    ]
    assert job.ignored[0].endswith("job.yaml:4)")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("finetuning\n", "command\n"), "job.yaml:2: `type: command` is not a fine-tuning job: it is a command job"),
        (("chat_completion", "text_classification"), "job.yaml:7: the task 'text_classification' is not supported"),
        (("custom", "azure_openai"), "job.yaml:8: only models of the provider `custom`"),
        (
            ("experiment_name", "experiment_nam"),
            "job.yaml:5: unknown key 'experiment_nam'; did you mean 'experiment_n",
        ),
        (("  path: file:validation.jsonl\n", ""), "job.yaml:13: validation_data has no path"),
    ],
)
def test_what_of_azures_cannot_be_trained_here_is_refused(read: Read, change: tuple[str, str], words: str) -> None:
    assert words in complaint(read, AZURES.replace(*change, 1))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: m\nmodl: n\n", "job.yaml:2: unknown key 'modl'; did you mean 'model'?"),
        ("model: m\nzzz: n\n", "job.yaml:2: unknown key 'zzz'; known keys are adapter, allow_retired, allow_unlisted,"),
        ("model: m\nmodel: n\n", "job.yaml:2: duplicate key 'model'"),
        ("hyperparameters:\n  a: 1\n  a: 2\n", "job.yaml:3: duplicate key 'a'"),
        (
            "hyperparameters:\n  learning_rat: 1\n",
            "job.yaml:2: unknown key 'hyperparameters.learning_rat'; did you",
        ),
        ("hyperparameters:\n  seed: -1\n", "job.yaml:2: seed: "),
        ("hyperparameters:\n  seed: []\n", "job.yaml:2: hyperparameters.seed is an empty list"),
        ("hyperparameters:\n  seed:\n  - 1\n  - x\n", "job.yaml:4: seed: "),
        (
            "epochs: 1\nhyperparameters: {num_train_epochs: 2}\n",
            "job.yaml:1: the hyperparameter num_train_epochs is given twice",
        ),
        ("tags: a\n", "job.yaml:1: tags must be a mapping"),
        ("tags:\n  a: [1]\n", "job.yaml:2: tags.a must be a single value"),
        ("task: cat\n", "job.yaml:1: task must be chat or text, not 'cat'"),
        ("model: ''\n", "job.yaml:1: model is empty"),
        ("wait: maybe\n", "job.yaml:1: wait must be true or false, not 'maybe'"),
        ("max_cost: -1\n", "job.yaml:1: max_cost must be a non-negative number, not '-1'"),
        ("max_cost: true\n", "job.yaml:1: max_cost must be a non-negative number"),
        ("sweep:\n  paralel: 2\n", "job.yaml:2: unknown key 'sweep.paralel'; did you mean 'parallel'?"),
        ("sweep: {parallel: 1.5}\n", "job.yaml:1: sweep.parallel must be an integer"),
        ("model: [\n", "job.yaml:2: not valid YAML"),
        ("model: \x07\n", "job.yaml: not valid YAML"),
        ("a: 1\n---\nb: 2\n", "job.yaml:2: not valid YAML: but found another document"),
        ("- model\n", "job.yaml:1: a job file must be a mapping"),
        ("? [a, b]\n: 1\n", "job.yaml:1: a key must be a scalar"),
        (
            "model: !!python/object/apply:os.getcwd []\n",
            "job.yaml:1: the tag 'tag:yaml.org,2002:python/object/apply:os.get",
        ),
        ("model: !!str 5\n", "job.yaml:1: the tag 'tag:yaml.org,2002:str' is not supported"),
        ("model: &m [*m]\n", "job.yaml:1: the file is too large"),
        ("[" * 5000, "job.yaml: nested too deeply for a job"),
        ("model: ${NOWHERE}\n", "job.yaml:1: the environment variable NOWHERE"),
        ("model: ${not a name}\n", "job.yaml:1: `${` does not start"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(read: Read, text: str, words: str) -> None:
    assert words in complaint(read, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"model": "m",\n "modl": 1}', "job.json:2: unknown key 'modl'; did you mean 'model'?"),
        ('{"model": "m",\n "model": 1}', "job.json:2: duplicate key 'model'"),
        ('{"model": "m"\n "name": 1}', "job.json:2: a comma or } is missing"),
        ('{"epochs": [1\n 2]}', "job.json:2: a comma or ] is missing"),
        ('{"model" "m"}', "job.json:1: a colon is missing"),
        ('{"model": "m",}', "job.json:1: a key in double quotes is missing"),
        ('{"model": "m"} x', "job.json:1: unexpected text after the end"),
        ('{"model": nope}', "job.json:1: not valid JSON"),
        ('{"max_cost": NaN}', "job.json:1: not valid JSON: NaN is not valid JSON"),
        ("[" * 50, "job.json:1: the file is too large or nested too deeply for a job"),
        ("", "job.json:1: not valid JSON"),
    ],
)
def test_wrong_json_is_refused_with_its_line(read: Read, text: str, words: str) -> None:
    assert words in complaint(read, text, "job.json")


def test_a_dataset_in_place_of_a_job_file_is_named(read: Read) -> None:
    assert "is a dataset (JSON Lines), not a job file" in complaint(read, '{"messages": []}\n' * 2, "train.jsonl")


BAD = """\
model: m
modl: n
task: cat
hyperparameters:
  learning_rate: fast
  epoch: 3
  seed: [1, x]
tags: {a: [1], b: {c: d}}
name: ${NOWHERE}
training_data: ${ALSO_NOWHERE}/train.jsonl
name: again
wait: perhaps
sweep: {parallel: 0, paralel: 2}
"""


def test_all_mistakes_of_a_file_are_reported_at_once(read: Read) -> None:
    first, *lines = complaint(read, BAD).splitlines()
    assert first == "13 mistakes in job.yaml:"
    assert [line.partition(": ")[0].rpartition("/")[2] for line in lines] == [
        f"job.yaml:{number}" for number in (2, 3, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 13)
    ]
    for words in ("'modl'", "'cat'", "learning_rate: ", "'hyperparameters.epoch'", "seed: ", "tags.a", "tags.b"):
        assert sum(words in line for line in lines) == 1
    for words in ("NOWHERE is not set", "duplicate key 'name'", "wait must be", "'sweep.paralel'", "sweep.parallel"):
        assert any(words in line for line in lines)


def test_the_same_mistakes_in_json_are_reported_at_once(read: Read) -> None:
    text = '{"model": "m",\n "modl": "n",\n "task": "cat",\n "task": "text",\n "epochs": -1}'
    lines = complaint(read, text, "job.json").splitlines()[1:]
    assert [line.partition(": ")[0].rpartition("/")[2] for line in lines] == [
        f"job.json:{number}" for number in (2, 3, 4, 5)
    ]


def test_all_mistakes_of_an_azure_file_are_reported_at_once(read: Read) -> None:
    text = AZURES.replace("model_provider: custom", "model_provider: other").replace("chat_completion", "poetry")
    text = text.replace("shm_size: 2g", "shm_size: 2g\nepochs: 3").replace("train.jsonl", "${{inputs.data}}")
    lines = complaint(read, text).splitlines()
    assert lines[0] == "4 mistakes in job.yaml:"
    for words in ("task 'poetry'", "provider `custom`", "expression of az ml", "unknown key 'epochs'"):
        assert sum(words in line for line in lines[1:]) == 1


def test_mistakes_of_options_follow_those_of_the_file(read: Read) -> None:
    with pytest.raises(InvalidInput) as caught:
        read("modl: m\n", "job.yaml", ("model.a", "x"), ("epochs", "-1"), ("tagz", "x"))
    lines = str(caught.value).splitlines()[1:]
    assert "job.yaml:1: unknown key 'modl'" in lines[0]
    assert sorted(line.partition(":")[0] for line in lines[1:]) == ["--set epochs", "--set model.a", "--set tagz"]


def test_mistakes_of_hyperparameters_only_are_reported_as_such(read: Read) -> None:
    with pytest.raises(InvalidHyperparameter, match="2 mistakes"):
        read("hyperparameters:\n  learning_rate: fast\n  seed: x\n")


def test_an_input_of_the_component_is_sent_to_the_inputs(read: Read) -> None:
    said = complaint(read, "kind: pipeline\nhyperparameters:\n  adam_beta1: 0.8\n")
    assert "job.yaml:3: unknown key 'hyperparameters.adam_beta1'" in said
    assert said.rstrip().endswith("goes to inputs: inputs.adam_beta1")


def test_a_message_lists_a_limited_number_of_mistakes(read: Read) -> None:
    lines = complaint(read, "".join(f"key{number}: 1\n" for number in range(MOST_SHOWN + 5))).splitlines()
    assert lines[-1] == "and 5 more"
    assert len(lines) == MOST_SHOWN + 2


def test_aliases_that_grow_without_bounds_are_refused(read: Read) -> None:
    laughs = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert "the file is too large or nested too deeply for a job (aliases expanded)" in complaint(read, laughs)


def test_aliases_within_limits_are_resolved(read: Read) -> None:
    assert read("tags: &t {a: b}\nproperties: *t\n").properties == {"a": "b"}


def test_a_file_of_invalid_size_or_bytes_is_not_a_job_file(read: Read, tmp_path: Path) -> None:
    assert "it has more than 256 KiB" in complaint(read, "#" * (LARGEST + 1))
    (tmp_path / "latin.yaml").write_bytes(b"model: m\nname: caf\xe9\n")
    with pytest.raises(InvalidInput, match=r"latin\.yaml:2: not valid UTF-8"):
        JobFile.read(tmp_path / "latin.yaml")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["job.yaml", "job.json"])
def test_a_job_file_is_read_in_the_encodings_of_shells(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_text('{"model": "m",\r\n "display_name": "Läden"}', encoding)
    assert JobFile.read(tmp_path / name).display_name == "Läden"


def test_yaml_1_1_scalars_are_read_as_yaml_1_2(read: Read) -> None:
    text = "name: no\ntags: {on: off, version: 1.10, when: 2024-01-01, time: 12:30, octal: 012, empty: }\n"
    job = read(text + "hyperparameters: {learning_rate: 1e-4, apply_lora: yes, weight_decay: '1e-2', seed: 010}\n")
    assert job.name == "no"
    assert job.tags == {
        "on": "off",
        "version": "1.10",
        "when": "2024-01-01",
        "time": "12:30",
        "octal": "012",
        "empty": "",
    }
    assert job.hyperparameters == {"learning_rate": 1e-4, "apply_lora": "yes", "weight_decay": "1e-2", "seed": 10}


def test_a_non_numeric_hyperparameter_is_rejected_as_such(read: Read) -> None:
    with pytest.raises(InvalidHyperparameter, match=r"job\.yaml:2: learning_rate: "):
        read("hyperparameters:\n  learning_rate: fast\n")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.booleans() | st.none())
def test_what_json_writes_of_a_scalar_yaml_reads_the_same(value: float | bool | None) -> None:
    assert scalar_value(json.dumps(value)) == value
    assert read_json(json.dumps(value), "x", Mistakes("x")).plain() == value


FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *"{}[],:-#&*!|>%@`'\"\\?~ \n\t0",
            "model",
            "- ",
            ": ",
            "&a ",
            "*a",
            "<<",
            "!!set",
            "---\n",
            "${",
            "1e999",
            "\ud800",
        ]
    )
    | st.text(max_size=3)
).map("".join)


@given(FRAGMENTS)
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    for read_text in (read_yaml, read_json):
        with suppress(InvalidInput):
            mistakes = Mistakes("x")
            top = substituted(read_text(text, "x", mistakes), {}, mistakes).table("a job file")
            FieldReader(top, mistakes).hyperparameters()
            mistakes.raise_all()


def test_environment_variables_are_substituted_with_defaults(read: Read) -> None:
    text = "name: ft-${RUN}\nepochs: ${EPOCHS:-3}\nexperiment: $${RUN} ${EMPTY:-shop}\ntags: {cost: $5, a: '${A:-}'}\n"
    job = read(text, RUN="7", EMPTY="")
    assert (job.name, job.experiment, job.tags) == ("ft-7", "${RUN} shop", {"cost": "$5", "a": ""})
    assert job.hyperparameters == {"num_train_epochs": "3"}


@given(st.text())
def test_an_escaped_text_is_the_text_after_substitution(text: str) -> None:
    node = read_json(json.dumps(escaped(text)), "x", Mistakes("x"))
    assert substituted(node, {}, Mistakes("x")).plain() == text


def test_azure_data_names_are_kept_unless_a_file_has_that_name(read: Read, tmp_path: Path) -> None:
    names = ["azureml://datastores/d/paths/x.jsonl", "/subscriptions/s/x", "azureml:shop:1", "shop:2"]
    assert [read(f"training_data: '{name}'\n").training_data for name in names] == names
    (tmp_path / "shop:2").touch()
    assert read("training_data: shop:2\n").training_data == str(tmp_path / "shop:2")
    assert read(f"training_data: {tmp_path}/x.jsonl\n").training_data == str(tmp_path / "x.jsonl")


def test_overrides_replace_values_within_and_without(read: Read) -> None:
    text = "model: m\nhyperparameters: {seed: 1, num_train_epochs: 2}\nsweep: true\n"
    sets = [
        ("hyperparameters.seed", "[1, 2]"),
        ("hyperparameters.learning_rate", "1e-4"),
        ("tags.team", "no"),
        ("training_data", "here.jsonl"),
        ("instance_types", "['A', B]"),
    ]
    job = read(text, "job.yaml", *sets)
    assert job.hyperparameters == {"seed": (1, 2), "num_train_epochs": 2, "learning_rate": 1e-4}
    assert (job.tags, job.training_data, job.instance_types) == ({"team": "no"}, "here.jsonl", ("A", "B"))
    for key, value, words in (
        ("modl", "x", "--set modl: unknown key 'modl'"),
        ("model.a", "x", "model is not a mapping"),
    ):
        with pytest.raises(InvalidInput, match=words):
            read(text, "job.yaml", (key, value))


def test_a_file_in_json_does_not_import_a_yaml_parser(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert read('{"model": "m"}', "job.json").model == "m"
    assert read('{"model": "m"}', "job.json", ("epochs", "[1, 2]")).hyperparameters == {"num_train_epochs": (1, 2)}


def test_a_job_without_model_or_data_is_rejected(read: Read) -> None:
    with pytest.raises(InvalidInput, match="the job has no model and training_data"):
        read("name: x\n").spec()


PRINTABLE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(PRINTABLE, st.dictionaries(PRINTABLE, PRINTABLE, max_size=3))
def test_any_text_in_a_job_survives_being_written_and_read(text: str, labels: dict[str, str]) -> None:
    request = JobRequest(
        name="shop-1",
        model_id="azureml://registries/azureml/models/M/versions/1",
        training_data="/subscriptions/s/data",
        hyperparameters={"learning_rate": "0.0001"},
        output_name="shop",
        display_name=text,
        tags=labels,
        instance_types=[text],
    )
    document = request.to_document()
    job = Job.read({"name": "shop-1", **document})
    mistakes = Mistakes("job.yaml")
    said = substituted(read_yaml(job_file_of(job), "job.yaml", mistakes), {}, mistakes).plain()
    mistakes.raise_all()
    assert said == keys_of(job)
    assert said.get("display_name", "") == job.display_name


def test_a_job_of_another_task_is_not_a_job_file() -> None:
    job = Job.read({"name": "x", "properties": {"fineTuningDetails": {"taskType": "TextClassification"}}})
    with pytest.raises(InvalidInput, match="has the task 'TextClassification'"):
        job_file_of(job)


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("model: gpt-oss-20b\n", "foundry"),
        ("model: GPT-4.1-mini-2025-04-14\n", "foundry"),
        ("model: Phi-4-mini-instruct\n", "azureml"),
        ("model: nobody-knows-it\n", None),
        ("model: gpt-oss-20b\nsurface: azureml\n", "azureml"),
        ("model: gpt-oss-20b\ncompute: gpus\n", "azureml"),
        ("name: shop\n", None),
    ],
)
def test_the_model_decides_the_platform_unless_the_file_does(read: Read, text: str, surface: str | None) -> None:
    assert read(text).wanted_surface == surface


def test_hyperparameters_of_foundry_are_read_for_its_models_only(read: Read) -> None:
    written = "hyperparameters: {n_epochs: auto, beta: [0.1, 0.2]}\n"
    found = read(f"model: gpt-4.1-mini-2025-04-14\n{written}").hyperparameters
    assert found == {"n_epochs": "auto", "beta": (0.1, 0.2)}
    assert read(f"surface: foundry\n{written}").hyperparameters == found
    assert "n_epochs" in complaint(read, f"model: Phi-4-mini-instruct\n{written}")
    assert "unknown key 'hyperparameters.betta'; did you mean 'beta'?" in complaint(
        read, "model: gpt-oss-20b\nhyperparameters: {betta: 1}\n"
    )
