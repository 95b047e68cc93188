"""What azure-ai-ml has uploaded and what its jobs leave behind comes to us byte for byte, and from Azurite as well."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.storage.blob import ContainerClient

from maas_client import BlockingWire, Conflict, MaasClient
from maas_client.azure.blob_container import BlobContainer, ListedBlob
from maas_client.azure.signers import SharedKey
from maas_client.core.blocking import iterate, run
from maas_client.core.secret_text import SecretText
from maas_client.http.channel import Channel
from maas_client.http.trusted_hosts import Trust
from tests.judges import azurite as emulator
from tests.judges.azurite import Azurite
from tests.judges.sdk import GROUP, SUBSCRIPTION, WORKSPACE, Microsoft

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def maas(microsoft: Microsoft) -> Iterator[MaasClient]:
    """Give our own client of the same workspace."""
    with MaasClient(
        subscription_id=SUBSCRIPTION,
        resource_group=GROUP,
        workspace=WORKSPACE,
        endpoint=microsoft.server.endpoint,
        credential=microsoft.credential,
        cloud="AzureCloud",
    ) as client:
        yield client


def test_a_file_uploaded_by_azure_ai_ml_is_verified_by_its_hash(
    microsoft: Microsoft, maas: MaasClient, train: Path, tmp_path: Path
) -> None:
    data = microsoft.upload(train)
    for number, reference in enumerate((f"{data.name}:{data.version}", str(data.id), str(data.path))):
        brought = maas.datasets.download(reference, tmp_path / str(number))
        assert brought.path.read_bytes() == train.read_bytes()
        assert brought.files[0].proof == "sha256"


def test_a_file_uploaded_by_azure_ai_ml_in_blocks_has_ranges(
    microsoft: Microsoft, maas: MaasClient, tmp_path: Path
) -> None:
    large = tmp_path / "large.jsonl"
    line = json.dumps({"text": "x" * 1000}).encode() + b"\n"
    large.write_bytes(line * ((66 << 20) // len(line)))
    data = microsoft.upload(large, "large")
    assert len(microsoft.asked("blob.put_block")) > 1
    brought = maas.datasets.download(f"{data.name}:{data.version}", tmp_path / "copy")
    assert brought.path.read_bytes() == large.read_bytes()
    assert (brought.files[0].proof, len(microsoft.asked("blob.get"))) == ("sha256", 9)


def test_a_folder_that_azure_ai_ml_has_uploaded_comes_whole(
    microsoft: Microsoft, maas: MaasClient, tmp_path: Path
) -> None:
    from azure.ai.ml.entities import Data

    folder = tmp_path / "folder"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"a")
    (folder / "deep" / "er" / "b c.txt").write_bytes(CONTENT)
    made: Any = microsoft.ml.data.create_or_update(
        Data(name="folder", version="1", path=str(folder), type="uri_folder")
    )
    maas.datasets.download(str(made.id), tmp_path / "copy")
    assert (tmp_path / "copy" / "a.txt").read_bytes() == b"a"
    assert (tmp_path / "copy" / "deep" / "er" / "b c.txt").read_bytes() == CONTENT


@pytest.mark.filterwarnings("ignore:The use of a 'BlobProperties' instance for param blob:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:content_as_bytes is deprecated:DeprecationWarning")
def test_a_jobs_files_are_those_that_azure_ai_ml_downloads(
    microsoft: Microsoft, maas: MaasClient, train: Path, tmp_path: Path
) -> None:
    microsoft.submit(str(microsoft.upload(train).id))
    microsoft.server.advance(3600.0)
    microsoft.ml.jobs.download("job", download_path=tmp_path / "theirs", all=True)
    microsoft.ml.models.download("tuned", "1", download_path=tmp_path / "theirs")
    maas.jobs.download("job", tmp_path / "ours")

    def contents(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert contents(tmp_path / "ours") == contents(tmp_path / "theirs")
    log = Path("artifacts", "user_logs", "std_log.txt")
    assert (tmp_path / "ours" / log).read_bytes() == (tmp_path / "theirs" / log).read_bytes()


def test_shared_key_lists_reads_ranges_and_checks_the_etag(
    azurite_session: Azurite,
) -> None:
    key = AzureNamedKeyCredential(emulator.ACCOUNT, emulator.KEY)
    theirs = ContainerClient(azurite_session.url, "downloads", key)
    theirs.create_container()
    for name in ("a/b c.txt", "a/d&e.txt", "other"):
        theirs.upload_blob(name, CONTENT)
    wire = BlockingWire()
    signer = SharedKey(emulator.ACCOUNT, SecretText(emulator.KEY), wire.now)
    ours = BlobContainer(
        Channel(wire, Trust({}, {}, loopback=azurite_session.url)), f"{azurite_session.url}/downloads", signer
    )
    try:
        listed = list(iterate(ours.list("a/")))
        assert listed == [ListedBlob("a/b c.txt", len(CONTENT)), ListedBlob("a/d&e.txt", len(CONTENT))]
        headers = run(ours.head("a/b c.txt")) or {}
        assert run(_read(ours, headers["etag"], 1000, 300)) == CONTENT[1000:1300]
        theirs.upload_blob("a/b c.txt", CONTENT, overwrite=True)
        with pytest.raises(Conflict) as caught:
            run(_read(ours, headers["etag"], 1000, 300))
        assert caught.value.status == 412
    finally:
        wire.close()
        theirs.close()


async def _read(container: BlobContainer, etag: str, offset: int, size: int) -> bytes:
    async with container.open("a/b c.txt", etag, offset=offset, size=size) as incoming:
        assert incoming.headers["content-range"] == f"bytes {offset}-{offset + size - 1}/{len(CONTENT)}"
        return await incoming.read()
