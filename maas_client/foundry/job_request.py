"""The request that creates a job of Foundry, and how it compares with an existing job. Decisions only."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..catalog.tuning_methods import TuningMethod
from ..core.errors import InvalidInput
from ..core.http_messages import json_body
from ..core.json_fields import Document, dig, is_object
from ..core.plain_values import plain
from ..datasets.dataset import Dataset
from ..jobs.job import Job
from .hyperparameters import AUTO, FoundryHyperparameters
from .job_reading import FINGERPRINT, NAME, OWN, method_of
from .methods import method_body

MOST_TAGS = 14
"""Pairs of metadata are 16 at most (Azure/azure-rest-api-specs, `azure-v1-v1-generated.yaml`), and two are ours."""

HYPERPARAMETERS = "hyperparameters"
LONGEST_KEY, LONGEST_VALUE = 64, 512
HIGHEST_SEED = 2**31 - 1

_CONTENT = re.compile(r"[0-9a-f]{32}")
_SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundryJobRequest:
    """Implements PreparedJob: the request for a job. Data is a Dataset, or the id of a file."""

    name: str
    model_id: str
    training: str | Dataset
    validation: str | Dataset | None = None
    method: TuningMethod = "supervised"
    hyperparameters: Mapping[str, str] = field(default_factory=dict[str, str])
    grader: Mapping[str, Any] | None = None
    response_format: Mapping[str, Any] | None = None
    training_type: str = ""
    suffix: str | None = None
    seed: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    integrations: Sequence[Mapping[str, Any]] = ()

    @property
    def training_data(self) -> str:
        """The id of the training file."""
        return _file(self.training)

    @property
    def validation_data(self) -> str | None:
        """The id of the validation file."""
        return None if self.validation is None else _file(self.validation)

    @property
    def trained(self) -> Mapping[str, object]:
        """What decides what is trained, as JSON values. A file counts by its content where that is known."""
        found: dict[str, object] = {
            "model": self.model_id.lower(),
            "training": _content(self.training),
            "method": self._body_of_method(self._chosen),
            "trainingType": self.training_type.lower(),
        }
        if self.validation is not None:
            found["validation"] = _content(self.validation)
        return found if self.seed is None else {**found, "seed": self.seed}

    @property
    def fingerprint(self) -> str:
        """The digest of what is trained, which the job's metadata keeps."""
        return hashlib.sha256(json_body(_ordered(self.trained))).hexdigest()[:32]

    @property
    def _chosen(self) -> Mapping[str, str]:
        """The hyperparameters that are not left to the service."""
        return {name: value for name, value in self.hyperparameters.items() if value != AUTO}

    def _body_of_method(self, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
        chosen = FoundryHyperparameters.parse(hyperparameters)
        return method_body(self.method, chosen, grader=self.grader, response_format=self.response_format)

    def variant(
        self, *, name: str, output_name: str, hyperparameters: Mapping[str, str] | None = None
    ) -> FoundryJobRequest:
        """Return the same job with another name, and other hyperparameters if there are any.

        The tuned model's name is the service's, so the output's name is not used.
        """
        del output_name
        chosen = self.hyperparameters if hyperparameters is None else hyperparameters
        return replace(self, name=name, hyperparameters=chosen)

    def differences(self, job: Job) -> tuple[str, ...]:
        """Return how an existing job differs from this one, a line per setting; empty if it is the same.

        Where the job keeps its fingerprint, that decides, since the same content may have been uploaded again. Another
        fingerprint is a difference unless this request names all that the job's document shows, as the file of a job
        does: what was left to the service then is a number now.
        """
        there: Document = job.raw
        kept = dig(there, "metadata", FINGERPRINT)
        if kept == self.fingerprint:
            return ()
        if lines := tuple(self._visible_differences(there)):
            return lines
        unsaid = [".".join(path) for path in self._settings_of(there) if path not in dict(self._settings())]
        return (f"{', '.join(unsaid)}: set there, and left to the service here",) if kept and unsaid else ()

    def _settings(self) -> Iterator[tuple[tuple[str, ...], object]]:
        """Yield the settings of the method that are not left to the service."""
        return _leaves(self._body_of_method(self._chosen).get(self.method))

    def _settings_of(self, there: Document) -> Mapping[tuple[str, ...], object]:
        """Return the settings of the method of a job; jobs of older APIs have hyperparameters at the top."""
        settings = dig(there, "method", self.method)
        return dict(_leaves(settings if is_object(settings) else {HYPERPARAMETERS: there.get(HYPERPARAMETERS)}))

    def _visible_differences(self, there: Document) -> Iterator[str]:
        """Yield what a job's document itself shows; a setting that was left to the service is not compared."""
        wanted = self.to_document()
        for key in ("model", "trainingType", "training_file", "validation_file", "seed"):
            before, after = there.get(key), wanted.get(key)
            left_to_service = after is None and key == "seed"
            if not left_to_service and _folded(before) != _folded(after):
                yield f"{key} is {_shown(before)} there and {_shown(after)} here"
        if (before := method_of(there)) != self.method:
            yield f"method is {before!r} there and {self.method!r} here"
            return
        settings = self._settings_of(there)
        for path, after in self._settings():
            if _folded(settings.get(path)) != _folded(after):
                yield f"{'.'.join(path)} is {_shown(settings.get(path))} there and {_shown(after)} here"

    def to_document(self) -> dict[str, Any]:
        """Build the body of the POST. `trainingType` is always sent: without it the service trains in the region."""
        body: dict[str, Any] = {"model": self.model_id, "training_file": self.training_data}
        if self.validation_data is not None:
            body["validation_file"] = self.validation_data
        if self.suffix is not None:
            body["suffix"] = self.suffix
        if self.seed is not None:
            body["seed"] = self.seed
        body["metadata"] = {**self.tags, NAME: self.name, FINGERPRINT: self.fingerprint}
        if self.integrations:
            body["integrations"] = [plain(each) for each in self.integrations]
        return {**body, "trainingType": self.training_type, "method": self._body_of_method(self.hyperparameters)}


def check_labels(tags: Mapping[str, str], suffix: str | None, seed: int | None) -> None:
    """Raise InvalidInput for tags, a suffix or a seed that the service would not accept."""
    if len(tags) > MOST_TAGS:
        raise InvalidInput(f"a job has at most {MOST_TAGS} tags on Foundry, not {len(tags)}")
    for key, value in tags.items():
        if key.startswith(OWN):
            raise InvalidInput(f"the tag {key!r} begins with {OWN!r}, which is for this client's own use")
        if not key or len(key) > LONGEST_KEY:
            raise InvalidInput(f"the tag {key[:80]!r} has {len(key)} characters; Foundry takes 1 to {LONGEST_KEY}")
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] -- callers without a type checker
            raise InvalidInput(f"the tag {key!r} must be a string on Foundry, not {type(value).__name__}")
        if len(value) > LONGEST_VALUE:
            raise InvalidInput(f"the tag {key!r} is {len(value)} characters long; Foundry takes {LONGEST_VALUE}")
    if suffix is not None and not _SUFFIX.fullmatch(suffix):
        raise InvalidInput(
            f"suffix {suffix!r} cannot be part of a tuned model's name: use 1 to 40 letters, digits, '-' and '_'; 18 "
            "are always accepted"
        )
    whole = isinstance(seed, int) and not isinstance(seed, bool)
    if seed is not None and not (whole and 0 <= seed <= HIGHEST_SEED):
        raise InvalidInput(f"seed must be an integer from 0 to {HIGHEST_SEED}, not {seed!r}")


def _file(data: str | Dataset) -> str:
    """Return the id of a file, or what it will be found by once it is uploaded."""
    if isinstance(data, Dataset):
        return data.id or f"{data.name}:{data.version}"
    return data


def _content(data: str | Dataset) -> str:
    """Return the digest of a file's content, which is the version of what this client uploaded; else the file's id."""
    if isinstance(data, Dataset) and _CONTENT.fullmatch(data.version):
        return data.version
    return _file(data)


def _ordered(value: object) -> object:
    """Put every mapping in one order: equal content has one digest."""
    return {key: _ordered(value[key]) for key in sorted(value)} if is_object(value) else value


def _folded(value: object) -> object:
    """Return a value to compare: the service answers in its own case, and a whole number may come as 1.0."""
    return value.lower() if isinstance(value, str) else value


def _shown(value: object) -> str:
    return "not set" if value is None else repr(value)


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if is_object(value):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif value is not None:
        yield path, value
