"""Configurations of axolotl and TRL become jobs as far as they go, and what is left is listed with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maas_client import InvalidHyperparameter, InvalidInput, JobFile
from maas_client.job_files import axolotl_config, trl_config
from maas_client.job_files.axolotl_config import axolotl_job
from maas_client.job_files.located import Located
from maas_client.job_files.mistakes import Mistakes
from maas_client.job_files.trl_config import trl_job

from .test_whose_format_a_file_has import OTHERWISE, keys_of

AXOLOTL = """\
base_model: microsoft/Phi-4-mini-instruct
load_in_4bit: true
adapter: qlora
datasets:
  - path: rows/train.jsonl
    type: chat_template
    roles_to_train: [assistant, tool]
    message_field_training: train
val_set_size: 0.05
sequence_len: 4096
sample_packing: true
pad_to_sequence_len: false
lora_r: 32
lora_alpha: 16
lora_dropout: 0.05
lora_target_linear: true
gradient_accumulation_steps: 8
micro_batch_size: 2
num_epochs: 4
optimizer: adamw_bnb_8bit
lr_scheduler: cosine
learning_rate: 2e-4
bf16: auto
warmup_ratio: 0.1
evals_per_epoch: 4
wandb_project:
logging_steps: 1
hub_model_id: me/tuned
"""
TRL = """\
model_name_or_path: microsoft/Phi-3-mini-4k-instruct
dataset_name: data
dataset_test_split: validation
learning_rate: 1.0e-4
num_train_epochs: 2
per_device_train_batch_size: 4
gradient_accumulation_steps: 2
max_length: 2048
packing: true
assistant_only_loss: true
warmup_steps: 0.03
eval_strategy: no
optim: adamw_torch_fused
use_peft: true
use_dora: true
lora_r: 16
bf16: true
report_to: none
seed: 7
"""
Read = Callable[..., JobFile]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a configuration beside its data and read it."""
    for folder in ("rows", "data"):
        (tmp_path / folder).mkdir()
        for split in ("train", "validation"):
            (tmp_path / folder / f"{split}.jsonl").touch()

    def write_and_read(text: str, *overrides: tuple[str, str]) -> JobFile:
        (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
        return JobFile.read(tmp_path / "c.yaml", overrides=overrides, environ={})

    return write_and_read


def left(job: JobFile) -> dict[str, tuple[int, str]]:
    """Return what is left of a configuration: line and reason by key."""
    found: dict[str, tuple[int, str]] = {}
    for each in job.ignored:
        key, _, rest = each.partition(" (")
        where, _, reason = rest.partition(")")
        found[key] = (int(where.rpartition(":")[2]), reason.removeprefix(": "))
    return found


def test_an_axolotl_configuration_becomes_a_job(read: Read, tmp_path: Path) -> None:
    job = read(AXOLOTL)
    assert (job.model, job.task, job.adapter) == ("Phi-4-mini-instruct", "chat", "qlora")
    assert job.training_data == str(tmp_path / "rows" / "train.jsonl")
    assert job.hyperparameters == {
        "apply_lora": True,
        "max_seq_length": 4096,
        "lora_r": 32,
        "lora_alpha": 16,
        "lora_dropout": 0.05,
        "gradient_accumulation_steps": 8,
        "per_device_train_batch_size": 2,
        "num_train_epochs": 4,
        "lr_scheduler_type": "cosine",
        "learning_rate": 2e-4,
        "precision": 16,
        "logging_steps": 1,
    }
    assert {key: line for key, (line, _) in left(job).items()} == {
        "datasets.0.roles_to_train": 7,
        "datasets.0.message_field_training": 8,
        "val_set_size": 9,
        "sample_packing": 11,
        "lora_target_linear": 16,
        "optimizer": 20,
        "warmup_ratio": 24,
        "evals_per_epoch": 25,
        "hub_model_id": 28,
    }
    assert left(job)["sample_packing"][1] == "rows are not packed: a step has fewer of them"
    assert left(job)["optimizer"][1] == "optim: input should be 'adamw_torch' or 'adafactor'"


def test_a_trl_configuration_becomes_a_job(read: Read, tmp_path: Path) -> None:
    job = read(TRL)
    assert (job.model, job.task, job.adapter) == ("Phi-3-mini-4k-instruct", None, "dora")
    assert job.training_data == str(tmp_path / "data" / "train.jsonl")
    assert job.validation_data == str(tmp_path / "data" / "validation.jsonl")
    assert job.hyperparameters == {
        "apply_lora": True,
        "learning_rate": 1e-4,
        "num_train_epochs": 2,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "max_seq_length": 2048,
        "evaluation_strategy": "disable",
        "optim": "adamw_torch",
        "lora_r": 16,
        "precision": 16,
        "seed": 7,
    }
    assert {key: line for key, (line, _) in left(job).items()} == {"packing": 9, "warmup_steps": 11}


@pytest.mark.parametrize(
    ("lines", "adapter", "apply_lora"),
    [
        ("base_model: m\nadapter: lora\n", None, True),
        ("base_model: m\nadapter: lora\npeft_use_dora: true\n", "dora", True),
        ("base_model: m\nadapter: qlora\nload_in_4bit: true\n", "qlora", True),
        ("base_model: m\nadapter: qlora\nload_in_4bit: true\npeft_use_dora: true\n", "qdora", True),
        ("base_model: m\n", None, False),
        ("model_name_or_path: m\nuse_peft: yes\n", None, True),
        ("model_name_or_path: m\nuse_peft: true\nload_in_4bit: true\nbnb_4bit_quant_type: nf4\n", "qlora", True),
        ("model_name_or_path: m\nuse_peft: true\nuse_dora: true\n", "dora", True),
        ("model_name_or_path: m\nuse_peft: true\nload_in_4bit: true\nuse_dora: true\n", "qdora", True),
        ("model_name_or_path: m\n", None, False),
    ],
)
def test_the_method_is_kept(read: Read, lines: str, adapter: str | None, apply_lora: bool) -> None:
    job = read(lines)
    assert (job.adapter, job.hyperparameters["apply_lora"]) == (adapter, apply_lora)
    assert set(left(job)) <= {"base_model", "model_name_or_path", "assistant_only_loss"}


def test_what_a_method_cannot_have_is_left(read: Read) -> None:
    whole = read("base_model: m\nlora_r: 8\npeft_use_dora: true\nload_in_4bit: true\n")
    assert left(whole)["lora_r"] == (2, "without `adapter`, axolotl trains the whole model")
    assert {"peft_use_dora", "load_in_4bit"} < set(left(whole))
    assert "lora_r" not in whole.hyperparameters
    other = read("model_name_or_path: m\nuse_peft: true\nload_in_4bit: true\nbnb_4bit_quant_type: fp4\n")
    assert other.adapter == "qlora"
    assert left(other)["bnb_4bit_quant_type"] == (4, "4 bits are NF4")
    assert "adapter" in left(read("base_model: m\nadapter: llama-adapter\n"))


@pytest.mark.parametrize(("tool", "mark"), [("axolotl", "base_model"), ("trl", "model_name_or_path")])
@pytest.mark.parametrize("value", ["zzz", 17, True, False, 0.5])
def test_no_key_of_a_tool_is_dropped_silently(tmp_path: Path, tool: str, mark: str, value: Any) -> None:
    reader = axolotl_job if tool == "axolotl" else trl_job
    model = Located("microsoft/Phi-4", "c.yaml:1", "microsoft/Phi-4")

    def outcome(top: dict[str, Located]) -> Any:
        mistakes = Mistakes("c.yaml")
        keys, ignored, other = reader(top, tmp_path, mistakes)
        try:
            mistakes.raise_all()
        except InvalidInput:
            return "refused"
        return {name: item.plain() for name, item in keys.items()}, ignored, other.said

    nothing = outcome({mark: model})
    dropped = {
        key
        for key in keys_of(tool)
        if key not in {mark, *OTHERWISE}
        and outcome({mark: model, key: Located(value, "c.yaml:2", str(value).lower())}) == nothing
    }
    happens_anyway = {
        True: {"axolotl": set[str](), "trl": {"do_train"}},
        False: {
            "axolotl": {
                *("sample_packing", "eval_sample_packing", "pad_to_sequence_len", "train_on_inputs", "load_in_4bit"),
                *("load_in_8bit", "gptq", "peft_use_dora", "peft_use_rslora", "strict", "group_by_length"),
            },
            "trl": {
                *("packing", "eval_packing", "padding_free", "push_to_hub", "dataset_streaming", "streaming"),
                *("load_in_4bit", "load_in_8bit", "use_dora", "use_rslora", "use_bnb_nested_quant"),
            },
        },
    }
    assert dropped == (happens_anyway[value][tool] if isinstance(value, bool) else set())


def test_a_value_that_is_left_is_not_repeated(read: Read) -> None:
    for mark in ("base_model", "model_name_or_path"):
        job = read(f"{mark}: microsoft/Phi-4\nhub_token: hf_secret\nwandb_run_id: run-secret\n")
        assert not any("secret" in each for each in (*job.ignored, repr(job), job.to_json()))


def test_a_model_that_no_catalogue_has_is_left(read: Read) -> None:
    for model in ("./phi3", "someone/Phi-4", "unsloth/phi-4", "microsoft/DialoGPT-small", "someone/gpt-oss-20b"):
        job = read(f"base_model: {model}\nadapter: lora\n")
        assert job.model is None
        assert left(job)["base_model"] == (
            1,
            f"{model!r} is in neither catalogue of models; name one: --set model=NAME",
        )
        assert read(f"base_model: {model}\n", ("model", "Phi-4")).model == "Phi-4"
    for model, name in (("microsoft/phi-4", "Phi-4"), ("Phi-4", "Phi-4"), ("openai/gpt-oss-20b", "gpt-oss-20b")):
        assert read(f"base_model: {model}\n").model == name


@pytest.mark.parametrize(
    ("entries", "found", "key", "words"),
    [
        ("[{path: rows/train.jsonl, ds_type: json}]", "rows/train.jsonl", "", ""),
        ("[{path: rows, split: validation}]", "rows/validation.jsonl", "", ""),
        ("[{path: json, data_files: rows/train.jsonl}]", "rows/train.jsonl", "", ""),
        ("[{path: rows, data_files: [train.jsonl]}]", "rows/train.jsonl", "", ""),
        ("[{path: rows, split: test}]", None, "datasets.0.path", "has no file of the split 'test'"),
        (
            "[{path: tatsu-lab/alpaca}]",
            None,
            "datasets.0.path",
            "is no file of rows; name one: --set training_data=FILE",
        ),
        ("[{path: 's3://b/c.jsonl'}]", None, "datasets.0.path", "such an address is not read"),
        ("[{path: rows/train.jsonl, split: 'train[:9%]'}]", None, "datasets.0.split", "a job takes a whole file"),
        ("[{path: json, data_files: [a.jsonl, b.jsonl]}]", None, "datasets.0.data_files", "a job takes one file"),
        ("[{path: a.jsonl}, {path: b.jsonl}]", None, "datasets.1", "a job takes one file: join them and name it"),
        ("[]", None, "datasets", "a job takes one file"),
        ("[{type: alpaca}]", None, "datasets.0", "it has no path"),
    ],
)
@pytest.mark.parametrize("mark", ["base_model", "model_name_or_path"])
def test_the_data_is_one_file(
    read: Read, tmp_path: Path, mark: str, entries: str, found: str | None, key: str, words: str
) -> None:
    job = read(f"{mark}: microsoft/Phi-4\ndatasets: {entries}\n")
    assert job.training_data == (found and str(tmp_path / found))
    if key:
        line, reason = left(job)[key]
        assert line == 2
        assert words in reason


def test_test_datasets_are_the_validation_data(read: Read, tmp_path: Path) -> None:
    job = read("base_model: m\ntest_datasets: [{path: rows/validation.jsonl, ds_type: json, type: alpaca}]\n")
    assert job.validation_data == str(tmp_path / "rows" / "validation.jsonl")
    assert left(job)["test_datasets.0.type"] == (2, "rows are conversations of messages: see `maas data convert`")
    assert job.task is None


def test_a_split_without_a_folder_is_left(read: Read) -> None:
    job = read("model_name_or_path: m\ndataset_name: me/rows\ndataset_train_split: all\ndataset_test_split: test\n")
    assert {"dataset_name", "dataset_test_split"} < set(left(job))
    assert left(read("model_name_or_path: m\ndataset_train_split: all\n"))["dataset_train_split"] == (2, "")


def test_the_whole_conversation_of_trl_is_mentioned(read: Read) -> None:
    line, reason = left(read("model_name_or_path: m\n"))["assistant_only_loss"]
    assert (line, reason.startswith("it is not set; only the answers are trained on")) == (1, True)
    assert left(read("model_name_or_path: m\nassistant_only_loss: false\n"))["assistant_only_loss"][0] == 2


@pytest.mark.parametrize("mark", ["base_model", "model_name_or_path"])
def test_the_stage_of_zero_is_read_from_its_file(read: Read, tmp_path: Path, mark: str) -> None:
    zero: dict[str, Any] = {"stage": 3, "offload_optimizer": {"device": "cpu"}, "offload_param": {"device": "none"}}
    (tmp_path / "ds.json").write_text(json.dumps({"zero_optimization": zero}), "utf-8")
    job = read(f"{mark}: microsoft/Phi-4\ndeepspeed: ds.json\n")
    assert (job.hyperparameters["apply_deepspeed"], job.hyperparameters["deepspeed_stage"]) == (True, 3)
    assert [key for key in left(job) if "offload" in key] == ["deepspeed: offload_optimizer"]
    for text, words in (
        ("nowhere.json", "the file of DeepSpeed's configuration was not found beside this one"),
        ("{zero_optimization: {stage: 1}}", "only the stages 2 and 3 of ZeRO can be asked for"),
        ("[]", "only the stages 2 and 3 of ZeRO can be asked for"),
    ):
        job = read(f"{mark}: microsoft/Phi-4\ndeepspeed: {text}\n")
        assert left(job)["deepspeed"] == (2, words)
        assert "apply_deepspeed" not in job.hyperparameters


def test_what_decides_the_training_is_not_left_but_refused(read: Read) -> None:
    with pytest.raises(InvalidHyperparameter, match=r"c\.yaml:2: num_train_epochs: "):
        read("base_model: m\nnum_epochs: 1.5\n")
    assert (
        read("base_model: m\nnum_epochs: 1.5\n", ("hyperparameters.num_train_epochs", "2")).hyperparameters[
            "num_train_epochs"
        ]
        == 2
    )


def test_a_configuration_has_no_variables(read: Read) -> None:
    assert read("base_model: microsoft/Phi-4\nchat_template_jinja: '${X} ${{y}}'\n").model == "Phi-4"


def test_serverless_fine_tuning_takes_what_it_knows(read: Read) -> None:
    job = read(AXOLOTL)
    fitted = job.for_service()
    assert fitted.hyperparameters == {
        "max_seq_length": 4096,
        "per_device_train_batch_size": 2,
        "num_train_epochs": 4,
        "learning_rate": 2e-4,
    }
    new = fitted.ignored[len(job.ignored) :]
    assert new[0] == "adapter: Azure trains LoRA in 16 bits; `maas export` keeps QLoRA"
    assert any("lora_r (" in each and "c.yaml:13): serverless fine-tuning chooses it" in each for each in new)
    whole = read("base_model: microsoft/Phi-4\n").for_service().ignored
    assert any(each.endswith("adapters are trained (LoRA), and not the whole model") for each in whole)


def test_compute_of_one_s_own_takes_all(read: Read) -> None:
    job = read(TRL, ("compute", "gpus"))
    fitted = job.for_service()
    assert fitted.hyperparameters == job.hyperparameters
    assert [each.partition(" (")[0] for each in fitted.ignored[len(job.ignored) :]] == [
        "adapter: Azure trains LoRA in 16 bits; `maas export` keeps DoRA",
        "bf16",
    ]


def test_foundry_takes_epochs_batch_and_seed(read: Read) -> None:
    fitted = read(TRL.replace("microsoft/Phi-3-mini-4k-instruct", "openai/gpt-oss-20b")).for_service()
    assert fitted.hyperparameters == {"num_train_epochs": 2, "per_device_train_batch_size": 4}
    assert fitted.seed == 7
    assert any("learning_rate (" in each and "learning_rate_multiplier" in each for each in fitted.ignored)


def test_an_option_is_not_left_for_the_service(read: Read) -> None:
    job = read("base_model: microsoft/Phi-4\nadapter: lora\n", ("hyperparameters.seed", "3"))
    assert job.for_service().hyperparameters == {"seed": 3}


def test_our_own_file_is_not_fitted_but_its_adapter_named(read: Read) -> None:
    job = read("model: Phi-4\nadapter: qlora\nhyperparameters: {lora_r: 8}\n")
    assert job.for_service().hyperparameters == {"lora_r": 8}
    assert job.for_service().ignored == ("adapter: Azure trains LoRA in 16 bits; `maas export` keeps QLoRA",)
    for line in ("adapter: lora", "adapter: none", ""):
        assert not read(f"model: Phi-4\n{line}\n").for_service().ignored


def test_an_adapter_agrees_with_the_hyperparameters(read: Read) -> None:
    for adapter, apply_lora in (("none", "true"), ("qlora", "false")):
        with pytest.raises(
            InvalidInput, match=rf"c\.yaml:2: `adapter: {adapter}` contradicts .*`apply_lora: {apply_lora}`"
        ):
            read(f"model: Phi-4\nadapter: {adapter}\nhyperparameters: {{apply_lora: {apply_lora}}}\n")
    assert read("model: Phi-4\nadapter: none\nhyperparameters: {apply_lora: false}\n").adapter == "none"
    with pytest.raises(InvalidInput, match="adapter must be lora or qlora or dora or qdora or none"):
        read("model: Phi-4\nadapter: prefix\n")


def test_the_guide_has_the_hyperparameters_of_both_tools() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "site" / "jobs.md").read_text("utf-8")
    section = guide.partition("### Configurations of axolotl and TRL\n")[2].partition("### Keys\n")[0]
    rows = [re.findall("`([^`]+)`", line) for line in section.splitlines() if line.startswith("| `")]
    same = set(re.findall("`([a-z_]+)`", section.rpartition("|\n")[2]))
    for column, names in enumerate((axolotl_config.HYPERPARAMETERS, trl_config.HYPERPARAMETERS)):
        written = {row[column]: row[2] for row in rows if len(row) == 3} | {name: name for name in same}
        assert {name: ours for name, ours in names.items() if written.get(name) != ours and name != ours} == {}
        assert {name for name in names if name not in written} <= {"logging_strategy", "max_seq_length"}
