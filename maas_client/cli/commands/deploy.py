"""`maas deploy`: a job's tuned model becomes an endpoint that answers."""

from __future__ import annotations

import click

from ..app.exit_codes import JOB_FAILED, Failed
from ..app.options import Command
from ..app.session import Session, pass_session
from .endpoints import show_endpoint, wait_until_answering


@click.command(
    cls=Command,
    help="""Deploy the tuned model of JOB as a serverless endpoint, and wait until a chat call is answered.

    Repeated with the same --name it takes up the wait again.

    \b
    Example:
      maas deploy ft-support --name support
    """,
)
@click.argument("job")
@click.option("--name", metavar="NAME", help="The endpoint's name, unique in its region; invented by default.")
@click.option("--no-wait", is_flag=True, help="Do not wait until it answers.")
@pass_session
def deploy(session: Session, job: str, name: str | None, no_wait: bool) -> None:
    """Deploy a job's model."""
    with session.client() as maas:
        trained = maas.jobs.get(job)
        status = trained.status.value
        if status in {"Failed", "Canceled"}:
            hint = f"try: {session.command('jobs', 'show', job)}"
            raise Failed(f"job {job!r} is {status} and has no model to deploy", code=JOB_FAILED, hint=hint)
        if status != "Completed":
            hint = f"try: {session.command('jobs', 'watch', job)}"
            raise Failed(f"job {job!r} is {status}; only a completed job has a model to deploy", hint=hint)
        endpoint = maas.endpoints.create(model=trained.output_model or "", name=name)
        if not no_wait:
            resume_command = session.command("deploy", job, "--name", endpoint.name)
            endpoint = wait_until_answering(session, maas, endpoint, resume_command)
    show_endpoint(session, endpoint)
    if not no_wait:
        session.printer.note(f"next: {session.command('chat', endpoint.name)}")
