"""Signatures of Azure Storage: account SAS and SharedKey, created and verified.

The strings to sign follow azure-storage-blob 12.27.1: `_shared/shared_access_signature.py` and
`_shared/authentication.py`. Clients differ in the account name of path-style addresses, so verification of a SharedKey
accepts every canonical resource that may have been meant.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import quote

VERSION = "2023-11-03"
SIGNED_HEADERS = (
    "content-encoding",
    "content-language",
    "content-length",
    "content-md5",
    "content-type",
    "date",
    "if-modified-since",
    "if-match",
    "if-none-match",
    "if-unmodified-since",
    "range",
)


def sign(key: str, text: str) -> str:
    """Return the base64 HMAC-SHA256 of a text under a base64 key."""
    digest = hmac.new(base64.b64decode(key), text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def equal_in_constant_time(left: str, right: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def account_sas(key: str, account: str, *, permissions: str, start: float, expiry: float, protocol: str) -> str:
    """Create an account SAS for blobs, as a datastore's listSecrets returns it."""
    fields = {
        "sv": VERSION,
        "ss": "b",
        "srt": "sco",
        "sp": permissions,
        "st": format_time(start),
        "se": format_time(expiry),
        "spr": protocol,
    }
    fields["sig"] = sign(key, _account_string_to_sign(account, fields))
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())


def account_sas_is_signed(key: str, account: str, fields: Mapping[str, str]) -> bool:
    """Return whether the signature of an account SAS is valid for its fields."""
    return equal_in_constant_time(sign(key, _account_string_to_sign(account, fields)), fields.get("sig", ""))


def service_sas_is_signed(key: str, account: str, resources: Iterable[str], fields: Mapping[str, str]) -> bool:
    """Return whether the SAS of a container or blob is signed for one of the given resources."""
    texts = (_service_string_to_sign(f"/blob/{account}/{resource}", fields) for resource in resources)
    return any(equal_in_constant_time(sign(key, text), fields.get("sig", "")) for text in texts)


def parse_time(value: str) -> float | None:
    """Parse a SAS timestamp: a date, or a time in UTC to the minute, second or fraction; None if invalid."""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def shared_key_string_to_sign(method: str, headers: Mapping[str, str], resource: str, query: Mapping[str, str]) -> str:
    """Return the string that a SharedKey signature covers; header names are in lower case."""
    signed = {
        **headers,
        "content-length": "" if headers.get("content-length") == "0" else headers.get("content-length", ""),
    }
    lines = [method, *(signed.get(name, "") for name in SIGNED_HEADERS)]
    special = sorted(name for name in headers if name.startswith("x-ms-"))
    lines += [f"{name}:{headers[name]}" for name in special]
    lines.append(resource + "".join(f"\n{name.lower()}:{query[name]}" for name in sorted(query)))
    return "\n".join(lines)


def is_base64(text: str) -> bool:
    """Return whether a text is standard base64 (a block id or an MD5 must be)."""
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(text)


def format_time(seconds: float) -> str:
    """Format a time as in a SAS."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _account_string_to_sign(account: str, fields: Mapping[str, str]) -> str:
    names = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"]
    if fields.get("sv", "") >= "2020-12-06":
        names.append("ses")
    return "".join(f"{value}\n" for value in (account, *(fields.get(name, "") for name in names)))


def _service_string_to_sign(resource: str, fields: Mapping[str, str]) -> str:
    names = ("si", "sip", "spr", "sv", "sr")
    first = [fields.get("sp", ""), fields.get("st", ""), fields.get("se", ""), resource]
    rest = [fields.get(name, "") for name in names]
    snapshot = [""]
    scope = [fields.get("ses", "")] if fields.get("sv", "") >= "2020-12-06" else []
    answers = [fields.get(name, "") for name in ("rscc", "rscd", "rsce", "rscl", "rsct")]
    return "\n".join(first + rest + snapshot + scope + answers)
