"""Target modules are compared with the modules of the model: what peft would skip in silence is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from maas_client.catalog.lookup import list_models
from maas_client.errors import InvalidInput
from maas_client.exports.adapter_file import AdapterFile, read_adapter_file, required_model
from maas_client.exports.hub_models import hub_models
from maas_client.exports.target_modules import check_targets

UNFUSED = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
FUSED = ("qkv_proj", "o_proj", "gate_up_proj", "down_proj")
MINI = "Phi-3-mini-4k-instruct"

Read = Callable[[str, str], AdapterFile]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a configuration by its name and text."""

    def written(name: str, text: str) -> AdapterFile:
        (tmp_path / name).write_text(text, "utf-8")
        return read_adapter_file(tmp_path / name)

    return written


def test_the_names_of_other_models_train_a_third_of_phi_3() -> None:
    checked = check_targets(MINI, UNFUSED, rank=8)
    assert set(checked.found) == {"o_proj", "down_proj"}
    assert checked.missing == ("q_proj", "k_proj", "v_proj", "gate_proj", "up_proj")
    assert checked.untouched == ("qkv_proj", "gate_up_proj")
    assert checked.share == pytest.approx(0.354, abs=0.001)
    assert checked.is_wrong


@pytest.mark.parametrize("name", [facts.name for facts in list_models() if facts.name in hub_models()])
def test_the_modules_of_each_model_are_all_found(name: str) -> None:
    checked = check_targets(name, hub_models()[name].targets)
    assert (checked.missing, checked.untouched, checked.share) == ((), (), 1)
    assert not checked.is_wrong
    assert check_targets(name, ["all-linear"]).parameters == checked.parameters


def test_every_module_has_the_parameters_that_peft_counts() -> None:
    assert check_targets("Phi-4", FUSED, rank=16).parameters == 55_705_600


def test_a_name_may_be_the_end_of_a_path() -> None:
    checked = check_targets("Phi-4", ["self_attn.o_proj", "mlp.o_proj"])
    assert (list(checked.found), checked.missing) == (["self_attn.o_proj"], ("mlp.o_proj",))


def test_a_table_outside_the_layers_is_found() -> None:
    checked = check_targets("Phi-4", ["lm_head"], rank=1)
    assert checked.found == {"lm_head": 5120 + 100_352}
    assert checked.untouched == FUSED


def test_no_target_modules_are_wrong() -> None:
    assert check_targets("Phi-4", []).is_wrong


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        (
            "adapter_config.json",
            '{"base_model_name_or_path": "microsoft/phi-4",\n "r": 8,\n "target_modules": ["o_proj", "qkv_proj"]}',
            3,
        ),
        ("trl.yaml", "model_name_or_path: microsoft/phi-4\nlora_r: 8\nlora_target_modules: [o_proj, qkv_proj]\n", 3),
        ("axolotl.yml", "base_model: microsoft/phi-4\nlora_r: 8\nlora_target_modules:\n  - o_proj\n  - qkv_proj\n", 3),
        (
            "olive.json",
            '{"model_path": "microsoft/phi-4", "passes": {"f":\n{"r": 8,\n"target_modules": ["o_proj", "qkv_proj"]}}}',
            3,
        ),
    ],
)
def test_each_configuration_says_its_targets(read: Read, name: str, text: str, line: int) -> None:
    found = read(name, text)
    assert (found.names, found.rank, found.model) == (("o_proj", "qkv_proj"), 8, "Phi-4")
    assert found.where.endswith(f"{name}:{line}")


def test_the_configuration_in_a_config_map_is_read(read: Read) -> None:
    found = read(
        "kaito.yaml",
        "kind: ConfigMap\ndata:\n  training_config.yaml: |\n    training_config:\n      LoraConfig:\n        r: 4\n"
        "        target_modules: [o_proj]\n---\nkind: Workspace\ntuning:\n  preset:\n    name: phi-4\n",
    )
    assert (found.names, found.rank, found.model) == (("o_proj",), 4, "Phi-4")


def test_the_linear_switch_of_axolotl_means_every_module(read: Read) -> None:
    assert read("a.yaml", "base_model: microsoft/phi-4\nlora_target_linear: true\n").names == ("all-linear",)


def test_a_file_without_targets_has_none(read: Read) -> None:
    assert read("a.yaml", "base_model: microsoft/phi-4\nlora_r: 8\n").names == ()


def test_a_regular_expression_is_refused_with_its_line(read: Read) -> None:
    with pytest.raises(InvalidInput, match=r"a\.yaml:2: .* is a regular expression, which is not checked"):
        read("a.yaml", "base_model: microsoft/phi-4\ntarget_modules: '.*proj'\n")


def test_a_model_that_no_catalogue_has_must_be_named(read: Read) -> None:
    found = read("a.yaml", "base_model: someone/else\ntarget_modules: [o_proj]\n")
    with pytest.raises(InvalidInput, match="name one with --model"):
        required_model(found, None)
    assert required_model(found, "Phi-4") == "Phi-4"
