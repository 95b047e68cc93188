"""What a whole job came to, or would be of, and the commands that come next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..app.exit_codes import naming
from ..app.session import Session
from .run_resume import Ways

if TYPE_CHECKING:
    from ...job_files.job_file import JobFile
    from ...workflow.steps import Step, WorkflowResult


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
