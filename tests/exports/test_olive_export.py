"""What a job becomes for Olive, and for the VS Code toolkit that calls it."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from maas_client.exports.errors import NotExportable
from maas_client.exports.export_job import ExportOptions
from maas_client.exports.olive.ai_toolkit_target import AI_TOOLKIT
from maas_client.exports.olive.olive_target import OLIVE
from maas_client.exports.target import Exported
from tests.exports.jobs import EVERY_HYPERPARAMETER, EXAMPLE, conversation, job

VALIDATION = str(EXAMPLE.with_name("validation.jsonl"))


def exported(folder: Path, **given: Any) -> Exported:
    """Return a job's export for Olive."""
    return OLIVE.export(job(folder, target="olive", **given))


def content(made: Exported, path: str) -> str:
    """Return a file of an export as text."""
    return next(b"".join(file.parts()) for file in made.files if file.path == path).decode()


def config(folder: Path, **given: Any) -> Any:
    """Return the run configuration of a job."""
    return json.loads(content(exported(folder, **given), "olive.json"))


def test_every_setting_of_a_job_is_in_the_configuration(tmp_path: Path) -> None:
    found = config(tmp_path, hyperparameters=EVERY_HYPERPARAMETER, validation_data=VALIDATION, name="one")
    tune = found["passes"]["tune"]
    assert found["workflow_id"] == "one"
    assert (tune["type"], tune["r"], tune["alpha"], tune["lora_dropout"]) == ("LoRA", 8, 16, 0.1)
    assert tune["torch_dtype"] == "bfloat16"
    assert tune["training_args"] == {
        "num_train_epochs": 2,
        "max_steps": 50,
        "per_device_train_batch_size": 4,
        "gradient_accumulation_steps": 2,
        "per_device_eval_batch_size": 2,
        "auto_find_batch_size": True,
        "learning_rate": 1e-4,
        "lr_scheduler_type": "linear",
        "warmup_steps": 5,
        "weight_decay": 0.01,
        "optim": "adafactor",
        "gradient_checkpointing": True,
        "logging_strategy": "steps",
        "logging_steps": 5,
        "eval_strategy": "epoch",
        "save_strategy": "epoch",
        "seed": 7,
        "output_dir": "checkpoints",
        "overwrite_output_dir": False,
    }


def test_each_conversation_is_a_sequence_of_its_own(tmp_path: Path) -> None:
    data = config(tmp_path, validation_data=VALIDATION, hyperparameters={"max_seq_length": 512})["data_configs"]
    assert [each["name"] for each in data] == ["train", "validation"]
    for each in data:
        rows = each["pre_process_data_config"]
        assert (rows["strategy"], rows["chat_template"], rows["max_seq_len"]) == ("line-by-line", True, 512)


def test_olive_gets_the_modules_that_the_model_has(tmp_path: Path) -> None:
    for model, last in (("Phi-3-mini-4k-instruct", "down_proj"), ("Phi-3.5-MoE-instruct", "o_proj")):
        assert config(tmp_path, model=model)["passes"]["tune"]["target_modules"][-1] == last


@pytest.mark.parametrize(("method", "name"), [("lora", "LoRA"), ("dora", "DoRA"), ("qlora", "QLoRA")])
def test_each_method_has_its_pass(tmp_path: Path, method: Any, name: str) -> None:
    made = exported(tmp_path, options=ExportOptions(method=method))
    tune = json.loads(content(made, "olive.json"))["passes"]["tune"]
    assert tune["type"] == name
    assert (tune.get("quant_type"), tune.get("double_quant")) == (("nf4", True) if method == "qlora" else (None, None))
    assert ("bitsandbytes" in content(made, "requirements.txt")) is (method == "qlora")
    assert (method == "qlora") is any("4 bits" in warning for warning in made.warnings)


def test_several_gpus_become_accumulated_steps(tmp_path: Path) -> None:
    made = exported(tmp_path, options=ExportOptions(gpus=4), hyperparameters={"gradient_accumulation_steps": 2})
    assert (
        json.loads(content(made, "olive.json"))["passes"]["tune"]["training_args"]["gradient_accumulation_steps"] == 8
    )
    assert any("one process" in warning for warning in made.warnings)


def test_like_hosted_reaches_the_optimizer(tmp_path: Path) -> None:
    arguments = config(tmp_path, options=ExportOptions(like_hosted=True))["passes"]["tune"]["training_args"]
    assert (arguments["adam_beta2"], arguments["adam_epsilon"], arguments["weight_decay"]) == (0.95, 1e-5, 0.1)


def test_the_commands_say_what_the_configuration_says(tmp_path: Path) -> None:
    made = exported(tmp_path, hyperparameters={"lora_r": 8, "max_seq_length": 512})
    words = shlex.split(content(made, "olive-commands.sh"), comments=True)
    finetune = words[words.index("finetune") :]
    for option, value in (("--lora_r", "8"), ("--max_seq_len", "512"), ("--max_samples", "12"), ("--method", "lora")):
        assert finetune[finetune.index(option) + 1] == value


def test_dora_has_no_command_of_olive(tmp_path: Path) -> None:
    made = exported(tmp_path, options=ExportOptions(method="dora"))
    assert "olive-commands.sh" not in [file.path for file in made.files]
    assert not any("olive-commands.sh" in note for note in made.notes)


def test_a_model_in_a_folder_is_not_downloaded(tmp_path: Path) -> None:
    made = exported(tmp_path, options=ExportOptions(model_path="my model"))
    assert json.loads(content(made, "olive.json"))["input_model"]["model_path"] == "my model"
    commands = content(made, "olive-commands.sh")
    assert "hf download" not in commands
    assert "--model_name_or_path 'my model'" in commands


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"model": "Phi-3-small-8k-instruct"}, "transformers 4"),
        ({"options": ExportOptions(method="full")}, "no pass that trains all"),
        ({"options": ExportOptions(method="qdora")}, "keeps the weights in 16 bits"),
        ({"hyperparameters": {"apply_lora": False}}, "no pass that trains all"),
        ({"model": "Phi-3.5-MoE-instruct", "options": ExportOptions(method="qlora")}, "experts"),
        ({"options": ExportOptions(gpus=2, sharing="zero3")}, "--for trl"),
        ({"rows": [{"text": "To be or not to be", "ground_truth": "be"}]}, "no conversations"),
    ],
)
@pytest.mark.parametrize("target", [OLIVE, AI_TOOLKIT])
def test_what_olive_cannot_do_is_refused(tmp_path: Path, target: Any, given: Any, reason: str) -> None:
    with pytest.raises(NotExportable, match=reason):
        target.export(job(tmp_path, target=target.name, **given))


def test_all_tokens_are_said_to_be_trained(tmp_path: Path) -> None:
    assert OLIVE.all_tokens
    assert any(warning.startswith("all tokens are trained on") for warning in exported(tmp_path).warnings)


def test_a_system_message_goes_where_a_model_has_none(tmp_path: Path) -> None:
    rows = [conversation(("system", "Be brief."), ("user", f"When, {n}?"), ("assistant", "At ten.")) for n in range(12)]
    made = exported(tmp_path, model="Phi-3-medium-4k-instruct", rows=rows)
    first = json.loads(content(made, "data/train.jsonl").splitlines()[0])
    assert [turn["role"] for turn in first["messages"]] == ["user", "assistant"]
    assert any("no system role" in warning for warning in made.warnings)


def test_the_toolkits_project_has_the_folders_of_its_template(tmp_path: Path) -> None:
    made = AI_TOOLKIT.export(job(tmp_path, target="ai-toolkit", validation_data=VALIDATION))
    assert {file.path for file in made.files} == {
        "dataset/train.jsonl",
        "dataset/validation.jsonl",
        "finetuning/olive-config.json",
        "inference/answer.py",
        "infra/finetuning.config.json",
        "setup/requirements.txt",
    }
    files = {each["load_dataset_config"]["data_files"][0] for each in _data_configs(made)}
    assert files == {"dataset/train.jsonl", "dataset/validation.jsonl"}


def _data_configs(made: Exported) -> Any:
    return json.loads(content(made, "finetuning/olive-config.json"))["data_configs"]


def test_azure_runs_what_runs_on_this_machine(tmp_path: Path) -> None:
    made = AI_TOOLKIT.export(job(tmp_path, target="ai-toolkit"))
    container = json.loads(content(made, "infra/finetuning.config.json"))
    assert container["COMMANDS"] == ["cd /mount", *made.commands]
    assert {"SUBSCRIPTION_ID", "RESOURCE_GROUP_NAME", "ACA_JOB_NAME"} <= set(container)


def test_the_toolkits_own_model_has_no_warning_of_its_own(tmp_path: Path) -> None:
    def about_templates(model: str) -> bool:
        made = AI_TOOLKIT.export(job(tmp_path, target="ai-toolkit", model=model))
        return any("own templates" in warning for warning in made.warnings)

    assert about_templates("Phi-4")
    assert not about_templates("Phi-3-mini-4k-instruct")
