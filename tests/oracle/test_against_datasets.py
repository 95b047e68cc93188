"""The check and the mock server against the service's own libraries: do files end the job, and where.

The oracle (`service_stages.py`) runs in two environments with nothing of this project: `datasets` before version 3 and
a current one. Their templates are the published ones. `make oracles` creates the environments.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from maas_client import CheckReport, find_model
from maas_client.datasets.check.checker import CheckOptions
from maas_client.datasets.rows.schemas import Task
from mock_server.training import base_models, dataset_rows

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
ENVIRONMENTS = {version: Path(sys.prefix, f"oracle-{version}/bin/python") for version in ("2.21.0", "5.2.0")}
FILES = 10_000
WHOLE = 100
"""Files that are also loaded by `load_dataset` itself, to hold the parts of it that the others are loaded by."""

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the published templates are not beside this clone")

PHI_3_SMALL = (
    "{{ bos_token }}{% for message in messages %}{{ '<|' + message['role'] + '|>\n' }}"
    "{{ '' + message['content'] + '<|end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}"
)
MODELS = (
    "Phi-3-mini-4k-instruct",
    "Phi-3-small-8k-instruct",
    "Phi-3-medium-4k-instruct",
    "Phi-4",
    "Phi-4-mini-instruct",
)

SURROGATES = ("\ud83d", "ok \ude00", "\ud83d\ude00")
CONTENTS: tuple[Any, ...] = (
    *("Hello", "How are you?", "Ünïcode ✓", " ", ""),
    [{"type": "text", "text": "Hello"}],
    [{"text": "no type"}],
    [{"type": "image_url", "image_url": {"url": "x"}}],
    [],
    None,
)
CALLS = (
    [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    [{"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": 1}}}],
    [{"id": 1, "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}],
)
COLUMNS: Mapping[str, tuple[Any, ...]] = {
    "id": ("1", 2, 2.5, None, True),
    "meta": ({"a": 1}, {"a": "x"}, {"b": [1]}, "x", [], {}),
    "tags": (["a"], [1], [], [None], [["a"]], [{"k": 1}, {"k": "v"}]),
    "tools": ([{"type": "function"}], [{"type": 1}], "[]", None),
    "weight": (1, 0.5, "1", None),
}


@dataclass(frozen=True)
class Sample:
    """A generated file, and what it is checked for."""

    data: bytes
    task: Task
    model: str


def turn(dice: random.Random, role: str, odd: float) -> dict[str, Any]:
    """A turn; with the probability `odd` of a kind that the template may not render."""
    made: dict[str, Any] = {"role": role, "content": dice.choice(CONTENTS[:3])}
    if dice.random() < odd:
        made["content"] = dice.choice(CONTENTS)
    if dice.random() < odd / 3:
        made["content"] = dice.choice(SURROGATES)
    if dice.random() < odd and role == "assistant":
        made["tool_calls"] = dice.choice(CALLS[: dice.choice([1, 1, 3])])
        made["content"] = dice.choice(["", "", "Calling.", None])
    if dice.random() < odd / 4 and role == "system":
        made["tools"] = dice.choice(["[]", [{"name": "f"}], None])
    if made["content"] is None and dice.random() < 0.5:
        del made["content"]
    return made


def chat_row(dice: random.Random, odd: float) -> dict[str, Any]:
    """A chat row."""
    roles = ["user", "assistant"] * dice.choice([1, 1, 2])
    if dice.random() < 0.3:
        roles.insert(0, "system")
    if dice.random() < odd:
        roles.insert(dice.randrange(len(roles)), dice.choice(["tool", "developer", "system"]))
    if dice.random() < odd / 4:
        roles = roles[:1]
    return {"messages": [turn(dice, role, odd) for role in roles]}


def sample(seed: int) -> Sample:
    """A file that is good but for few rows, a kind of mistake or two in each."""
    dice = random.Random(seed)
    task: Task = "text" if dice.random() < 0.2 else "chat"
    odd = dice.choice([0.0, 0.02, 0.02, 0.1])
    extra = dice.sample(sorted(COLUMNS), dice.choice([0, 0, 1, 2]))
    mixed = dice.random() < 0.4
    rows: list[dict[str, Any]] = []
    for _ in range(dice.choice([12, 15, 30])):
        row = chat_row(dice, odd) if task == "chat" else {"prompt": "Hello", "completion": dice.choice(CONTENTS[:3])}
        for column in extra:
            row[column] = dice.choice(COLUMNS[column]) if mixed else COLUMNS[column][0]
        rows.append(row)
    plain = dice.random() < 0.5
    lines = [json.dumps(row, ensure_ascii=plain or "\\ud" in json.dumps(row)).encode() for row in rows]
    end = dice.choice([b"\n", b"\n", b"\r\n", b"\r"])
    return Sample(end.join(lines) + dice.choice([b"", end]), task, dice.choice(MODELS))


def templates() -> dict[str, str]:
    """The chat template of each model."""
    tokenizers, planning = SHARED / "tokenizers", SHARED / "planning/templates"
    published = {
        name: json.loads((tokenizers / name / "tokenizer_config.json").read_text("utf-8"))
        for name in ("phi-3-mini", "phi-3-medium")
    }
    return {
        "Phi-3-mini-4k-instruct": published["phi-3-mini"]["chat_template"],
        "Phi-3-small-8k-instruct": PHI_3_SMALL,
        "Phi-3-medium-4k-instruct": published["phi-3-medium"]["chat_template"],
        "Phi-4": (planning / "phi-4.jinja").read_text("utf-8"),
        "Phi-4-mini-instruct": (planning / "phi-4-mini.jinja").read_text("utf-8"),
    }


def ask(version: str, folder: Path, samples: Sequence[Sample]) -> list[Any]:
    """Ask the libraries of one version about every file, and about the first ones once more by `load_dataset`."""
    python = ENVIRONMENTS[version]
    assert python.exists(), f"`make oracles` creates {python}"
    texts = templates()
    entries = [
        {"file": str(folder / f"{number}.jsonl"), "task": each.task, "template": texts[each.model], "whole": whole}
        for whole in (False, True)
        for number, each in enumerate(samples[:WHOLE] if whole else samples)
    ]
    manifest, verdicts = folder / f"{version}.manifest", folder / f"{version}.verdicts"
    manifest.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), "utf-8")
    script = Path(__file__).with_name("service_stages.py")
    home = folder / f"home-{version}"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_HOME": str(home)}
    subprocess.run([python, script, manifest, verdicts], check=True, env=environment)
    return [json.loads(line) for line in verdicts.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """Every generated file."""
    return [sample(seed) for seed in range(FILES)]


@pytest.fixture(scope="module")
def verdicts(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Any]]:
    """What each version says of every file."""
    folder = tmp_path_factory.mktemp("oracle")
    for number, each in enumerate(samples):
        (folder / f"{number}.jsonl").write_bytes(each.data)
    with ThreadPoolExecutor() as pool:
        asked = {version: pool.submit(ask, version, folder, samples) for version in ENVIRONMENTS}
        return {version: answer.result() for version, answer in asked.items()}


def check(each: Sample) -> CheckReport:
    """Check a file."""
    checker = CheckOptions(task=each.task, model=find_model(each.model), survey=False).checker(name="train.jsonl")
    checker.feed(each.data)
    return checker.finish()


def read(each: Sample) -> dataset_rows.Dataset:
    """Read a file as the mock server does."""
    model = base_models.find(each.model)
    assert model is not None
    task = "chatCompletion" if each.task == "chat" else "textCompletion"
    return dataset_rows.read([each.data], name="a.jsonl", task=task, limit=10**9, minimum=0, template=model.template)


@needs_shared
def test_the_parts_of_the_loader_agree_with_the_whole(verdicts: Mapping[str, list[Any]]) -> None:
    for found in verdicts.values():
        assert len(found) == FILES + WHOLE
        assert found[FILES:] == found[:WHOLE]


@needs_shared
def test_check_and_mock_agree_with_the_libraries(samples: list[Sample], verdicts: Mapping[str, list[Any]]) -> None:
    outcomes: Counter[str] = Counter()
    for number, each in enumerate(samples):
        old, new = (verdicts[version][number] for version in ENVIRONMENTS)
        stops = [found for found in (old, new) if found["ended"]]
        report, dataset = check(each), read(each)
        ends = [finding for finding in report.findings if finding.severity == "fatal"]
        assert bool(ends) == bool(stops), (number, old, new, report.counts)
        assert bool(dataset.stage) == bool(stops), (number, old, new, dataset)
        for found in stops:
            lines = {finding.line for finding in ends if finding.stage == found["ended"]}
            assert lines, (number, found, ends)
            assert found["line"] is None or found["line"] in lines, (number, found, ends)
        if stops:
            assert (dataset.stage, dataset.line) in {(found["ended"], found["line"]) for found in stops}, number
            assert dataset.problem in {found["why"].removeprefix("ArrowInvalid: ") for found in stops}, number
        else:
            assert report.kept == dataset.rows == old["kept"] == new["kept"], (number, old, report.counts)
        outcomes[f"{each.task} {old['ended']} {new['ended']}"] += 1
    wanted = {"chat None None", "chat load None", "chat load load", "chat render render", "chat load render"}
    assert wanted <= set(outcomes), outcomes
    assert min(outcomes[each] for each in wanted) > FILES / 200, outcomes


LONG = {"messages": [{"role": "user", "content": "x" * 1000}, {"role": "assistant", "content": "Yes."}]}
LATE: Mapping[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a column": (LONG, {**LONG, "id": 1}),
    "a key of a message": (LONG, {"messages": [{**turn, "name": "x"} for turn in LONG["messages"]]}),
    "a column of nulls": ({**LONG, "id": None}, {**LONG, "id": 1}),
    "an empty list": ({**LONG, "tags": []}, {**LONG, "tags": ["a"]}),
    "a nested key": ({**LONG, "meta": {"a": 1}}, {**LONG, "meta": {"a": 1, "b": 1}}),
    "nothing": ({**LONG, "id": 1}, LONG),
}


@needs_shared
@pytest.mark.parametrize("what", LATE)
def test_a_field_behind_the_first_batch_ends_the_job(what: str, tmp_path: Path) -> None:
    usual, last = (json.dumps(row).encode() + b"\n" for row in LATE[what])
    late = Sample(usual * 11_000 + last, "chat", MODELS[0])
    (tmp_path / "0.jsonl").write_bytes(late.data)
    endings = {found["ended"] for version in ENVIRONMENTS for found in ask(version, tmp_path, [late])}
    assert endings == ({None} if what == "nothing" else {"load"})
    found = [finding.line for finding in check(late).findings if finding.rule == "field-appears-late"]
    assert found == ([] if what == "nothing" else [11_001] * len(found))
    assert bool(found) == (what != "nothing")
