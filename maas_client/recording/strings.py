"""What is written for one string: itself if it is harmless, else a placeholder. The default is a placeholder."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..catalog.foundry_lookup import base_of_tuned, known_offer
from .paths import Paths
from .placeholders import TEXT, Placeholders
from .public_words import field_names, is_public, map_keys, regions, sizes
from .urls import Urls, is_url
from .word_lists import listed

_STAMP = re.compile(
    r"\A(?:[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
    r"(?: ?(?:Z|UTC|[+-][0-9]{2}:?[0-9]{2}))?"
    r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    r"|PT?[0-9HMSDT.]{1,20}"
    r"|(?:[0-9]{1,4}\.)?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?)\Z"
)
_NUMBER = re.compile(r"\A-?[0-9]{1,9}(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,3})?\Z")
_VERSION = re.compile(r"\A(?:v?[0-9]{1,4}(?:\.[0-9]{1,6}){0,2}|[0-9]{4}-[0-9]{2}-[0-9]{2}(?:-preview)?)\Z")
_DOTTED_WORD = re.compile(r"\A[A-Za-z][A-Za-z0-9_.]{0,60}\Z")
_HOST = re.compile(r"\A[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?\Z")
_PLAIN_WORD = re.compile(r"\A[A-Za-z][A-Za-z0-9_]{0,40}\Z")
_SIZE = re.compile(
    r"\AStandard_[A-Z]{1,6}[0-9]{1,3}(?:-[0-9]{1,3})?[a-z]{0,6}(?:_[A-Z]{1,4}[0-9]{0,4})?(?:_v[0-9]{1,2})?\Z",
    re.IGNORECASE,
)
_FAMILY = re.compile(r"\Astandard[A-Za-z0-9_]{1,30}Family\Z", re.IGNORECASE)
_TYPE = re.compile(r"\AMicrosoft\.[A-Za-z]{1,60}(?:/[A-Za-z]{1,60}){0,4}\Z", re.IGNORECASE)
_PRIVATE = re.compile(
    r"@|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])"
)
_BLOB_KEYS = frozenset({"filename", "marker", "prefix", "logfiles"})
_CONTENTS = listed(
    "content text message description refusal reasoning_content arguments messageformat errormessage status_details "
    "output completion prompt localizedvalue input_string displaydescription reference_answer"
)
"""Fields, in lower case, of what people or models wrote."""

WORDED = listed(
    "code type object jobinputtype joboutputtype jobservicetype mode tier unit format purpose level status severity "
    "x-ms-error-code x-ms-blob-type x-ms-lease-state x-ms-lease-status finish_reason stop_reason role"
)
"""Fields, in lower case, whose values are the service's words without being an enumeration in the contract."""

_KINDS: Mapping[str, str] = {
    "maas_client.name": "job",
    "maas_client.output_model": "model",
    "maas_client.fingerprint": "id",
    "maas_client.source": "id",
    "accountname": "account",
    "containername": "container",
    "subscriptionid": "subscription",
    "tenantid": "tenant",
    "resourcegroup": "group",
    "createdby": "user",
    "lastmodifiedby": "user",
    "username": "user",
    "upn": "user",
    "user": "user",
    "organization_id": "tenant",
    "jobname": "job",
    "runid": "job",
    "rootrunid": "job",
    "parentrunid": "job",
    "experimentname": "experiment",
    "modelname": "model",
    "model": "model",
    "assetname": "model",
    "assetversion": "version",
    "version": "version",
    "latestversion": "version",
    "nextversion": "version",
    "training_file": "file",
    "validation_file": "file",
    "filename": "file",
    "result_files": "file",
    "fine_tuned_model": "model",
    "fine_tuned_model_checkpoint": "model",
    "compute": "compute",
    "computename": "compute",
    "target": "compute",
    "location": "region",
    "region": "region",
    "displayname": "name",
    "name": "name",
    "suffix": "name",
    "first_id": "name",
    "last_id": "name",
    "fine_tuning_job_id": "job",
    "finetuningjobid": "job",
    "upload_id": "upload",
    "etag": "etag",
    "url": "host",
    "endpoint": "host",
}
"""What a field's value is called, by the field's name in lower case."""

_SECRET = re.compile(r"(?i)(?:key|token|secret|password|signature)\Z|\Asigning_secret|\Asecret|connectionstring")
_NO_SECRET = frozenset({"continuationtoken", "metrickey", "tokens", "key"})
_LONG = 10
"""Characters of a name that is looked for within words."""

_LIMITED = frozenset({"request", "token", "requests", "tokens"})
"""What a rate limit counts, in its field `key`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a string is.

    Args:
        field: the name of the field that it is in.
        name_kind: what the field `name` is called here, such as `job`.
        words: the words of the enumeration here.
        is_content: whether it is within what people or models wrote.
        is_personal: whether it is within a map of the user's own, such as tags.
        is_entry: whether the field is the key of a map, and so no field of the service's.
        is_service: whether the service wrote it.
        is_public: whether the document is Microsoft's and the same for everybody.
    """

    field: str = ""
    name_kind: str = "name"
    words: tuple[str, ...] = ()
    is_content: bool = False
    is_personal: bool = False
    is_entry: bool = False
    is_service: bool = True
    is_public: bool = False

    def at(self, field: str, words: tuple[str, ...] = ()) -> Place:
        """Return the place of a field below this one."""
        lower = field.lower()
        return replace(
            self,
            field=field,
            words=words,
            is_entry=False,
            is_content=self.is_content or lower in _CONTENTS,
            is_personal=self.is_personal or lower in {"tags", "metadata"},
            is_public=self.is_public and lower not in {"systemdata", "createdby", "lastmodifiedby"},
        )


class Strings:
    """Decides about strings, by one table of placeholders."""

    def __init__(self, table: Placeholders) -> None:
        self.table = table
        self.paths = Paths(table)
        self.urls = Urls(table, self.paths)
        self.kept: list[str] = []
        """Strings that were kept although no list has them, since the exchange began."""

    def text(self, text: str, place: Place) -> str:
        """Return what is written for a string in a place."""
        lower = place.field.lower()
        if not text:
            return text
        if self._is_word(text, place):
            return self._keep(text)
        if _is_secret(place.field):
            return self._secret(text, place)
        if place.is_public and not (is_url(text) or text.startswith("/") or _is_private(text)):
            return self._keep(text)
        if place.is_content:
            return self.table.of(TEXT, text)
        return self._structured(text, place) or self._name(text, lower, place)

    def key(self, name: str, *, is_map: bool, is_field: bool, is_public: bool) -> str:
        """Return what is written for a key of an object.

        Args:
            name: the key.
            is_map: whether the object's keys are names.
            is_field: whether the object's keys are the service's fields, of which some may be new.
            is_public: whether the document is Microsoft's and the same for everybody.
        """
        if is_public or name in (map_keys() if is_map else field_names()):
            return name
        if is_field and _PLAIN_WORD.match(name) and not self.holds_original(name):
            return name
        if name.startswith(("/subscriptions/", "azureml:")) or is_url(name):
            return self._structured(name, Place()) or name
        if is_map and "/" in name:
            return self.paths.blob(name)
        return self.paths.name("tag" if is_map else "name", name)

    def _keep(self, text: str) -> str:
        if not is_public(text):
            self.kept.append(text)
        return text

    def holds_original(self, text: str) -> bool:
        """Return whether a name that was replaced elsewhere is in a text."""
        lower = text.lower()
        return self.table.name(text) is not None or any(
            len(one) >= _LONG and one.lower() in lower for one, _ in self.table.originals()
        )

    def _is_word(self, text: str, place: Place) -> bool:
        """Return whether a string is a word of the service's, in a place for such words."""
        lower = place.field.lower()
        if place.is_content and lower in _CONTENTS:
            return False
        if place.words and text.lower() in {word.lower() for word in place.words}:
            return True
        is_worded = lower in WORDED and place.is_service and not place.is_content and not place.is_entry
        if place.is_personal or not (place.words or is_worded):
            return False
        pattern = _DOTTED_WORD if lower in {"type", "object"} else _PLAIN_WORD
        is_word = pattern.match(text) is not None and not self.holds_original(text)
        return is_word or (lower == "type" and _TYPE.match(text) is not None)

    def _secret(self, text: str, place: Place) -> str:
        if place.field == "key" and text in _LIMITED:
            return text
        if "sig=" in text:
            mark = "?" if text.startswith("?") else ""
            return mark + self.urls.query(text.lstrip("?"))
        key = self.table.of("key", text)
        return base64.b64encode(key.encode()).decode() if place.field == "key" else key

    def _structured(self, text: str, place: Place) -> str | None:
        """Return what is written for a URL, an id of a resource, or a path; None for any other string."""
        if is_url(text):
            return self.urls.url(text)
        if text.startswith("/") and "/" in text[1:]:
            return self.paths.path(text)
        if text.startswith("azureml:"):
            kind = place.name_kind if place.name_kind != "name" else "model"
            name, *version = text[8:].split(":")
            if name.startswith("/"):
                return f"azureml:{self.paths.path(name)}"
            return ":".join(["azureml", self.paths.name(kind, name), *(self.paths.name("version", v) for v in version)])
        if place.field == "accountName" and "/" in text:  # of a local server, with its address before the name
            return self.paths.name("account", text.rpartition("/")[2])
        if place.field == "endpoint" and "." in text and _HOST.match(text):
            return self.urls.service(text)
        if place.field.lower() in _BLOB_KEYS or ("/" in text and text.startswith(("LocalUpload/", "ExperimentRun/"))):
            return self.paths.blob(text)
        return None

    def _name(self, text: str, lower: str, place: Place) -> str:
        known = self.table.name(text)
        if known is not None:
            return known
        if not place.is_personal and (_is_figure(text) or is_public(text)):
            return text
        if not place.is_personal and ("region" in lower or "location" in lower) and _is_region(text):
            return text
        if lower in {"vmsize", "instancetype", "instancetypes", "name", "size"} and _is_size(text):
            return text
        if lower in {"family", "value", "name"} and _FAMILY.match(text):
            return text
        if text.startswith("dcid."):  # where a run keeps its files, by the name of the run
            return f"dcid.{self.paths.name('job', text.removeprefix('dcid.'))}"
        if base := base_of_tuned(text):
            return self._tuned(base, text)
        kind = _KINDS.get(lower, "id" if lower.endswith("id") else TEXT)
        if kind == "name" or (lower == "id" and place.name_kind != "name"):
            kind = place.name_kind
        return self.table.of(kind, text) if kind == TEXT else self.paths.name(kind, text)

    def _tuned(self, base: str, text: str) -> str:
        """Return what is written for the id of a tuned model of Foundry, which begins with its base model's name."""
        rest = text[len(base) + len(".ft-") :]
        shown = base if known_offer(base) else self.paths.name("model", base)
        return f"{shown}.ft-{self.paths.name('model', rest)}"


def _is_secret(field: str) -> bool:
    return field == "key" or (field.lower() not in _NO_SECRET and _SECRET.search(field) is not None)


def _is_private(text: str) -> bool:
    """Return whether a string has an id, an address or a tuned model's name, which no document is the same for all."""
    return base_of_tuned(text) is not None or _PRIVATE.search(text) is not None


def _is_figure(text: str) -> bool:
    """Return whether a string is a time, a duration, a number or a version."""
    return any(pattern.match(text) for pattern in (_STAMP, _NUMBER, _VERSION))


def _is_size(text: str) -> bool:
    return text.lower() in sizes() or _SIZE.match(text) is not None


def _is_region(text: str) -> bool:
    """Return whether a string is a region of Azure, by its name or as it is shown."""
    return text.replace(" ", "").lower() in regions()
