"""`maas jobs schema`: the JSON Schema of job files, with which an editor completes and checks them."""

from __future__ import annotations

import click

from ..app.options import Command
from ..app.session import Session, pass_session


@click.command(
    cls=Command,
    help="""Print the JSON Schema of job files: their keys, the type of each, and what it means.

    An editor with a YAML language server completes and checks a job file whose first line is
    `# yaml-language-server: $schema=job.schema.json`.

    \b
    Example:
      maas jobs schema > job.schema.json
    """,
)
@pass_session
def schema(session: Session) -> None:
    """Print the schema of job files."""
    from ...job_files.schema import job_schema

    session.printer.document(job_schema())
