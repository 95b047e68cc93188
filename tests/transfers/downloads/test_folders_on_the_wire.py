"""Downloads of folders: every file in its place, none outside, none over another, all of them seen before the first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from maas_client import InvalidInput, NotFound, TransferProgress, UnexpectedReply
from maas_client.client import Resources
from maas_client.transfers.downloads import downloader
from mock_server.server import Server
from tests.transfers.downloads.conftest import CONTENT, RANGE, Store, left_in

FOLDER = "azureml://datastores/workspaceblobstore/paths/model"


def put(store: Store, names: Sequence[str]) -> None:
    """Put a blob under each name, whose content is the name's."""
    for name in names:
        store.put(name, name.encode())


async def test_a_folder_has_all_that_is_below_it_and_nothing_beside_it(
    maas: Resources, store: Store, tmp_path: Path
) -> None:
    put(store, ["model/MLmodel", "model/adapter/config.json", "model2/other", "models", "model.txt"])
    store.put("model/adapter/weights.bin")
    brought = await maas.datasets.download(FOLDER, tmp_path / "out")
    assert left_in(tmp_path / "out") == {"MLmodel", "adapter/config.json", "adapter/weights.bin"}
    assert [file.name for file in brought.files] == ["MLmodel", "adapter/config.json", "adapter/weights.bin"]
    assert (tmp_path / "out/adapter/weights.bin").read_bytes() == CONTENT
    assert (brought.path, brought.fetched) == (tmp_path / "out", brought.size)


async def test_names_with_any_letters_are_kept(maas: Resources, store: Store, tmp_path: Path) -> None:
    put(store, ["model/a b&c<d>.txt", "model/日本/é.txt", "model/100%25.txt", "model/'quoted\".txt"])
    await maas.datasets.download(FOLDER, tmp_path / "out")
    assert left_in(tmp_path / "out") == {"a b&c<d>.txt", "日本/é.txt", "100%.txt", "'quoted\".txt"}


async def test_blobs_that_only_mark_a_folder_become_no_files(maas: Resources, store: Store, tmp_path: Path) -> None:
    for folder in ("model", "model/adapter", "model/empty"):
        store.put(folder, b"", {"x-ms-meta-hdi_isfolder": "true"})
    store.put("model/by-hand/", b"")
    store.put("model/nothing.txt", b"")
    put(store, ["model/adapter/config.json"])
    await maas.datasets.download(FOLDER, tmp_path / "out")
    assert left_in(tmp_path / "out") == {"adapter/config.json", "nothing.txt"}


async def test_a_second_call_fetches_only_the_files_that_are_missing(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    put(store, [f"model/{n}.txt" for n in range(6)])
    store.put_in_blocks("model/weights.bin")
    maas_server.fault(operation="blob.get", path="weights", status=403, skip=7, count=None)
    with pytest.raises(Exception, match="403"):
        await maas.datasets.download(FOLDER, tmp_path / "out", parallel=1)
    maas_server.faults_clear()
    before = len(store.asked())
    seen: list[TransferProgress] = []
    brought = await maas.datasets.download(FOLDER, tmp_path / "out", on_progress=seen.append)
    assert len(store.asked()) - before == 13
    assert brought.fetched == len(CONTENT) - 7 * RANGE
    assert seen[-1].done == seen[-1].total == brought.size
    assert (tmp_path / "out/weights.bin").read_bytes() == CONTENT


async def test_nothing_is_fetched_if_one_existing_file_differs(maas: Resources, store: Store, tmp_path: Path) -> None:
    put(store, ["model/a", "model/b", "model/c"])
    (tmp_path / "c").write_text("mine")
    with pytest.raises(InvalidInput, match="/c' already exists"):
        await maas.datasets.download(FOLDER, tmp_path)
    assert (left_in(tmp_path), store.asked()) == ({"c"}, [])
    await maas.datasets.download(FOLDER, tmp_path, overwrite=True)
    assert (tmp_path / "c").read_text() == "model/c"


@pytest.mark.parametrize(
    "name",
    [
        "%2e%2e/evil",
        "a/%2e%2e/%2e%2e/evil",
        "/etc/passwd",
        "a\\..\\evil",
        "C:/evil",
        "nul.txt",
        "a//b",
    ],
)
async def test_a_name_that_leaves_the_folder_rejects_all_files(
    maas: Resources, store: Store, tmp_path: Path, name: str
) -> None:
    put(store, ["model/fine", f"model/{name}"])
    with pytest.raises(UnexpectedReply, match=r"cannot be used as a local file name.*Nothing was written") as caught:
        await maas.datasets.download(FOLDER, tmp_path / "out")
    assert str(caught.value).isprintable()
    assert (left_in(tmp_path), store.asked()) == (set(), [])


@pytest.mark.parametrize("names", [["Weights", "weights"], ["a", "a/b"], ["x", ".x.part"]])
async def test_colliding_names_are_reported_and_nothing_is_written(
    maas: Resources, store: Store, tmp_path: Path, names: list[str]
) -> None:
    put(store, [f"model/{name}" for name in names])
    with pytest.raises(UnexpectedReply, match="map to the same file"):
        await maas.datasets.download(FOLDER, tmp_path / "out")
    assert (left_in(tmp_path), store.asked()) == (set(), [])


async def test_a_link_that_leads_out_of_the_folder_is_not_followed(
    maas: Resources, store: Store, tmp_path: Path
) -> None:
    put(store, ["model/adapter/deep/config.json"])
    outside, folder = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    folder.mkdir()
    (folder / "adapter").symlink_to(outside)
    with pytest.raises(InvalidInput, match="a link leads out of it"):
        await maas.datasets.download(FOLDER, folder, overwrite=True)
    assert list(outside.iterdir()) == []


async def test_a_target_folder_that_is_a_link_is_followed(maas: Resources, store: Store, tmp_path: Path) -> None:
    put(store, ["model/adapter/config.json"])
    (tmp_path / "there").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "there")
    await maas.datasets.download(FOLDER, tmp_path / "out")
    assert left_in(tmp_path / "there") == {"adapter/config.json"}


async def test_a_folder_without_files_is_not_found(maas: Resources, store: Store, tmp_path: Path) -> None:
    put(store, ["models/other"])
    for uri in (FOLDER, f"{FOLDER}/"):
        with pytest.raises(NotFound, match="neither a file nor a folder"):
            await maas.datasets.download(uri, tmp_path / "out")


async def test_too_many_files_are_refused(
    maas: Resources, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloader, "MOST_FILES", 2)
    put(store, ["model/a", "model/b", "model/c"])
    with pytest.raises(InvalidInput, match="more than 2 files"):
        await maas.datasets.download(FOLDER, tmp_path / "out")


async def test_a_folder_in_a_files_place_is_refused(maas: Resources, store: Store, tmp_path: Path) -> None:
    put(store, ["model/a"])
    (tmp_path / "out" / "a").mkdir(parents=True)
    with pytest.raises(InvalidInput, match="is a folder"):
        await maas.datasets.download(FOLDER, tmp_path / "out", overwrite=True)


async def test_a_blob_deleted_after_the_listing_is_not_found(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    put(store, ["model/a"])
    maas_server.fault(operation="blob.head", path="model/a", status=404)
    with pytest.raises(NotFound, match="it was listed, but no longer exists"):
        await maas.datasets.download(f"{FOLDER}/", tmp_path / "out")
