"""Job files of ours, of az ml, of axolotl and of TRL are never taken for one another."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from maas_client import InvalidInput
from maas_client.job_files.azure_ml_kinds import refuse_other_kinds
from maas_client.job_files.file_formats import MARKS, SHARED, FileFormat, format_of
from maas_client.job_files.keys import KEYS
from maas_client.job_files.located import Located

LISTS = Path(__file__).with_name("tool_keys")
AZ_ML = ("name", "display_name", "experiment_name", "tags", "properties", "hyperparameters", "training_data")
AZ_ML_ONLY = ("model_provider", "queue_settings", "resources", "outputs", "services", "identity", "creation_context")
TOOLS: tuple[FileFormat, ...] = ("axolotl", "trl")
OTHERWISE = {"rl", "reward_model", "process_reward_model", "center_rewards_coefficient"}


def keys_of(tool: str) -> list[str]:
    """Return the keys that a tool knows."""
    lines = (LISTS / f"{tool}.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def file(*keys: str) -> dict[str, Located]:
    """Return a file with some keys, one a line."""
    return {key: Located("x", f"f.yaml:{line}", "x") for line, key in enumerate(keys, 1)}


def is_refused(keys: Iterable[str]) -> bool:
    """Return whether a file with these keys is refused before it is read."""
    try:
        format_of(file(*keys))
    except InvalidInput:
        return True
    return False


def test_only_one_format_has_the_key_that_marks_it() -> None:
    known = {tool: set(keys_of(tool)) for tool in TOOLS}
    for tool, mark in MARKS.items():
        assert mark not in KEYS
        assert [each for each in TOOLS if mark in known[each]] == [each for each in TOOLS if each == tool]
    assert set(KEYS) & (known["axolotl"] | known["trl"]) == SHARED
    assert not (known["axolotl"] | known["trl"]) & {*AZ_ML, *AZ_ML_ONLY}


@pytest.mark.parametrize("tool", TOOLS)
def test_every_key_of_a_tool_leaves_the_file_its_own(tool: FileFormat) -> None:
    mark = MARKS[tool]
    for key in keys_of(tool):
        refuse_other_kinds(file(mark, key))
        if key not in OTHERWISE:
            assert format_of(file(mark, key)) == format_of(file(key, mark)) == tool
            assert format_of(file(key)) == (tool if key == mark else "ours")  # where it is an unknown key
    assert format_of(file(*(key for key in keys_of(tool) if key not in OTHERWISE))) == tool


@pytest.mark.parametrize("tool", TOOLS)
def test_our_keys_beside_those_of_a_tool_are_refused(tool: FileFormat) -> None:
    for key in KEYS:
        assert format_of(file(key)) == "ours"
        assert is_refused([MARKS[tool], key]) == is_refused([key, MARKS[tool]]) == (key not in SHARED)
    with pytest.raises(InvalidInput, match=r"f\.yaml:2: `model` is a key of a job file, and `"):
        format_of(file(MARKS[tool], "model"))


def test_a_type_makes_every_file_one_of_az_ml() -> None:
    for keys in (AZ_ML, AZ_ML_ONLY, tuple(KEYS), *(keys_of(tool) for tool in TOOLS)):
        assert format_of(file("type", *keys)) == format_of(file(*keys, "type")) == "az ml"


def test_a_file_of_two_tools_is_refused() -> None:
    with pytest.raises(
        InvalidInput, match=r"f\.yaml:2: `model_name_or_path` is a key of TRL, and `base_model` one of ax"
    ):
        format_of(file("base_model", "model_name_or_path"))


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        (("base_model", "models", "merge_method"), "`models` is a key of a merge of models by mergekit"),
        (("base_model", "rl"), "`rl: x` is not supervised fine-tuning"),
        (("model_name_or_path", "finetuning_type"), "`finetuning_type` is a key of a configuration of LLaMA-Factory"),
        (("model_name_or_path", "train_file"), "`train_file` is a key of the arguments of an example script"),
        (("model_name_or_path", "beta"), "`beta` is a key of TRL for preferences (`trl dpo`)"),
        (("model_name_or_path", "num_generations"), "`num_generations` is a key of TRL for reinforcement"),
    ],
)
def test_a_file_that_only_looks_like_a_tool_s_is_refused(keys: tuple[str, ...], what: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        format_of(file(*keys))
    assert str(caught.value).startswith(f"f.yaml:2: {what}")
    assert "axolotl (`axolotl train`) and TRL (`trl sft`)" in str(caught.value)
