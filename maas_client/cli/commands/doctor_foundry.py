"""The checks of `maas doctor` for an account of Azure AI Foundry: its data, and its deployments in Resource Manager."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..._version import __version__
from ...core.errors import (
    AuthenticationFailed,
    CredentialError,
    MaasError,
    NetworkSettingsError,
    NotFound,
    PermissionDenied,
    SettingsError,
    TransportError,
)
from ..app.error_messages import exit_code_of, message_of
from .doctor_checks import (
    CheckResult,
    check_api_versions,
    command_in,
    credential_detail,
    network_fix,
    network_problem,
    network_route,
    record_token_sources,
    run_check,
)

if TYPE_CHECKING:
    from ...client import MaasClient
    from ...foundry.settings import FoundrySettings

_TRAINING_ROLE = "az role assignment create --role 'Foundry User' …"
_DEPLOYING_ROLE = "az role assignment create --role 'Cognitive Services Contributor' …"
"""The roles for files and jobs, and for deployments (MicrosoftDocs/azure-ai-docs, fine-tuning-deploy.md, 2026)."""


def run_foundry_checks(maas: MaasClient, settings: FoundrySettings) -> Iterator[CheckResult]:
    """Run all checks in order; skip those that depend on a failed one."""
    yield CheckResult("version", "ok", f"maas-client {__version__} on Python {platform.python_version()}")
    yield CheckResult("settings", "ok", settings.place)
    with record_token_sources() as token_sources:
        try:
            newest = next(iter(maas.jobs.list()), None)
        except MaasError as error:
            yield from _explain(settings, error)
            return
    yield CheckResult("network", "ok", network_route(settings.account_url))
    needless = settings.is_loopback and settings.api_key is None
    accepted = "the account's key accepted" if settings.api_key else credential_detail("", token_sources)
    yield CheckResult("credential", "ok", "none needed on this machine" if needless else accepted)
    yield CheckResult("jobs", "ok", f"{newest.name} is {newest.status.value}" if newest else "the account has no jobs")
    yield run_check("files", lambda: _check_files(maas), _TRAINING_ROLE)
    deployments = check_deployments(maas, settings)
    yield deployments
    if deployments.state == "ok":
        yield check_api_versions(maas)


def _explain(settings: FoundrySettings, error: MaasError) -> Iterator[CheckResult]:
    """Attribute a failed request for the jobs to the network, the credential, the roles or the account."""
    code = exit_code_of(error)
    match error:
        case NetworkSettingsError():
            yield network_problem(error)
        case TransportError():
            yield CheckResult("network", "problem", message_of(error), network_fix(settings.account_url), code)
        case CredentialError():
            reason = message_of(error).removesuffix(f". {error.remedy}.")
            yield CheckResult("credential", "problem", reason, command_in(error.remedy), code)
        case AuthenticationFailed():
            fix = "unset FOUNDRY_API_KEY AZURE_OPENAI_API_KEY, or set the account's key" if settings.api_key else ""
            yield CheckResult("credential", "problem", message_of(error), fix or "az login", code)
        case PermissionDenied():
            yield CheckResult("roles", "problem", message_of(error), _TRAINING_ROLE, code)
        case NotFound():
            yield CheckResult("account", "problem", message_of(error), "az cognitiveservices account list", code)
        case _:
            yield CheckResult("account", "problem", message_of(error), "maas doctor --debug", code)


def _check_files(maas: MaasClient) -> str:
    newest = next(iter(maas.datasets.list()), None)
    return f"{newest.name} is the newest" if newest else "the account has no training files"


def check_deployments(maas: MaasClient, settings: FoundrySettings) -> CheckResult:
    """List the deployments in Resource Manager, which takes a token, and the account's place in a subscription."""
    try:
        count = len(list(maas.endpoints.list()))
    except SettingsError as error:
        variables = " ".join(f"{name}=…" for name in error.missing)
        return CheckResult("deployments", "problem", message_of(error), f"export {variables}", exit_code_of(error))
    except CredentialError as error:
        reason = (
            f"deployments take a token, not the key: {message_of(error)}" if settings.api_key else message_of(error)
        )
        return CheckResult(
            "deployments", "problem", reason, command_in(error.remedy) or "az login", exit_code_of(error)
        )
    except MaasError as error:
        return CheckResult("deployments", "problem", message_of(error), _DEPLOYING_ROLE, exit_code_of(error))
    return CheckResult("deployments", "ok", f"{count or 'no'} deployment{'s' * (count != 1)} in {settings.account}")
