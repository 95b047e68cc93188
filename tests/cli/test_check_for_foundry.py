"""`maas check --for`: one file judged by the rules of Azure ML, of Azure AI Foundry, or of both."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mock_server.server import Server
from tests.cli.shell import Shell, chat_row

Write = Callable[[str, Sequence[str]], str]

TOOLS = [{"type": "function", "function": {"name": "price", "parameters": {"type": "object"}}}]
CALL = {"id": "a", "type": "function", "function": {"name": "price", "arguments": "{}"}}


def calling(question: str, **more: Any) -> str:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "tool_calls": [CALL], **more}]
    return json.dumps({"messages": turns, "tools": TOOLS})


def preference(question: str) -> str:
    outputs = ({"role": "assistant", "content": text} for text in ("Nine euros.", "No idea."))
    return json.dumps(
        {
            "input": {"messages": [{"role": "user", "content": question}]},
            **dict(zip(("preferred_output", "non_preferred_output"), ([each] for each in outputs), strict=True)),
        }
    )


@pytest.fixture
def tools(write: Write) -> str:
    """A file whose rows call tools without content, as Foundry asks for."""
    return write("tools.jsonl", [calling(f"What do {n} bells cost?") for n in range(12)])


def test_one_file_is_judged_for_both_services(maas: Shell, tools: str) -> None:
    result = maas("check", tools, "--for", "both")

    lines = result.stdout.splitlines()
    assert result.exit_code == 6
    assert lines.index("Azure Machine Learning") < lines.index("Azure AI Foundry")
    assert "tools.jsonl: 12 of 12 rows kept for chat training; the whole job would fail on it" in lines
    assert lines[-1] == "tools.jsonl: 12 of 12 rows valid for supervised fine-tuning; Azure AI Foundry would accept it"
    assert "the whole job would fail on tools.jsonl" in result.stderr


def test_the_rules_are_those_of_azure_ml_by_default(maas: Shell, tools: str) -> None:
    assert maas("check", tools).stdout == maas("check", tools, "--for", "azureml").stdout
    assert "fatal    chat-content-missing" in maas("check", tools).stdout
    assert maas("check", tools, "--for", "foundry").exit_code == 0


def test_json_of_both_services_names_them(maas: Shell, tools: str) -> None:
    document = json.loads(maas("check", tools, "--for", "both", "--output", "json").stdout)

    assert document["ok"] is False
    assert [(each["file"], each["surface"], each["method"], each["ok"]) for each in document["files"]] == [
        ("tools.jsonl", "azureml", "supervised", False),
        ("tools.jsonl", "foundry", "supervised", True),
    ]


def test_each_line_of_jsonl_names_its_service(maas: Shell, write: Write, rows: list[str]) -> None:
    file = write("marked.jsonl", [*rows, calling("What?", content="")])

    found = [json.loads(line) for line in maas("check", file, "--for", "both", "--output", "jsonl").stdout.splitlines()]

    assert {(each["surface"], each["rule"], each["severity"]) for each in found} == {
        ("azureml", "chat-tool-calls", "warning"),
        ("foundry", "chat-content-beside-calls", "refused"),
    }


def test_annotations_and_sarif_have_the_findings_of_foundry(maas: Shell, write: Write, tmp_path: Path) -> None:
    file = write("marked.jsonl", [calling("What?", content="")] * 12)

    shown = maas("check", file, "--for", "foundry", "--output", "github", "--sarif", "check.sarif").stdout

    [run] = json.loads((tmp_path / "check.sarif").read_text("utf-8"))["runs"]
    assert "::error file=marked.jsonl,line=1,title=chat-content-beside-calls::" in shown
    assert run["properties"]["surface"] == "foundry"
    assert "chat-content-beside-calls" in {rule["id"] for rule in run["tool"]["driver"]["rules"]}


def test_the_method_is_detected_or_asked_for(maas: Shell, write: Write) -> None:
    file = write("dpo.jsonl", [preference(f"What do {n} bells cost?") for n in range(12)])

    detected = maas.done("check", file, "--for", "foundry").splitlines()[-1]

    assert detected == "dpo.jsonl: 12 of 12 rows valid for dpo fine-tuning; Azure AI Foundry would accept it"
    assert maas.done("check", file, "--method", "dpo").splitlines()[-1] == detected
    assert maas("check", file, "--for", "foundry", "--method", "supervised").exit_code == 6


def test_a_method_that_azure_ml_lacks_is_an_error(maas: Shell, tools: str) -> None:
    for service in ("azureml", "both"):
        result = maas("check", tools, "--for", service, "--method", "dpo")

        assert result.exit_code == 2
        assert "dpo fine-tuning is not offered by Azure Machine Learning" in result.stderr


def test_a_file_is_repaired_for_one_service(maas: Shell, write: Write, tmp_path: Path) -> None:
    file = write("raw.jsonl", [calling(f"What do {n} bells cost?", content="") for n in range(12)])

    both = maas("check", file, "--for", "both", "--fix", "train.jsonl")
    shown = maas.done("check", file, "--for", "foundry", "--fix", "train.jsonl")

    assert both.exit_code == 2
    assert "choose --for azureml or --for foundry" in both.stderr
    assert "chat-content-beside-calls: 12 changes" in shown
    assert '"content": ""' not in (tmp_path / "train.jsonl").read_text("utf-8")


def test_standard_input_is_read_once_for_both(maas: Shell, rows: list[str]) -> None:
    lines = "".join(f"{line}\n" for line in rows)

    document = json.loads(maas("check", "-", "--for", "both", "--output", "json", stdin=lines).stdout)

    assert [(each["surface"], each["rows"]) for each in document["files"]] == [("azureml", 12), ("foundry", 12)]


def test_validation_rows_are_compared_for_each_service(maas: Shell, write: Write, rows: list[str]) -> None:
    train, validation = write("train.jsonl", rows), write("validation.jsonl", [chat_row("New?", "Yes."), rows[3]])

    shown = maas.done("check", train, "--for", "both", "--validation-data", validation)
    plain = json.loads(maas.done("check", train, "--for", "both", "--validation-data", validation, "--output", "json"))

    assert shown.count("warning  validation-row-in-training  1 row: line 2") == 2
    assert shown.count("split by the service") == 1  # Foundry splits nothing
    assert [each["validation"]["counts"] for each in plain["files"]] == [{"validation-row-in-training": 1}] * 2


def test_the_number_of_files_that_pass_is_shown_once(maas: Shell, tools: str, train: str) -> None:
    lines = maas("check", tools, train, "--for", "both").stdout.splitlines()

    assert lines[-1] == "1 of 2 files would be accepted"


def test_the_rules_are_those_of_the_selected_platform(maas: Shell, tools: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "kept for chat training" in maas("check", tools).stdout
    assert "valid for supervised" in maas("check", tools, "--surface", "foundry").stdout
    monkeypatch.setenv("FOUNDRY_ENDPOINT", "https://shop.services.ai.azure.com/api/projects/bells")
    assert "kept for chat training" in maas("check", tools).stdout  # a workspace is selected, too
    monkeypatch.delenv("AZUREML_WORKSPACE_NAME")
    assert "valid for supervised" in maas("check", tools).stdout
    assert "kept for chat training" in maas("check", tools, "--for", "azureml").stdout
    assert "kept for chat training" in maas("check", tools, "--model", "Phi-4").stdout
    monkeypatch.setenv("MAAS_SURFACE", "aws")
    assert "unknown surface 'aws'" in maas("check", tools).stderr


def test_a_model_decides_whose_rules_are_applied(maas: Shell, write: Write) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://example.org/bell.png"}}
    turns = [{"role": "user", "content": [image]}, {"role": "assistant", "content": "A bell."}]
    file = write("images.jsonl", [json.dumps({"messages": turns})] * 12)

    seen, unseen = (maas("check", file, "--model", model) for model in ("gpt-4.1-2025-04-14", "gpt-4.1-nano"))

    assert "Azure AI Foundry would accept it" in seen.stdout
    assert "chat-images-unseen" in unseen.stdout
    assert "fatal    chat-content-not-text" in maas("check", file, "--model", "Phi-4").stdout
    assert maas("check", file, "--for", "both", "--model", "gpt-4.1").stdout.count("images.jsonl: ") == 2


def test_a_file_is_converted_for_the_method(maas: Shell, write: Write, tmp_path: Path) -> None:
    pairs = [json.dumps({"prompt": f"{n} bells?", "chosen": f"{9 * n}", "rejected": "?"}) for n in range(12)]
    file = write("pairs.jsonl", pairs)

    result = maas("convert", file, "--to", "train.jsonl", "--method", "dpo")

    assert "next: maas check train.jsonl --for foundry" in result.stderr
    assert "12 of 12 rows valid for dpo fine-tuning" in maas.done("check", "train.jsonl", "--for", "foundry")
    assert json.loads((tmp_path / "train.jsonl").read_text("utf-8").splitlines()[0])["preferred_output"]


def test_an_upload_is_checked_for_its_method(
    maas: Shell, server: Server, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDRY_ENDPOINT", f"{server.endpoint}/api/projects/demo")
    monkeypatch.setenv("MAAS_SURFACE", "foundry")
    file = write("dpo.jsonl", [preference(f"What do {n} bells cost?") for n in range(12)])

    refused = maas("upload", file, "--method", "supervised")

    assert refused.exit_code == 6
    assert "Azure AI Foundry would reject dpo.jsonl: line 1: a row for supervised" in refused.stderr
    assert "maas check dpo.jsonl --for foundry --method supervised" in refused.stderr
    assert "id     file-" in maas.done("upload", file, "--method", "dpo")


def test_a_file_that_foundry_may_train_on_has_a_note(maas: Shell, tools: str, train: str, write: Write) -> None:
    note = "Azure AI Foundry has other rules for such rows: maas check {} --for foundry"
    pairs = write("dpo.jsonl", [preference(f"What do {n} bells cost?") for n in range(12)])

    assert all(note.format(name) in maas("check", name).stderr for name in (tools, pairs))
    assert "other rules" not in maas("check", train).stderr
    assert "other rules" not in maas("check", tools, "--for", "azureml").stderr


def test_tokens_are_those_of_the_estimate(maas: Shell, train: str) -> None:
    shown = maas.done("check", train, "--model", "gpt-4.1-mini")
    estimate = json.loads(maas.done("estimate", train, "--model", "gpt-4.1-mini", "--output", "json"))

    assert f"  tokens      {estimate['training']['total']:,} in 12 rows" in shown
    result = maas("check", train, "--model", "gpt-4.1-mini", "--max-seq-length", "512")
    assert (result.exit_code, "offered by Azure AI Foundry" in result.stderr) == (2, True)
