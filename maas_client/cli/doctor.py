"""`maas doctor`: is everything in place, and what to run if not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from ..catalog import models
from ..errors import (
    AuthenticationFailed,
    CredentialError,
    MaasError,
    NotFound,
    PermissionDenied,
    SettingsError,
    TransportError,
)
from .exits import Failed, code_of, words_of
from .options import Command
from .session import Session, pass_session

if TYPE_CHECKING:
    from ..client import MaasClient


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis; `code` is the exit code that a problem means."""

    what: str
    state: str
    detail: str
    run: str = ""
    code: int = 0


@click.command(
    cls=Command,
    help="""Look at settings, credential, workspace, datastore, registry and region. Ends with 0 when all is well.

    \b
    Example:
      maas doctor
    """,
)
@pass_session
def doctor(session: Session) -> None:
    """Diagnose."""
    findings = list(_findings(session))
    session.printer.rows(
        findings,
        {
            "what": lambda finding: finding.what,
            "state": lambda finding: finding.state,
            "detail": lambda finding: finding.detail,
            "run": lambda finding: finding.run,
        },
        document=asdict,
    )
    problems = [finding for finding in findings if finding.code]
    if problems:
        names = ", ".join(finding.what for finding in problems)
        raise Failed(f"{len(problems)} of {len(findings)} are a problem: {names}", code=problems[0].code)


def _findings(session: Session) -> Iterator[Finding]:
    """Look at one thing after the other; what a problem hides is not looked at."""
    try:
        maas = session.client()
    except SettingsError as error:
        run = "export AZURE_SUBSCRIPTION_ID=… AZURE_RESOURCE_GROUP=… AZUREML_WORKSPACE_NAME=…"
        yield Finding("settings", "problem", words_of(error), run, code_of(error))
        return
    with maas:
        here = maas.settings
        yield Finding("settings", "ok", f"{here.workspace} in {here.resource_group} at {here.endpoint}")
        try:
            workspace = maas.workspace.get()
        except MaasError as error:
            yield from _no_workspace(error)
            return
        yield Finding("credential", "ok", "none needed on this machine" if here.is_loopback else "a token was accepted")
        yield Finding("workspace", "ok", f"{workspace.name} ({workspace.kind or 'Default'}) in {workspace.location}")
        yield _look("datastore", lambda: _datastore(maas), "az ml datastore list")
        yield _look("registry", lambda: _registry(maas), "az ml registry show --name azureml")
        yield _region(workspace.location)


def _no_workspace(error: MaasError) -> Iterator[Finding]:
    """Say which of server, credential and workspace it was."""
    code = code_of(error)
    if isinstance(error, TransportError):
        yield Finding("server", "problem", words_of(error), "curl -I https://management.azure.com, or maas mock", code)
    elif isinstance(error, CredentialError | AuthenticationFailed):
        yield Finding("credential", "problem", words_of(error), "az login", code)
    else:
        yield Finding("credential", "ok", "a token was accepted")
        yield Finding("workspace", "problem", words_of(error), _run_for_workspace(error), code)


def _run_for_workspace(error: MaasError) -> str:
    if isinstance(error, NotFound):
        return "az ml workspace list"
    if isinstance(error, PermissionDenied):
        return "az role assignment list --assignee $(az account show --query user.name -o tsv)"
    return "maas doctor --debug"


def _look(what: str, look: Callable[[], str], run: str) -> Finding:
    try:
        return Finding(what, "ok", look())
    except MaasError as error:
        return Finding(what, "problem", words_of(error), run, code_of(error))


def _datastore(maas: MaasClient) -> str:
    store = maas.workspace.datastore()
    return f"{store.name}, {store.kind or 'of unknown kind'} with credentials {store.credentials or 'None'}"


def _registry(maas: MaasClient) -> str:
    """Ask for a model of the catalogue."""
    name = models()[-1].name
    document = maas.workspace.registry_model(name)
    return f"{name} is there, version {document.get('name', '?')}"


def _region(location: str) -> Finding:
    """Hold the workspace's region against the catalogue."""
    today = datetime.now(UTC).date()
    open_ = [facts for facts in models() if facts.serverless_finetuning and not facts.finetune_retired(today)]
    here = [facts.name for facts in open_ if location.lower() in facts.finetune_regions]
    if here:
        return Finding("region", "ok", f"{location} fine-tunes {', '.join(here)}")
    regions = sorted({region for facts in open_ for region in facts.finetune_regions})
    detail = f"the catalogue has no model that {location} fine-tunes today; these do: {', '.join(regions) or 'none'}"
    return Finding("region", "problem", detail, "maas models --live", 1)
