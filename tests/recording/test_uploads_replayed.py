"""A replay takes another file than the recording had: its blocks, sizes and checksums are its own."""

from __future__ import annotations

import json
from pathlib import Path

from support import TLS

from maas_client.azure.settings import Settings
from maas_client.client import Resources
from maas_client.recording.recorder import RecordingWire
from maas_client.recording.recording import Recording
from maas_client.settings_choice import AnySettings, resolve
from maas_client.wire import AsyncWire, BlockingWire, Wire
from mock_server import serve_replay
from mock_server.server import Server

BLOCK = 8 << 20


def rows(path: Path, size: int) -> Path:
    """Write a training file of at least this size."""
    text = "long " * 20_000
    turns = ([("user", f"question {n}"), ("assistant", f"{text}{n}")] for n in range(size // len(text) + 12))
    lines = [json.dumps({"messages": [{"role": role, "content": content} for role, content in row]}) for row in turns]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


async def there_and_back(maas: Resources, file: Path, folder: Path) -> bool:
    """Upload a file and download it; return whether it came back, with its hash checked."""
    data = await maas.datasets.upload(file, check=False)
    got = await maas.datasets.download(f"{data.name}:{data.version}", folder)
    [fetched] = got.files
    return fetched.proof == "sha256" and fetched.path.read_bytes() == file.read_bytes()


async def test_a_file_of_more_blocks_than_recorded_is_taken(
    server_wire: Wire, maas_server: Server, kind: str, tmp_path: Path
) -> None:
    recorded, larger = rows(tmp_path / "rows.jsonl", BLOCK + 1), rows(tmp_path / "other.jsonl", 2 * BLOCK + 1)
    cassette = tmp_path / "upload.jsonl"
    wire = RecordingWire(server_wire, Recording(cassette))
    settings = Settings("sub-1", "group-1", "work-1", endpoint=maas_server.endpoint)
    assert await there_and_back(Resources(wire, settings, None), recorded, tmp_path / "first")
    for file in (recorded, larger):
        with serve_replay(cassette) as server:
            replayed = BlockingWire(verify=TLS) if kind == "blocking" else AsyncWire(verify=TLS)
            maas = Resources(replayed, Settings("s", "g", "w", endpoint=server.endpoint), None)
            assert await there_and_back(maas, file, tmp_path / file.stem)
            assert server.progress()["unused"] == []
            if isinstance(replayed, AsyncWire):
                await replayed.close()
            else:
                replayed.close()


async def test_a_foundry_file_comes_back_as_it_was_sent(
    server_wire: Wire, maas_server: Server, kind: str, tmp_path: Path
) -> None:
    recorded, larger = rows(tmp_path / "rows.jsonl", 1_000), rows(tmp_path / "other.jsonl", 300_000)
    cassette = tmp_path / "upload.jsonl"
    wire = RecordingWire(server_wire, Recording(cassette))
    project = "/api/projects/demo"
    assert await kept_on_foundry(Resources(wire, foundry(f"{maas_server.endpoint}{project}"), None), recorded)
    for file in (recorded, larger):
        with serve_replay(cassette) as server:
            replayed = BlockingWire(verify=TLS) if kind == "blocking" else AsyncWire(verify=TLS)
            assert await kept_on_foundry(Resources(replayed, foundry(f"{server.endpoint}{project}"), None), file)
            if isinstance(replayed, AsyncWire):
                await replayed.close()
            else:
                replayed.close()


def foundry(endpoint: str) -> AnySettings:
    """Return the settings of an account on this machine."""
    return resolve(foundry_endpoint=endpoint, environ={}, directory=Path())


async def kept_on_foundry(maas: Resources, file: Path) -> bool:
    """Upload a file to Foundry and read it back; return whether size and content are its own."""
    data = await maas.datasets.upload(file, check=False)
    read = await maas.datasets.get(data.id)
    got = await maas.datasets.download(data, file.parent / f"{file.stem}-again.jsonl")
    return read.size == file.stat().st_size and got.files[0].path.read_bytes() == file.read_bytes()
