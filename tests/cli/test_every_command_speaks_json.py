"""With `--output json`, the stdout of every command is exactly one JSON value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from maas_client.cli.app.lazy_group import LazyGroup
from mock_server.server import Server
from tests.cli.shell import MODEL, Shell
from tests.cli.test_every_command_has_help import EVERY, found
from tests.mock_server.loopback_server import allow_loopback_sources, file_server, loopback_server

Write = Callable[[str, Sequence[str]], str]

SIZE = "Standard_NC24ads_A100_v4"

RECORDED: dict[str, object] = {
    "cassette": 1,
    "n": 0,
    "at": 0,
    "seconds": 0,
    "operation": None,
    "method": "GET",
    "url": "http://localhost/x",
    "request": {"headers": {}, "body": None},
    "status": 200,
    "headers": {},
    "body": None,
}
"""One exchange of a recording."""

STAYS = {("mock",)}
"""Commands that run until they are ended; their stdout is a log."""

GROUPS = {path for path in EVERY if isinstance(found(path)[0], LazyGroup)}

WORDS: dict[tuple[str, ...], Sequence[str]] = {
    ("demo",): (),
    ("check",): ("train.jsonl",),
    ("convert",): ("faq.csv", "--to", "chat.jsonl", "--map", "user=Question", "--map", "assistant=Answer"),
    ("estimate",): ("train.jsonl", "--model", MODEL),
    ("plan",): ("--model", MODEL, "--data", "train.jsonl"),
    ("export",): ("job.yaml", "--for", "trl", "--to", "exported"),
    ("split",): ("train.jsonl", "--validation-count", "2"),
    ("copy",): ("{url}", "--filename", "copied.jsonl"),
    ("upload",): ("train.jsonl",),
    ("uploads",): (),
    ("download",): ("ft-1", "got"),
    ("jobs", "create"): ("--model", MODEL, "--training-data", "train.jsonl", "--name", "ft-2"),
    ("jobs", "list"): (),
    ("jobs", "show"): ("ft-1",),
    ("jobs", "watch"): ("ft-1",),
    ("jobs", "compare"): ("ft-1", "ft-0"),
    ("jobs", "cancel"): ("ft-0",),
    ("jobs", "archive"): ("ft-0",),
    ("jobs", "restore"): ("ft-0",),
    ("datasets", "list"): (),
    ("datasets", "show"): ("train",),
    ("datasets", "delete"): ("train", "--yes"),
    ("datasets", "restore"): ("train",),
    ("jobs", "metrics"): ("ft-1",),
    ("jobs", "logs"): ("ft-1",),
    ("jobs", "schema"): (),
    ("sweep",): ("-f", "sweep.yaml"),
    ("init",): (),
    ("run",): ("-f", "job.yaml"),
    ("deploy",): ("ft-1", "--name", "tuned-2"),
    ("endpoints", "create"): ("--model", MODEL, "--name", "base-2"),
    ("endpoints", "list"): (),
    ("endpoints", "show"): ("base",),
    ("endpoints", "keys"): ("base",),
    ("endpoints", "scale"): ("own", "2"),
    ("endpoints", "traffic"): ("own", "main=100"),
    ("endpoints", "logs"): ("own",),
    ("endpoints", "delete"): ("base", "--yes"),
    ("computes", "sizes"): (),
    ("computes", "quota"): (),
    ("computes", "create"): ("cpu-2", "--size", "Standard_DS3_v2"),
    ("computes", "list"): (),
    ("computes", "show"): ("cpu",),
    ("computes", "scale"): ("cpu", "--max-nodes", "2"),
    ("computes", "delete"): ("cpu", "--yes"),
    ("costs",): (),
    ("chat",): ("base", "hello"),
    ("eval",): ("base", "--validation-data", "train.jsonl"),
    ("models",): (),
    ("models", "list"): (),
    ("models", "show"): (MODEL,),
    ("models", "registered"): (),
    ("models", "registered", "list"): (),
    ("models", "registered", "show"): ("ft-1-model",),
    ("models", "registered", "register"): ("shop", "--job", "ft-1"),
    ("models", "registered", "archive"): ("ft-1-model:1",),
    ("models", "registered", "restore"): ("ft-1-model:1",),
    ("doctor",): (),
    ("record",): ("--show", "shown.jsonl"),
    ("verify",): (),
    ("drift",): ("recorded.jsonl", "recorded.jsonl"),
    ("completion",): ("bash",),
}

ON_FOUNDRY: dict[tuple[str, ...], Sequence[str]] = {
    ("jobs", "events"): ("ended",),
    ("jobs", "checkpoints"): ("ended",),
    ("jobs", "pause"): ("running",),
    ("jobs", "resume"): ("running",),
    ("jobs", "delete"): ("ended", "--yes"),
    ("webhooks", "create"): ("https://example.com/hooks",),
    ("webhooks", "list"): (),
    ("webhooks", "delete"): ("example.com", "--yes"),
}
"""Commands that only Foundry offers."""


def test_every_command_is_tested_here() -> None:
    assert set(WORDS) | set(ON_FOUNDRY) | GROUPS | STAYS >= set(EVERY)


@pytest.fixture
def ready(maas: Shell, train: str, write: Write, tmp_path: Path, request: pytest.FixtureRequest) -> Shell:
    """A shell in a workspace with a completed job, a running job and an endpoint, and files for every command."""
    write("faq.csv", ["Question,Answer", "When do you open?,At nine."])
    write("recorded.jsonl", [json.dumps(RECORDED)])
    job = ["jobs", "create", "--model", MODEL, "--training-data", train, "--name"]
    swept = {"model": MODEL, "training_data": train, "hyperparameters": {"learning_rate": [1e-5, 2e-5]}}
    (tmp_path / "sweep.yaml").write_text(json.dumps(swept), "utf-8")
    (tmp_path / "job.yaml").write_text(json.dumps({"model": MODEL, "training_data": train}), "utf-8")
    (tmp_path / "shown.jsonl").touch()
    maas.done(*job, "ft-1")
    maas.done("jobs", "watch", "ft-1")
    maas.done(*job, "ft-0")
    maas.done("endpoints", "create", "--model", MODEL, "--name", "base")
    if "endpoints" in request.node.callspec.params.get("path", ()):
        maas.server.set_quota({"gpu": 1000})
        maas.done("endpoints", "create", "--model", MODEL, "--name", "own", "--instance-type", SIZE)
    maas.done("computes", "create", "cpu", "--size", "Standard_DS3_v2")
    return maas


@pytest.mark.parametrize("path", WORDS, ids=" ".join)
def test_its_output_is_one_json_value(ready: Shell, server: Server, path: tuple[str, ...]) -> None:
    allow_loopback_sources(server.endpoint)
    with loopback_server(file_server(b'{"messages": []}\n', ETag='"1"')) as source:
        words = [word.replace("{url}", source.url) for word in WORDS[path]]
        result = ready(*path, *words, "--output", "json")
    assert result.exit_code == 0, result.output
    documents = list(values(result.stdout))
    assert len(documents) == (1 if path != ("demo",) else 8)  # the demo prints one per command


@pytest.mark.parametrize("path", ON_FOUNDRY, ids=" ".join)
def test_its_output_on_foundry_is_one_json_value(foundry: Shell, train: str, path: tuple[str, ...]) -> None:
    if path[0] == "webhooks" and path[-1] != "create":
        foundry.done("webhooks", "create", "https://example.com/hooks")
    if path[0] == "jobs":
        foundry.done(
            "jobs", "create", "--model", "gpt-4.1-mini", "--training-data", train, "--name", ON_FOUNDRY[path][0]
        )
        end_or_run(foundry, path)
    assert len(list(values(foundry.done(*path, *ON_FOUNDRY[path], "--output", "json")))) == 1


def end_or_run(foundry: Shell, path: tuple[str, ...]) -> None:
    """Wait for a job that has to have ended, else until it trains; and pause it where it is to be resumed."""
    if ON_FOUNDRY[path][0] == "ended":
        foundry.done("jobs", "watch", "ended")
        return
    while "Step 10:" not in foundry.done("jobs", "events", "running"):
        foundry.server.advance(2)
    if path[-1] == "resume":
        foundry.done("jobs", "pause", "running")
        foundry.server.advance(5)


@pytest.mark.parametrize("path", [("jobs", "list"), ("jobs", "logs"), ("models",), ("doctor",)], ids=" ".join)
def test_a_list_is_one_json_value_per_line_in_jsonl(ready: Shell, path: tuple[str, ...]) -> None:
    lines = ready.done(*path, *WORDS[path], "--output", "jsonl").splitlines()
    assert len([json.loads(line) for line in lines]) > 1


def values(text: str) -> Iterator[object]:
    """Yield the JSON values in a text."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].lstrip()
