"""Uploads to Foundry are checked by Foundry's rules, and not by Azure ML's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maas_client.datasets.resource import AsyncDatasets
from maas_client.errors import DatasetRefused
from mock_server.server import Server

USER = {"role": "user", "content": "What does a bell cost?"}
CALL = {"id": "a", "type": "function", "function": {"name": "price", "arguments": "{}"}}
TOOLS = [{"type": "function", "function": {"name": "price", "parameters": {"type": "object"}}}]


def written(folder: Path, row: dict[str, Any]) -> Path:
    file = folder / "rows.jsonl"
    file.write_text(f"{json.dumps(row)}\n" * 10, "utf-8")
    return file


async def test_rows_that_only_foundry_takes_are_uploaded(files: AsyncDatasets, tmp_path: Path) -> None:
    calling = {"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}], "tools": TOOLS}

    sent = await files.upload(written(tmp_path, calling))

    assert sent.bytes_sent > 0
    assert not (await files.check(tmp_path / "rows.jsonl", surface="azureml")).ok


async def test_rows_that_foundry_would_refuse_are_not_sent(
    files: AsyncDatasets, tmp_path: Path, maas_server: Server
) -> None:
    both = {"messages": [USER, {"role": "assistant", "content": "", "tool_calls": [CALL]}], "tools": TOOLS}

    with pytest.raises(DatasetRefused, match="Azure AI Foundry would reject") as refused:
        await files.upload(written(tmp_path, both))

    assert refused.value.report.dropped == {"chat-content-beside-calls": 10}
    assert "--for foundry" in str(refused.value)
    assert "foundry.files.create" not in {request["operation"] for request in maas_server.requests()}


async def test_an_upload_is_checked_for_the_method_of_its_job(files: AsyncDatasets, rows: Path) -> None:
    with pytest.raises(DatasetRefused, match="needs input and preferred_output"):
        await files.upload(rows, method="dpo")

    assert (await files.upload(rows, method="supervised")).bytes_sent > 0
