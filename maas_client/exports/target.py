"""What a target of an export is, and what it returns: files, translations, warnings and the commands that run it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..core.plain_values import PlainValue
from .translation import Translation

if TYPE_CHECKING:
    from ..planning import MemoryEstimate
    from .export_job import ExportJob
    from .training_rows import TrainingRows


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile(PlainValue):
    """A file of an export, with its path in the folder: its `content`, a copy of a file, or rows of a dataset."""

    path: str
    content: str | bytes | None = field(default=None, repr=False)
    copy_of: Path | None = None
    rows: TrainingRows | None = field(default=None, repr=False)

    def parts(self) -> Iterator[bytes]:
        """Yield the content. Raises OSError if a file that it is made from cannot be read."""
        if self.rows is not None:
            yield from self.rows.lines()
        elif self.copy_of is not None:
            with self.copy_of.open("rb") as source:
                while part := source.read(1 << 20):
                    yield part
        elif self.content is not None:
            yield self.content.encode() if isinstance(self.content, str) else self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(PlainValue):
    """What a target makes of a job.

    `commands` are the two that run it, as a shell takes them in the folder. `expected` is the estimate of GPU memory,
    None where it cannot be said; `notes` are paragraphs for the README, such as what was not tried. `rows_a_pass` are
    the rows that a GPU takes at a time, and `gpus` how many there are, if they are not the job's.
    """

    files: tuple[ExportedFile, ...]
    translations: tuple[Translation, ...]
    warnings: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    expected: MemoryEstimate | None = None
    notes: tuple[str, ...] = ()
    rows_a_pass: int | None = None
    gpus: int | None = None


class Target(Protocol):
    """A platform that jobs can be exported for. `tried_with` are versions, with a date, for the README."""

    @property
    def name(self) -> str:
        """The value of `--for`."""
        ...

    @property
    def title(self) -> str:
        """The platform's name."""
        ...

    @property
    def tried_with(self) -> str:
        """The versions that the files were made for and tried with, and when."""
        ...

    @property
    def all_tokens(self) -> bool:
        """Whether the platform trains on all tokens, and not only on the assistant's as the hosted service does."""
        ...

    def export(self, job: ExportJob) -> Exported:
        """Return the files and what they mean; raise NotExportable for a job that the platform cannot run."""
        ...
