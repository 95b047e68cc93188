"""`maas plan --check`: target modules that the model does not have end with an error that names the right ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from tests.cli.shell import Shell

Write = Callable[[str, Sequence[str]], str]

BASE = "base_model: microsoft/Phi-4-mini-instruct"


def test_names_that_the_model_lacks_are_an_error(maas: Shell, write: Write) -> None:
    file = write("lora.yaml", [BASE, "lora_r: 8", "lora_target_modules: [q_proj, o_proj]"])
    result = maas("plan", "--check", file)
    assert result.exit_code == 1
    assert f"{file}:3: Phi-4-mini-instruct has no q_proj: peft skips what it does not find" in result.stderr
    assert "target_modules: qkv_proj, o_proj, gate_up_proj, down_proj" in result.stderr
    assert "1,572,864 of the 11,534,336 parameters that adapters to every module have (14%)" in result.stdout


def test_names_that_the_model_has_are_listed(maas: Shell, write: Write) -> None:
    file = write("lora.yaml", [BASE, "lora_target_modules: [qkv_proj, o_proj, gate_up_proj, down_proj]"])
    lines = maas.done("plan", "--check", file).splitlines()
    assert lines[0] == "Phi-4-mini-instruct, adapters of rank 16"
    assert lines[2].split() == ["qkv_proj", "trained", "4,194,304"]


def test_a_file_that_names_nothing_is_an_error(maas: Shell, write: Write) -> None:
    result = maas("plan", "--check", write("lora.yaml", [BASE, "adapter: lora"]))
    assert "it names no target modules, and peft knows none for Phi-4-mini-instruct" in result.stderr


def test_a_check_has_its_json(maas: Shell, write: Write) -> None:
    file = write("lora.yaml", ["target_modules: [o_proj]"])
    checked = json.loads(maas.done("plan", "--model", "Phi-4", "--check", file, "--output", "json"))
    assert checked["untouched"] == ["qkv_proj", "gate_up_proj", "down_proj"]
    assert checked["where"] == f"{file}:1"
