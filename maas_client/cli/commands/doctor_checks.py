"""The checks of `maas doctor`."""

from __future__ import annotations

import logging
import platform
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ..._version import __version__
from ...azure.permissions import NEEDED, missing
from ...catalog.lookup import list_models
from ...core.api_versions import MACHINE_LEARNING_PROVIDER
from ...core.errors import (
    AuthenticationFailed,
    CredentialError,
    MaasError,
    NetworkSettingsError,
    NotFound,
    PermissionDenied,
    ServiceError,
    TransportError,
)
from ...core.origins import is_loopback
from ...core.redaction import redact
from ...wire import proxy_of
from ..app.error_messages import exit_code_of, message_of

if TYPE_CHECKING:
    from ...client import MaasClient

MAX_CLOCK_SKEW = 300.0
"""Maximum clock skew in seconds: beyond it, tokens and signatures are rejected as not yet valid or expired."""

_ROLE_ERROR_CODES = frozenset({"AuthorizationPermissionMismatch", "KeyBasedAuthenticationNotPermitted"})
"""Storage error codes for an identity without a data role, or for key authentication that is disabled."""

_TOKEN_ACQUIRED = re.compile(r"acquired a token from (\w{1,60})")
"""The log message of azure-identity's credential chain (azure-identity 1.25 `_credentials/chained.py`)."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check; `code` is the exit code if it is a problem."""

    what: str
    state: str
    detail: str
    run: str = ""
    code: int = 0


def run_checks(maas: MaasClient) -> Iterator[CheckResult]:
    """Run all checks in order; skip those that depend on a failed one."""
    settings = maas.settings
    yield CheckResult("version", "ok", f"maas-client {__version__} on Python {platform.python_version()}")
    yield CheckResult("settings", "ok", f"{settings.place} at {settings.endpoint}")
    network = _check_network(maas)
    yield network
    if network.code:
        return
    with record_token_sources() as token_sources:
        try:
            workspace = maas.workspace.get()
        except MaasError as error:
            yield from _explain_workspace_error(maas, error)
            return
    name = _token_identity(maas)
    needless = settings.is_loopback and not name
    yield CheckResult(
        "credential", "ok", "none needed on this machine" if needless else credential_detail(name, token_sources)
    )
    provider = run_check(
        "subscription", lambda: _check_provider(maas), f"az provider register --namespace {MACHINE_LEARNING_PROVIDER}"
    )
    yield provider
    if provider.state == "ok":
        yield check_api_versions(maas)
    yield CheckResult("workspace", "ok", f"{workspace.name} ({workspace.kind or 'Default'}) in {workspace.location}")
    yield run_check("roles", lambda: _check_roles(maas), "az role assignment create --role 'AzureML Data Scientist' …")
    yield run_check("clock", lambda: _check_clock(maas), "set the clock: timedatectl set-ntp true")
    datastore = run_check("datastore", lambda: _check_datastore(maas), "az ml datastore list")
    yield datastore
    if datastore.state == "ok":
        yield _check_storage(maas)
    yield run_check("registry", lambda: _check_registry(maas), "az ml registry show --name azureml")
    yield check_region(workspace.location)


class _CheckFailed(Exception):
    """A check found a misconfiguration."""


def run_check(what: str, probe: Callable[[], str], run: str) -> CheckResult:
    """Run one check; `run` is the command suggested if it fails."""
    try:
        return CheckResult(what, "ok", probe())
    except _CheckFailed as wrong:
        return CheckResult(what, "problem", str(wrong), run, 1)
    except MaasError as error:
        return CheckResult(what, "problem", message_of(error), run, exit_code_of(error))


@contextmanager
def record_token_sources() -> Generator[Sequence[str]]:
    """Within the block, record from azure-identity's log which credentials of its chain return tokens."""
    token_sources: list[str] = []

    class TokenLogHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if (found := _TOKEN_ACQUIRED.search(record.getMessage())) is not None:
                token_sources.append(found[1])

    logger, handler = logging.getLogger("azure.identity"), TokenLogHandler(logging.INFO)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield token_sources
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def network_route(endpoint: str) -> str:
    """Return whether requests to Azure Resource Manager go through a proxy from the environment."""
    host = urlsplit(endpoint).hostname
    if (proxy := proxy_of(endpoint)) is None:
        return f"{host} is reached directly"
    through = urlsplit(proxy.url)
    return redact(f"{host} is reached through the proxy {through.netloc.rpartition('@')[2]} ({proxy.source})")


def _check_network(maas: MaasClient) -> CheckResult:
    """Connect to Resource Manager without a credential."""
    try:
        maas.workspace.connect()
        return CheckResult("network", "ok", network_route(maas.settings.endpoint))
    except NetworkSettingsError as error:
        return network_problem(error)
    except MaasError as error:
        return CheckResult(
            "network", "problem", message_of(error), network_fix(maas.settings.endpoint), exit_code_of(error)
        )


def network_problem(error: NetworkSettingsError) -> CheckResult:
    """Return the result for an environment variable that cannot be used."""
    run = f"unset {error.variable}" if error.variable.isidentifier() else ""
    return CheckResult("network", "problem", message_of(error), run, exit_code_of(error))


def network_fix(endpoint: str) -> str:
    """Return what to try when a server cannot be reached."""
    if is_loopback(urlsplit(endpoint).hostname or ""):
        return "maas mock"
    return f"curl -I {endpoint}; check HTTPS_PROXY and NO_PROXY"


def _token_identity(maas: MaasClient) -> str:
    """Return the identity in the token; empty if there is no token or no identity in it."""
    try:
        return str(maas.workspace.caller())
    except MaasError:
        return ""


def credential_detail(name: str, token_sources: Sequence[str] = ()) -> str:
    """Return which credential the accepted token came from, and its identity."""
    detail = f"{token_sources[-1]} token accepted" if token_sources else "token accepted"
    return f"{detail}: {name}" if name else detail


def _explain_workspace_error(maas: MaasClient, error: MaasError) -> Iterator[CheckResult]:
    """Attribute a failed workspace request to server, credential or workspace."""
    code = exit_code_of(error)
    match error:
        case TransportError():
            yield CheckResult("network", "problem", message_of(error), network_fix(maas.settings.endpoint), code)
        case NetworkSettingsError():
            yield network_problem(error)
        case CredentialError():  # do not request a token again: some credentials take ten seconds to fail
            reason = message_of(error).removesuffix(f". {error.remedy}.")
            yield CheckResult("credential", "problem", reason, command_in(error.remedy), code)
        case AuthenticationFailed():
            name = _token_identity(maas)
            detail = f"{message_of(error)} (the token names {name})" if name else message_of(error)
            yield CheckResult("credential", "problem", detail, "az login", code)
        case _:
            yield CheckResult("credential", "ok", credential_detail(_token_identity(maas)))
            yield CheckResult("workspace", "problem", message_of(error), _workspace_fix(error), code)


def _workspace_fix(error: MaasError) -> str:
    if isinstance(error, NotFound):
        return "az ml workspace list"
    if isinstance(error, PermissionDenied):
        return "az role assignment list --assignee $(az account show --query user.name -o tsv)"
    return "maas doctor --debug"


def command_in(remedy: str) -> str:
    """Return the command in backticks, or the text itself without one."""
    return found[1] if (found := re.search("`([^`]+)`", remedy)) is not None else remedy


def _check_provider(maas: MaasClient) -> str:
    state = maas.workspace.registration()
    if state != "Registered":
        raise _CheckFailed(f"{MACHINE_LEARNING_PROVIDER} is {state or 'in an unknown state'} in the subscription")
    return f"{MACHINE_LEARNING_PROVIDER} is registered"


def check_api_versions(maas: MaasClient) -> CheckResult:
    """Compare the api-versions that requests name with those that Azure lists."""
    try:
        unlisted = maas.unlisted_api_versions()
    except MaasError as error:
        return CheckResult("api versions", "problem", message_of(error), "maas doctor --debug", exit_code_of(error))
    if not unlisted:
        return CheckResult("api versions", "ok", "Azure lists those that this version sends")
    types: dict[tuple[str, str], list[str]] = {}
    for one in unlisted:
        types.setdefault((one.value, one.nearest), []).append(one.resource_type)
    detail = "; ".join(
        f"Azure no longer lists {value} for {', '.join(kinds)}; {nearest} comes nearest"
        for (value, nearest), kinds in types.items()
    )
    return CheckResult("api versions", "problem", detail, "upgrade maas-client, or report it", 1)


def _check_roles(maas: MaasClient) -> str:
    missing_actions = missing(maas.workspace.grants())
    if missing_actions:
        detail = ", ".join(f"{NEEDED[action]} ({action.partition('workspaces/')[2]})" for action in missing_actions)
        raise _CheckFailed(f"your roles do not permit: {detail}")
    return f"all {len(NEEDED)} required actions are permitted"


def _check_clock(maas: MaasClient) -> str:
    skew = maas.workspace.clock_skew()
    if skew is None:
        return "the service does not report its time"
    if abs(skew) > MAX_CLOCK_SKEW:
        raise _CheckFailed(f"the local clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service")
    return "in sync with the service"


def _check_datastore(maas: MaasClient) -> str:
    """Return the type of the default datastore and its credentials."""
    store = maas.workspace.datastore()
    return f"{store.name}, {store.kind or 'unknown type'} with credentials {store.credentials or 'None'}"


def _check_storage(maas: MaasClient) -> CheckResult:
    """Check access to the datastore's container, which has its own firewall and roles."""
    try:
        return CheckResult("storage", "ok", f"{urlsplit(maas.workspace.storage()).netloc} is accessible")
    except MaasError as error:
        return CheckResult("storage", "problem", message_of(error), _storage_fix(error), exit_code_of(error))


def _storage_fix(error: MaasError) -> str:
    if isinstance(error, ServiceError) and error.code in _ROLE_ERROR_CODES:
        return "az role assignment create --role 'Storage Blob Data Contributor' …"
    return "az storage account show --query networkRuleSet --name …"


def _check_registry(maas: MaasClient) -> str:
    """Fetch a model of the catalogue from the registry."""
    name = list_models()[-1].name
    document = maas.workspace.registry_model(name)
    return f"{name} found, version {document.get('name', '?')}"


def check_region(location: str) -> CheckResult:
    """Check whether the catalogue has models that can be fine-tuned in the region."""
    today = datetime.now(UTC).date()
    open_ = [facts for facts in list_models() if facts.serverless_finetuning and not facts.finetune_retired(today)]
    open_here = [facts.name for facts in open_ if location.lower() in facts.finetune_regions]
    if open_here:
        return CheckResult("region", "ok", f"{location} supports fine-tuning of {', '.join(open_here)}")
    regions = sorted({name for facts in open_ for name in facts.finetune_regions})
    detail = f"no model in the catalogue can be fine-tuned in {location} today; regions: {', '.join(regions) or 'none'}"
    return CheckResult("region", "problem", detail, "maas models list --live", 1)
