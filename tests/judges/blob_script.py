"""One script of azure-storage-blob for two servers: what it does, and what of the answers must agree."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.core.pipeline import PipelineResponse
from azure.core.rest import HttpRequest, HttpResponse
from azure.storage.blob import BlobBlock, BlobClient, ContainerClient, ContentSettings

CONTENT = bytes(range(256)) * 16
HEADERS = ("content-range", "content-type", "content-md5", "x-ms-blob-type", "x-ms-meta-colour")
STAMPS = ("etag", "last-modified", "x-ms-request-id", "x-ms-version", "date")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one step came to."""

    step: str
    status: int
    code: str | None
    headers: Mapping[str, str]
    stamped: frozenset[str]
    value: object = None


Step = Callable[..., object]


class Script:
    """The steps in their order; each notes its last answer."""

    def __init__(self, container: ContainerClient) -> None:
        self.container = container
        self.answers: list[Answer] = []
        self._last: Any = None  # Any: azure-core has two kinds of responses, alike in what is read here

    def _hook(self, response: PipelineResponse[HttpRequest, HttpResponse]) -> None:
        self._last = response.http_response

    def step(self, name: str, act: Step, *given: Any, **options: Any) -> Any:  # Any: any of the SDK's methods
        """Do one step, and note its status, error code and headers."""
        value: Any = None
        try:
            value = act(*given, raw_response_hook=self._hook, **options)
        except HttpResponseError as error:
            value = None
            self._last = self._last if error.response is None else error.response
        assert self._last is not None
        status, headers = self._last.status_code, {key.lower(): item for key, item in self._last.headers.items()}
        kept = headers if status < 300 else dict[str, str]()  # of a refusal the code says it all
        matter = {key: kept[key] for key in HEADERS if key in kept}
        stamped = frozenset(key for key in STAMPS if key in kept)
        self.answers.append(Answer(name, status, headers.get("x-ms-error-code"), matter, stamped))
        return value

    def note(self, name: str, value: object) -> None:
        """Note something that was read."""
        self.answers.append(Answer(name, 0, None, {}, frozenset(), value))

    def blob(self, name: str) -> BlobClient:
        """Give a blob's client."""
        return self.container.get_blob_client(name)

    def read(self, name: str, blob: BlobClient, **options: Any) -> None:
        """Read a blob, and note what came."""
        stream = self.step(name, blob.download_blob, **options)
        self.note(f"{name}: bytes", hashlib.sha256(stream.readall()).hexdigest())


def block_id(number: int) -> str:
    """Give a block's id."""
    return f"{number:06}"


def whole_blobs(script: Script) -> None:
    """Put, look at, read in parts, and put again under conditions."""
    blob = script.blob("a/whole.bin")
    settings = ContentSettings(content_type="text/plain")
    script.step("head of an absent blob", blob.get_blob_properties)
    script.step("get of an absent blob", blob.download_blob)
    put = script.step(
        "put", blob.upload_blob, CONTENT, metadata={"colour": "blue"}, content_settings=settings, validate_content=True
    )
    script.step("put again", blob.upload_blob, CONTENT)
    script.step("head", blob.get_blob_properties)
    script.read("get", blob)
    script.read("get of a range", blob, offset=100, length=50)
    script.read("get from an offset", blob, offset=4000)
    script.step("get behind the end", blob.download_blob, offset=5000, length=10)
    modified = {"etag": put["etag"], "match_condition": _modified()}
    script.step("head if it has changed", blob.get_blob_properties, **modified)
    same = {"etag": put["etag"], "match_condition": _unmodified()}
    script.step("overwrite what is still the same", blob.upload_blob, b"new", overwrite=True, **same)
    script.step("overwrite what has changed", blob.upload_blob, b"newer", overwrite=True, **same)
    script.step("set metadata", blob.set_blob_metadata, {"colour": "red"})
    script.step("head of the new metadata", blob.get_blob_properties)
    script.step("put of nothing", script.blob("empty").upload_blob, b"")
    script.read("get of nothing", script.blob("empty"))


def blocks(script: Script) -> None:
    """Stage, list and commit blocks."""
    blob = script.blob("a/blocks.bin")
    for number, piece in enumerate((CONTENT, CONTENT[::-1], b"end")):
        script.step(f"put block {number}", blob.stage_block, block_id(number), piece, validate_content=True)
    script.step("get of a blob that is only staged", blob.download_blob)
    script.note("uncommitted", _listed(script.step("get block list", blob.get_block_list, "all")))
    names = [BlobBlock(block_id(number)) for number in range(3)]
    script.step("put block list", blob.commit_block_list, names, metadata={"colour": "green"})
    script.read("get of the blocks", blob)
    script.note("committed", _listed(script.step("get block list again", blob.get_block_list, "all")))
    script.step("put a list with an absent block", blob.commit_block_list, [BlobBlock(block_id(7))])
    script.step("put the list in another order", blob.commit_block_list, names[::-1])
    script.read("get of the other order", blob)
    script.step("head of the other order", blob.get_blob_properties)


def sums(script: Script) -> None:
    """Send bodies whose MD5 is that of others."""
    wrong = base64.b64encode(hashlib.md5(b"others").digest()).decode()
    blob = script.blob("damaged")

    def damage(request: Any) -> None:  # Any: azure-core's pipeline request, of either kind
        request.http_request.headers["Content-MD5"] = wrong

    script.step("put with a wrong MD5", blob.upload_blob, b"bytes", raw_request_hook=damage)
    script.step("put block with a wrong MD5", blob.stage_block, block_id(1), b"bytes", raw_request_hook=damage)
    script.step("head of what was damaged", blob.get_blob_properties)


def listing(script: Script) -> None:
    """List by prefix and in pages, and delete."""
    for number in range(3):
        script.step(f"put {number}", script.blob(f"list/{number}").upload_blob, b"x" * number)
    pages = script.container.list_blobs(name_starts_with="list/", results_per_page=2).by_page()
    script.note("pages", [[(found.name, found.size) for found in page] for page in pages])
    script.step("delete", script.blob("list/0").delete_blob)
    script.step("delete again", script.blob("list/0").delete_blob)
    script.note("names", [found.name for found in script.container.list_blobs(name_starts_with="list/")])


def run(container: ContainerClient) -> list[Answer]:
    """Do all of it."""
    script = Script(container)
    for part in (whole_blobs, blocks, sums, listing):
        part(script)
    return script.answers


def _listed(found: Any) -> object:  # Any: a pair of lists, typed as a tuple of anything by the SDK
    return [sorted((block.id, block.size) for block in side) for side in found]


def _modified() -> Any:  # Any: the enum is the SDK's
    from azure.core import MatchConditions

    return MatchConditions.IfModified


def _unmodified() -> Any:  # Any: as above
    from azure.core import MatchConditions

    return MatchConditions.IfNotModified
