"""A job file: a fine-tuning job as YAML or JSON, in our own format or Azure's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import InvalidInput
from ..core.text_files import UndecodableText, decode
from ..jobs.spec import JobSpec
from .json_reader import read_json
from .keys import KEYS
from .located import Located

if TYPE_CHECKING:
    from ..datasets.rows.schemas import Task

LARGEST = 256 << 10
"""Maximum bytes of a job file. A job takes one or two thousand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobFile:
    """The contents of a job file; None or empty for omitted keys.

    `hyperparameters` have a tuple where the file has a list, for a sweep. `prices` is a path, as is data in a local
    file. `ignored` are keys of Azure's format that cannot be sent, with their lines.
    """

    model: str | None = None
    training_data: str | None = None
    validation_data: str | None = None
    name: str | None = None
    task: Task | None = None
    hyperparameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    properties: Mapping[str, str] = field(default_factory=dict[str, str])
    output_name: str | None = None
    experiment: str | None = None
    display_name: str | None = None
    compute: str | None = None
    instance_types: tuple[str, ...] = ()
    job_tier: str | None = None
    allow_retired: bool = False
    wait: bool = False
    prices: Path | None = None
    max_cost: float | None = None
    endpoint_name: str | None = None
    prompt: str | None = None
    sweep: bool = False
    parallel: int | None = None
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        *,
        overrides: Iterable[tuple[str, str]] = (),
        environ: Mapping[str, str] | None = None,
    ) -> JobFile:
        """Read a job file: JSON if its name ends in .json, else YAML, which needs the extra `yaml`.

        Args:
            path: the file. Relative paths in it are relative to it.
            overrides: dotted keys and YAML values that replace the file's: `("hyperparameters.seed", "7")`. Relative
                paths in them are relative to the working directory.
            environ: the variables for `${VAR}` and `${VAR:-default}` in values, by default the environment.

        Returns:
            The contents of the file.

        Raises:
            InvalidInput: with the line, for an unknown or duplicate key, an invalid value, an unset variable, or a file
                that is neither YAML nor JSON.
            OSError: the file cannot be read.
        """
        from .azure_ml import is_azure_file, translated
        from .azure_ml_kinds import refuse_other_kinds
        from .overrides import with_overrides
        from .validation import FieldReader, resolved_path
        from .variables import substituted

        file = Path(path)
        document = _document(file)
        refuse_other_kinds(document.table("a job file"))  # before `${{…}}` of a pipeline is taken for a variable
        top = substituted(document, os.environ if environ is None else environ).table("a job file")
        ours, ignored = translated(top) if is_azure_file(top) else ({**top}, ())
        ours.pop("$schema", None)
        ours = {key: resolved_path(item, file.parent) if _is_path(key) else item for key, item in ours.items()}
        read = FieldReader(with_overrides(ours, overrides))
        readers: Mapping[str, Callable[[str], Any]] = {
            "text": read.text,
            "path": read.text,
            "texts": read.texts,
            "labels": read.labels,
            "switch": read.switch,
            "number": read.number,
        }
        plain: dict[str, Any] = {name: readers[key.kind](name) for name, key in KEYS.items() if key.kind in readers}
        prices, (sweep, parallel) = plain.pop("prices"), read.sweep()
        plain["task"] = read.task()
        return cls(
            **plain,
            hyperparameters=read.hyperparameters(),
            prices=None if prices is None else Path(prices),
            sweep=sweep,
            parallel=parallel,
            ignored=ignored,
        )

    @property
    def several(self) -> tuple[str, ...]:
        """The hyperparameters with several values."""
        return tuple(name for name, value in self.hyperparameters.items() if isinstance(value, tuple))

    def spec(self) -> JobSpec:
        """Return the requested job; raise InvalidInput without a model or training data.

        Hyperparameters with several values are kept: `sweeps.grid` expands them.
        """
        if not self.model or not self.training_data:
            missing = " and ".join(key for key in ("model", "training_data") if not getattr(self, key))
            raise InvalidInput(f"the job has no {missing}")
        return JobSpec(**{each.name: getattr(self, each.name) for each in fields(JobSpec)})


def _is_path(key: str) -> bool:
    return key in KEYS and KEYS[key].kind == "path"


def _document(file: Path) -> Located:
    """Parse a file's bytes in the format given by its name."""
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InvalidInput(f"{file}: not a job file: it has more than {LARGEST >> 10} KiB")
    try:
        text = decode(content)
    except UndecodableText as error:
        raise InvalidInput(f"{file}:{error.line}: {error}") from None
    if file.suffix.lower() == ".json":
        return read_json(text, str(file))
    from .yaml_reader import read_yaml

    return read_yaml(text, str(file))
