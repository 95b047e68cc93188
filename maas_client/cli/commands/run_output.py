"""The output of `maas run`: steps, result, next commands and resume hints."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import Conflict, FileChanged, InvalidInput, MaasError
from ...datasets.errors import DatasetRefused
from ...jobs.errors import JobCanceled, JobFailed
from ..app.error_messages import exit_code_of, hint_for, message_of
from ..app.exit_codes import INTERRUPTED, Failed, file_names_in_errors
from ..app.session import Session
from ..output.printer import ProgressLines, show_upload_progress
from .job_file_option import local_files
from .jobs_create import existing_job_text

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...job_files.job_file import JobFile
    from ...transfers.progress import TransferProgress
    from ...workflow.steps import Step, StepUpdate, WorkflowResult
    from .run_cleanup import RunCleanup


@dataclass(frozen=True, slots=True)
class RunView:
    """A client, and callbacks that display steps, upload progress and notes."""

    maas: MaasClient
    on_step: Callable[[StepUpdate], None]
    on_progress: Callable[[TransferProgress], None]
    note: Callable[[str], None]


@contextmanager
def open_run_view(session: Session, until: Step) -> Generator[RunView]:
    """Open the display: a live checklist on a terminal, otherwise plain lines."""
    note = session.printer.note
    if not session.printer.is_live or session.debug:
        with session.client() as maas:  # no progress bar: it would break up the lines
            yield RunView(
                maas, partial(_print_step, session), partial(show_upload_progress, ProgressLines("data", note)), note
            )
        return
    from ...workflow.steps import STEPS
    from ..app.logging import redirect_log
    from ..live.run_checklist import Checklist, live_checklist
    from ..live.watch_view import REFRESH_SECONDS

    shown = Checklist(STEPS[: STEPS.index(until) + 1])

    def fetch_metrics() -> None:
        """Fetch the metrics; on errors the view keeps what it has."""
        if shown.is_training:
            with suppress(MaasError):
                shown.metrics = maas.jobs.metrics(shown.job.name)

    wire = session.new_wire()
    wire.call_while_sleeping(fetch_metrics, every=REFRESH_SECONDS)
    with session.client(wire) as maas, redirect_log(shown.add_note), live_checklist(shown):
        yield RunView(maas, shown.on_step, shown.on_progress, shown.add_note)


def _print_step(session: Session, update: StepUpdate) -> None:
    """Print a line when a step is done or its status changes."""
    if update.state == "began" or (update.step in {"upload", "create"} and update.state == "goes on"):
        return
    text = " ".join(update.text.split()) + (" (already done)" if update.already else "")
    session.printer.note(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}  {update.step:<6}  {text}")


@dataclass(slots=True)
class ResumeHints:
    """The current step and the command that resumes the run; `first` returns what it takes before, if anything."""

    session: Session
    options: list[str]
    first: Callable[[], Sequence[str]] = tuple
    step: str = ""

    def on_step(self, update: StepUpdate) -> None:
        """Record the current step. Once the job of --again exists, drop the option: resuming creates no third job."""
        self.step = update.step
        if update.step == "create" and update.state == "done":
            self.options = [word for word in self.options if word != "--again"]

    def command(self, *, drop: str = "", add: str = "") -> str:
        """Return the resume command, optionally without or with an option."""
        options = [word for word in self.options if word not in {drop, add}]
        return self.session.command("run", *options, *([add] if add else []))

    @contextmanager
    def add_hints(self) -> Generator[None]:
        """Add the failed step and the resume command to errors."""
        try:
            yield
        except MaasError as error:
            hint = "\n".join(filter(None, (hint_for(error), self._hint(error))))
            step = f"{self.step}: " if self.step else ""
            raise Failed(f"{step}{message_of(error)}", code=exit_code_of(error), hint=hint) from error

    def after_first(self, line: str) -> str:
        """Return a line with a command, after the commands that it takes before."""
        return "\n".join((*(f"first: {each}" for each in self.first()), line))

    def _hint(self, error: MaasError) -> str:
        if isinstance(error, JobFailed | JobCanceled):
            return self.after_first(f"create another job with: {self.command(add='--again')}")
        if isinstance(error, DatasetRefused | FileChanged | Conflict):
            return f"then: {self.command()}"
        if isinstance(error, InvalidInput):
            return ""  # the same command would fail again
        return f"resume with: {self.command()}"


@contextmanager
def resume_hint_on_ctrl_c(hints: ResumeHints, cleanup: RunCleanup) -> Generator[None]:
    """On Ctrl-C, raise Failed with the step, what was cleaned up, and the resume command as of that moment."""
    try:
        yield
    except KeyboardInterrupt:
        status = ", ".join(cleanup.done) or (
            "no job was created"
            if hints.step in {"", "check", "upload"}
            else "the service keeps working on what was created"
        )
        command = hints.command(add="--again") if cleanup.canceled else hints.command()
        hint = hints.after_first(f"resume with: {command}")
        raise Failed(f"interrupted; in step {hints.step}: {status}", code=INTERRUPTED, hint=hint) from None


def show_result(session: Session, result: WorkflowResult) -> None:
    """Print the result."""
    endpoint, reply = result.endpoint, result.reply
    if "create" not in result.made:
        session.printer.note(existing_job_text(result.job, "no other job was created"))
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


def print_next_commands(
    session: Session, job: JobFile, hints: ResumeHints, result: WorkflowResult, *, until: Step, deleted: bool
) -> None:
    """Print the commands to run next."""
    note, name = session.printer.note, result.endpoint.name if result.endpoint else ""
    if until != "chat":
        note(f"next: {hints.command(drop='--no-wait' if until == 'create' else '--no-deploy')}")
    elif not deleted:
        note(f"next: {session.command('chat', name)}")
        if job.validation_data and Path(job.validation_data).is_file():
            note(f"      {session.command('eval', name, '--validation-data', job.validation_data)}")
        note(f"      {session.command('endpoints', 'delete', name)}   # billed by the hour, whether used or not")
        for known in result.endpoint.notes[1:] if result.endpoint else ():
            note(known)


def show_plan(session: Session, job: JobFile) -> None:
    """Print what would be created, and what already exists."""
    with session.client() as maas, file_names_in_errors(*local_files(job)):
        plan = maas.workflow.plan(job.spec(), endpoint_name=job.endpoint_name)
    job_state = plan.job.status.value if plan.job else "not created"
    endpoint_state = (
        f"{plan.endpoint.provisioning_state.value}, {plan.endpoint.state.value}" if plan.endpoint else "not created"
    )
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
            "job": f"{plan.job_name} ({job_state})",
            "model": plan.model,
            "training data": plan.training_data,
            "validation data": plan.validation_data,
            "hyperparameters": dict(plan.hyperparameters),
            "endpoint": f"{plan.endpoint_name} ({endpoint_state})",
        },
    )
    session.printer.note("dry run: nothing was created or changed")
