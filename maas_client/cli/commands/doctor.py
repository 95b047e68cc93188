"""`maas doctor`: check the setup and suggest fixes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from ...core.errors import NetworkSettingsError, SettingsError
from ..app.error_messages import exit_code_of, message_of
from ..app.exit_codes import Failed
from ..app.options import Command
from ..app.session import Session, pass_session
from .doctor_checks import CheckResult, network_problem, run_checks


@click.command(
    cls=Command,
    help="""Check version, settings, network, credential, subscription, workspace, roles, clock, datastore, storage,
    registry and region (of a Foundry account: jobs, files and deployments), and suggest a command for each problem.
    Exits with 0 if all checks pass.

    \b
    Example:
      maas doctor
      maas doctor --output json
    """,
)
@pass_session
def doctor(session: Session) -> None:
    """Run all checks."""
    found = list(_check_results(session))
    session.printer.rows(
        found,
        {
            "what": lambda finding: finding.what,
            "state": lambda finding: finding.state,
            "detail": lambda finding: finding.detail,
            "run": lambda finding: finding.run,
        },
        document=asdict,
        whole=True,
    )
    problems = [finding for finding in found if finding.code]
    if problems:
        names = ", ".join(finding.what for finding in problems)
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)}"
        raise Failed(f"{count} in {len(found)} check{'s' * (len(found) != 1)}: {names}", code=problems[0].code)


def _check_results(session: Session) -> Iterator[CheckResult]:
    try:
        maas = session.client()
    except NetworkSettingsError as error:
        yield network_problem(error)
        return
    except SettingsError as error:
        run = "maas init" if error.missing else ""
        yield CheckResult("settings", "problem", message_of(error), run, exit_code_of(error))
        return
    from ...azure.settings import Settings

    with maas:
        if isinstance(maas.settings, Settings):
            yield from run_checks(maas)
            return
        from .doctor_foundry import run_foundry_checks

        yield from run_foundry_checks(maas, maas.settings)
