"""What `maas run` shows: the steps, the result, the next commands, and how to resume."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import Conflict, FileChanged, InvalidInput, MaasError
from ...datasets.errors import DatasetRefused
from ...jobs.errors import JobCanceled, JobFailed
from ..app.exit_codes import Failed, advice, code_of, naming, resumable, words_of
from ..app.session import Session
from ..output.printer import Ticker, show

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...job_files.job_file import JobFile
    from ...transfers.progress import TransferProgress
    from ...workflow.steps import WorkflowResult, Step, StepUpdate


@dataclass(frozen=True, slots=True)
class View:
    """A client, and what takes note of steps, of how far an upload is, and of what else there is to say."""

    maas: MaasClient
    saw: Callable[[StepUpdate], None]
    sends: Callable[[TransferProgress], None]
    say: Callable[[str], None]


@contextmanager
def view(session: Session, until: Step) -> Generator[View]:
    """Give what shows the work: a list on a terminal that can be drawn on, lines elsewhere."""
    note = session.printer.note
    if not session.printer.is_live or session.debug:
        with session.client() as maas:  # no bar: it would be drawn between the lines
            yield View(maas, partial(_tell, session), partial(show, Ticker("data", note)), note)
        return
    from ...wire import BlockingWire
    from ...workflow.steps import STEPS
    from ..app.logging import listening
    from ..live.run_checklist import Checklist, checklist
    from ..live.watch_view import EVERY

    shown = Checklist(STEPS[: STEPS.index(until) + 1])

    def look() -> None:
        """Fetch the loss; a view that cannot be fed goes on with what it has."""
        if shown.is_training:
            with suppress(MaasError):
                shown.metrics = maas.jobs.metrics(shown.job.name)

    wire = session.wire() if session.wire is not None else BlockingWire()
    wire.look_around(look, every=EVERY)
    with session.client(wire) as maas, listening(shown.says), checklist(shown):
        yield View(maas, shown.saw, shown.sends, shown.says)


def _tell(session: Session, update: StepUpdate) -> None:
    """Write a line when a step is done, and when what it waits for has changed."""
    if update.state == "began" or (update.step, update.state) == ("upload", "goes on"):
        return
    words = " ".join(update.text.split()) + (" (already there)" if update.already else "")
    session.printer.note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {update.step:<6}  {words}")


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


def show_result(session: Session, result: WorkflowResult) -> None:
    """Write all parts as one record."""
    endpoint, reply = result.endpoint, result.reply
    session.printer.record(
        result.to_dict(),
        {
            "job": result.job.name,
            "status": result.job.status.value,
            "tuned model": result.job.output_model if endpoint or result.job.status.is_final else None,
            "endpoint": endpoint.name if endpoint else None,
            "uri": endpoint.scoring_url if endpoint else None,
            "question": result.prompt,
            "answer": reply.text if reply else None,
        },
    )


def say_what_is_next(
    session: Session, job: JobFile, ways: Ways, result: WorkflowResult, *, until: Step, deleted: bool
) -> None:
    """Name the commands that one would want to run now."""
    note, name = session.printer.note, result.endpoint.name if result.endpoint else ""
    if until != "chat":
        note(f"next: {ways.on(without='--no-wait' if until == 'create' else '--no-deploy')}")
    elif not deleted:
        note(f"next: {session.command('chat', name)}")
        if job.validation_data and Path(job.validation_data).is_file():
            note(f"      {session.command('eval', name, '--validation-data', job.validation_data)}")
        note(f"      {session.command('endpoints', 'delete', name)}   # billed by the hour, used or not")


def show_plan(session: Session, job: JobFile) -> None:
    """Tell what the work would be of, and what of it is there."""
    with session.client() as maas, naming(*files_of(job)):
        plan = maas.workflow.plan(job.spec(), endpoint_name=job.endpoint_name)
    there = plan.job.status.value if plan.job else "none yet"
    up = f"{plan.endpoint.provisioning_state.value}, {plan.endpoint.state.value}" if plan.endpoint else "none yet"
    session.printer.record(
        {
            "job": plan.job_name,
            "job_status": plan.job.status.value if plan.job else None,
            "model": plan.model,
            "training_data": plan.training_data,
            "validation_data": plan.validation_data,
            "hyperparameters": dict(plan.hyperparameters),
            "endpoint": plan.endpoint_name,
            "endpoint_state": plan.endpoint.state.value if plan.endpoint else None,
        },
        {
            "job": f"{plan.job_name} ({there})",
            "model": plan.model,
            "training data": plan.training_data,
            "validation data": plan.validation_data,
            "hyperparameters": dict(plan.hyperparameters),
            "endpoint": f"{plan.endpoint_name} ({up})",
        },
    )
    session.printer.note("nothing was sent that makes or changes anything")


def files_of(job: JobFile) -> list[str]:
    """Return which of a job's data are files of this machine."""
    return [data for data in (job.training_data, job.validation_data) if data and Path(data).is_file()]
