"""Charges about what was sent: duplicates, misdirected credentials, redundant uploads, ignored cut streams."""

from collections.abc import Iterator
from urllib.parse import SplitResult

from mock_server.core.json_values import Json, is_array, is_object, split_url, text
from mock_server.journal.request_history import content_digest, copy_source_of, has_unknown_outcome

POSTED = frozenset({"foundry.jobs.create", "foundry.files.create"})
"""Creations of what the service names itself, so that both have the same address."""
CREATIONS = frozenset(
    {
        "jobs.create",
        "endpoints.create",
        "data.create",
        "foundry.deployments.put",
        "models.create",
        "online_deployments.put",
        "online_endpoints.put",
        *POSTED,
    }
)
CHATS = frozenset({"chat.complete", "foundry.chat"})
MODEL_SURFACES = frozenset({"inference", "scoring"})
ONCE = frozenset({"jobs.create"})  # a second job of the same body is a mistake even if the first response arrived
ARM = frozenset({"management", "registry", "history"})
WRITES = frozenset({"blob.put", "blob.put_block", "blob.put_block_list", "blob.delete"})


def created_twice(entries: list[Json]) -> Iterator[list[Json]]:
    """Find bodies that created two resources under two names.

    Two versions of a data asset, two endpoints of a model, two jobs and two files of Foundry may have the same body
    (endpoints side by side are a pattern of deployment): they count only if the first response was lost.
    """
    created: dict[tuple[str, str, str], Json] = {}
    for entry in entries:
        if entry["operation"] not in CREATIONS or entry["worked"] not in _created_statuses(entry):
            continue
        key = (entry["operation"], content_digest(entry), entry["workspace"])
        first = created.get(key)
        if (
            first is not None
            and (entry["operation"] in POSTED or first["url"] != entry["url"])
            and (entry["operation"] in ONCE or has_unknown_outcome(first))
        ):
            yield [first, entry]
        created[key] = entry


def _created_statuses(entry: Json) -> tuple[int, ...]:
    """Return the statuses of a creation; for a PUT, 200 is that of a change."""
    return (200, 201) if entry["operation"] in POSTED else (201,)


def continued_after_cut_stream(entries: list[Json]) -> Iterator[list[Json]]:
    """Find chats that continue from a response whose stream was cut, as if it had been complete."""
    cut_streams: dict[tuple[str, str], Json] = {}
    for entry in entries:
        if entry["operation"] not in CHATS:
            continue
        for answer in _assistant_messages(entry):
            if (entry["url"], answer) in cut_streams:
                yield [cut_streams.pop((entry["url"], answer)), entry]
        if entry["cut_text"]:
            cut_streams[entry["url"], entry["cut_text"].strip()] = entry


def misdirected_credentials(entries: list[Json]) -> Iterator[list[Json]]:
    """Find credentials sent to the wrong place: to foreign hosts, next to signatures, to another service."""
    management_credentials: dict[str, Json] = {}  # credentials that the management surfaces accepted
    keys: dict[str, Json] = {}  # keys of a Foundry account, which Resource Manager must never see
    foreign_origins: dict[str, Json] = {}
    for entry in entries:
        credential, url = entry["credential"], _url(entry)
        origin = f"{url.scheme}://{url.netloc}"
        signed = "sig=" in url.query
        if origin in foreign_origins and (credential or signed):
            yield [foreign_origins[origin], entry]
        elif entry["surface"] in ARM and ("api-key" in entry["request_headers"] or credential in keys):
            yield [keys[credential], entry] if credential in keys else [entry]
        elif signed and (credential or not (entry["surface"] == "blob" or entry["operation"] == "history.log")):
            yield [entry]
        elif entry["surface"] in MODEL_SURFACES and credential in management_credentials and entry["status"] == 401:
            yield [management_credentials[credential], entry]
        if entry["surface"] == "foundry" and credential and "api-key" in entry["request_headers"]:
            keys.setdefault(credential, entry)
        if entry["surface"] in ARM and credential and entry["status"] != 401:
            management_credentials.setdefault(credential, entry)
        if entry["foreign"] and entry["foreign"] != origin:
            foreign_origins[entry["foreign"]] = entry


def redundant_uploads(entries: list[Json]) -> Iterator[list[Json]]:
    """Find bytes sent to a place known to hold them: whole blobs, single blocks, blobs block by block."""
    acknowledged: dict[tuple[str, str, str], Json] = {}  # by path, block id and hash: what was acknowledged
    blocks: dict[str, list[str]] = {}  # by path: hashes of the uncommitted blocks
    committed: dict[str, tuple[list[str], Json]] = {}  # by path: what the last block list committed
    for entry in entries:
        if entry["operation"] not in WRITES:
            continue
        path, block, digest = _url(entry).path, _block(entry), entry["request_sha256"]
        has_body = (
            copy_source_of(entry) is None
        )  # the server fetched the bytes itself: the client sent none, and the body is empty
        if has_body and entry["operation"] in ("blob.put", "blob.put_block"):
            if (path, block, digest) in acknowledged and entry["worked"] in (201, 409):
                yield [acknowledged[path, block, digest], entry]
            if entry["operation"] == "blob.put_block" and entry["worked"] == 201:
                blocks.setdefault(path, []).append(digest)
        elif entry["operation"] == "blob.put_block_list" and entry["worked"] == 201:
            digests = sorted(blocks.pop(path, []))
            before = committed.get(path)
            if before is not None and digests and before[0] == digests:
                yield [before[1], entry]
            if entry["status"] == 201:
                committed[path] = (digests, entry)
        if entry["operation"] in ("blob.put", "blob.delete") and entry["worked"] in (201, 202):
            acknowledged = {key: value for key, value in acknowledged.items() if key[0] != path}
            committed.pop(path, None)
        if not has_body and entry["operation"] == "blob.put_block" and entry["worked"] == 201:
            acknowledged = {
                key: value for key, value in acknowledged.items() if key[:2] != (path, block)
            }  # replaced by the copy
        if has_body and entry["operation"] in ("blob.put", "blob.put_block") and entry["status"] == 201:
            acknowledged[path, block, digest] = entry


def _url(entry: Json) -> SplitResult:
    url: str = entry["url"]
    return split_url(url)


def _block(entry: Json) -> str:
    if entry["operation"] != "blob.put_block":
        return ""
    pairs = _url(entry).query.split("&")
    return next((pair.partition("=")[2] for pair in pairs if pair.startswith("blockid=")), "")


def _assistant_messages(entry: Json) -> Iterator[str]:
    """Return the assistant messages in a chat request."""
    body: object = entry["request_body"]
    messages: object = body.get("messages") if is_object(body) else None
    for message in messages if is_array(messages) else []:
        if is_object(message) and message.get("role") == "assistant":
            yield text(message, "content").strip()
