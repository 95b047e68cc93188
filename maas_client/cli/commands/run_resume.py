"""Which step of a whole job is under way, and the command that goes on from there."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.errors import Conflict, FileChanged, InvalidInput, MaasError
from ...datasets.errors import DatasetRefused
from ...jobs.errors import JobCanceled, JobFailed
from ..app.exit_codes import Failed, advice, code_of, resumable, words_of
from ..app.session import Session

if TYPE_CHECKING:
    from ...workflow.steps import StepUpdate


@dataclass(slots=True)
class Ways:
    """The command line that goes on, and the step that is under way."""

    session: Session
    words: list[str]
    step: str = ""

    def saw(self, update: StepUpdate) -> None:
        """Take note of a step. Once there is another job, going on makes no third one."""
        self.step = update.step
        if update.step == "create" and update.state == "done":
            self.words = [word for word in self.words if word != "--again"]

    def on(self, *, without: str = "", more: str = "") -> str:
        """Return the command that goes on, without an option that was given, or with one more."""
        words = [word for word in self.words if word not in {without, more}]
        return self.session.command("run", *words, *([more] if more else []))

    @contextmanager
    def told(self) -> Generator[None]:
        """Let an error say which step it ended, and which command goes on from there."""
        try:
            yield
        except MaasError as error:
            hint = "\n".join(filter(None, (advice(error), self._hint(error))))
            step = f"{self.step}: " if self.step else ""
            raise Failed(f"{step}{words_of(error)}", code=code_of(error), hint=hint) from error

    def _hint(self, error: MaasError) -> str:
        if isinstance(error, JobFailed | JobCanceled):
            return f"make another job with: {self.on(more='--again')}"
        if isinstance(error, DatasetRefused | FileChanged | Conflict):
            return f"then: {self.on()}"
        if isinstance(error, InvalidInput):
            return ""  # the same command would fail again
        return f"resume with: {self.on()}"


@contextmanager
def resumable_by(ways: Ways) -> Generator[None]:
    """Tell how to go on when Ctrl-C ends the block: what to say is only known then."""
    try:
        yield
    except KeyboardInterrupt:
        goes_on = "no job was made" if ways.step in {"", "check", "upload"} else "the service goes on with what it has"
        with resumable(ways.on(), f"in step {ways.step}: {goes_on}"):
            raise
