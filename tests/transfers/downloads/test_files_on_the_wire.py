"""Downloads of one file: in ranges, resumed where they stopped, checked, and written atomically."""

from __future__ import annotations

import resource
import stat
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from maas_client import Conflict, Dataset, InvalidInput, LocalFileError, NotFound, UnexpectedReply
from maas_client.client import Resources
from mock_server.server import Server
from tests.transfers.downloads.conftest import CONTENT, RANGE, Once, Store, left_in

EVERY = 20
"""The ranges of CONTENT."""


async def test_a_file_is_fetched_in_ranges_and_verified_by_md5(maas: Resources, store: Store, tmp_path: Path) -> None:
    uri = store.put("folder/weights.bin")
    brought = await maas.datasets.download(uri, tmp_path / "w.bin")
    assert (tmp_path / "w.bin").read_bytes() == CONTENT
    assert store.asked() == ["206"] * EVERY
    (file,) = brought.files
    assert (file.name, file.path, file.proof) == ("weights.bin", tmp_path / "w.bin", "md5")
    assert brought.size == brought.fetched == len(CONTENT)
    assert left_in(tmp_path) == {"w.bin"}


async def test_a_downloaded_upload_is_verified_by_its_hash(maas: Resources, store: Store, tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_bytes(CONTENT)
    dataset = await maas.datasets.upload(tmp_path / "data.jsonl", check=False)
    references: list[str | Dataset] = [dataset, dataset.id, f"{dataset.name}:{dataset.version}", dataset.uri]
    for number, reference in enumerate(references):
        brought = await maas.datasets.download(reference, tmp_path / str(number))
        assert brought.path == tmp_path / str(number)
        assert brought.path.read_bytes() == CONTENT
        assert brought.files[0].proof == "sha256"


async def test_a_folder_takes_a_file_under_its_own_name(maas: Resources, store: Store, tmp_path: Path) -> None:
    uri = store.put("a/b.bin")
    assert (await maas.datasets.download(uri, tmp_path)).path == tmp_path / "b.bin"
    assert (await maas.datasets.download(uri, f"{tmp_path}/new/")).path == tmp_path / "new" / "b.bin"
    assert left_in(tmp_path) == {"b.bin", "new/b.bin"}


async def test_a_file_is_private_and_has_the_modified_time_of_the_blob(
    maas: Resources, store: Store, tmp_path: Path
) -> None:
    uri = store.put("a.bin")
    modified = store.azure.plain.head(store.azure.blob_url("a.bin")).headers["last-modified"]
    await maas.datasets.download(uri, tmp_path / "a.bin")
    status = (tmp_path / "a.bin").stat()
    assert stat.S_IMODE(status.st_mode) == 0o600
    assert formatdate(status.st_mtime, usegmt=True) == modified


@pytest.mark.parametrize("content", [b"", b"x", b"y" * RANGE, b"z" * (RANGE + 1)])
async def test_a_file_of_any_size_comes_whole(maas: Resources, store: Store, tmp_path: Path, content: bytes) -> None:
    brought = await maas.datasets.download(store.put("a.bin", content), tmp_path / "a")
    assert (brought.path.read_bytes(), brought.fetched) == (content, len(content))
    assert len(store.asked()) == max(1, -(-len(content) // RANGE))


async def test_existing_files_are_not_fetched_again(maas: Resources, store: Store, tmp_path: Path) -> None:
    for uri in (store.put("a.bin"), store.put_in_blocks("b.bin")):
        out = tmp_path / uri[-5:]
        first, second = [await maas.datasets.download(uri, out) for _ in range(2)]
        assert (first.fetched, second.fetched) == (len(CONTENT), 0)
    assert len(store.asked()) == 2 * EVERY


async def test_a_file_from_elsewhere_is_recognized_by_its_hash(maas: Resources, store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(CONTENT)
    assert (await maas.datasets.download(store.put("a.bin"), tmp_path / "a.bin")).fetched == 0
    assert store.asked() == []


async def test_other_content_is_replaced_only_with_overwrite(maas: Resources, store: Store, tmp_path: Path) -> None:
    uri, out = store.put("a.bin"), tmp_path / "a.bin"
    out.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(InvalidInput, match="already exists with different content"):
        await maas.datasets.download(uri, out)
    assert (out.read_bytes()[-1:], store.asked()) == (b"!", [])
    await maas.datasets.download(uri, out, overwrite=True)
    assert out.read_bytes() == CONTENT


async def test_a_modified_file_without_a_hash_is_not_overwritten(maas: Resources, store: Store, tmp_path: Path) -> None:
    uri, out = store.put_in_blocks("a.bin"), tmp_path / "a.bin"
    await maas.datasets.download(uri, out)
    out.write_bytes(CONTENT[::-1])
    with pytest.raises(InvalidInput, match="already exists"):
        await maas.datasets.download(uri, out)


async def test_a_link_in_the_files_place_is_replaced_and_not_followed(
    maas: Resources, store: Store, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").write_bytes(b"precious")
    (tmp_path / "a.bin").symlink_to(tmp_path / "elsewhere")
    uri = store.put("a.bin")
    with pytest.raises(InvalidInput, match="already exists"):
        await maas.datasets.download(uri, tmp_path / "a.bin")
    await maas.datasets.download(uri, tmp_path / "a.bin", overwrite=True)
    assert (tmp_path / "elsewhere").read_bytes() == b"precious"
    assert not (tmp_path / "a.bin").is_symlink()


async def test_a_blob_that_changes_midway_is_a_conflict_and_not_kept(
    maas: Resources, store: Store, tmp_path: Path
) -> None:
    uri, out = store.put_in_blocks("a.bin"), tmp_path / "a.bin"
    changed = CONTENT[::-1]
    change = Once(5 * RANGE, lambda: store.put_in_blocks("a.bin", changed))
    with pytest.raises(Conflict, match="changed during the download; the partial file was deleted") as caught:
        await maas.datasets.download(uri, out, parallel=1, on_progress=change)
    assert caught.value.status == 412
    assert left_in(tmp_path) == set()
    await maas.datasets.download(uri, out)
    assert out.read_bytes() == changed


async def test_content_with_a_wrong_hash_is_rejected_and_not_kept(
    maas: Resources, store: Store, tmp_path: Path
) -> None:
    named = store.put(f"LocalUpload/{'0' * 64}/data.jsonl")
    with pytest.raises(UnexpectedReply, match=f"content hash {'0' * 64}.*The partial file was deleted"):
        await maas.datasets.download(named, tmp_path / "a")
    summed = store.put("a.bin", headers={"x-ms-blob-content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    with pytest.raises(UnexpectedReply, match="its Content-MD5 is 'AAAA"):
        await maas.datasets.download(summed, tmp_path / "b")
    assert left_in(tmp_path) == set()


async def test_a_sas_that_expires_midway_is_renewed_without_refetching(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path
) -> None:
    uri = store.put("a.bin")
    expire = Once(5 * RANGE, lambda: maas_server.advance(2 * 3600))
    brought = await maas.datasets.download(uri, tmp_path / "a.bin", on_progress=expire)
    assert brought.path.read_bytes() == CONTENT
    assert brought.fetched == len(CONTENT)
    assert store.asked().count("206") == EVERY
    assert 1 <= store.asked().count("403") <= 4


@pytest.mark.parametrize("path", ["model/a.bin", "model/"])
async def test_a_sas_that_expired_before_the_first_request_is_renewed(
    maas: Resources, maas_server: Server, store: Store, tmp_path: Path, path: str
) -> None:
    store.put("model/a.bin")
    await maas.datasets.download("azureml://datastores/workspaceblobstore/paths/model/a.bin", tmp_path / "first")
    maas_server.advance(2 * 3600)
    uri = f"azureml://datastores/workspaceblobstore/paths/{path}"
    await maas.datasets.download(uri, f"{tmp_path}/second/")
    assert left_in(tmp_path) == {"first", "second/a.bin"}


async def test_a_file_that_appears_at_the_target_midway_is_kept(maas: Resources, store: Store, tmp_path: Path) -> None:
    uri, out = store.put("a.bin"), tmp_path / "a.bin"
    with pytest.raises(InvalidInput, match="already exists"):
        await maas.datasets.download(uri, out, on_progress=lambda _: out.write_bytes(b"mine"))
    assert out.read_bytes() == b"mine"
    before = len(store.asked())
    assert (await maas.datasets.download(uri, out, overwrite=True)).fetched == 0
    assert (out.read_bytes(), len(store.asked())) == (CONTENT, before)


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Let no file of this process grow beyond five ranges, until the returned function is called."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def restore() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    resource.setrlimit(resource.RLIMIT_FSIZE, (5 * RANGE, hard))
    yield restore
    restore()


async def test_a_full_disk_is_reported_and_the_next_call_completes(
    maas: Resources, store: Store, tmp_path: Path, full_disk: Callable[[], None]
) -> None:
    uri, out = store.put("a.bin"), tmp_path / "a.bin"
    with pytest.raises(LocalFileError, match=r"File too large\. Free some disk space"):
        await maas.datasets.download(uri, out)
    assert not out.exists()
    full_disk()
    await maas.datasets.download(uri, out)
    assert (out.read_bytes(), left_in(tmp_path)) == (CONTENT, {"a.bin"})


async def test_missing_data_is_not_found(maas: Resources, tmp_path: Path) -> None:
    for reference in (
        "nobody:1",
        "azureml://datastores/workspaceblobstore/paths/no/where",
        "azureml://datastores/none/paths/x",
    ):
        with pytest.raises(NotFound):
            await maas.datasets.download(reference, tmp_path / "a")
    assert left_in(tmp_path) == set()


@pytest.mark.parametrize("reference", ["train", "https://example.com/train.jsonl", "", "wasbs://a@b/c"])
async def test_an_invalid_reference_is_rejected_before_any_request(
    maas: Resources, maas_server: Server, tmp_path: Path, reference: str
) -> None:
    with pytest.raises(InvalidInput, match="is not a data asset"):
        await maas.datasets.download(reference, tmp_path / "a")
    assert maas_server.requests() == []
