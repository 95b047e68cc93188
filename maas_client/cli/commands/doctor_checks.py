"""What `maas doctor` looks at, one thing after the other, and what it makes of what it sees."""

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
from ...core.errors import (
    AuthenticationFailed,
    CredentialError,
    MaasError,
    NotFound,
    PermissionDenied,
    ServiceError,
    TransportError,
)
from ...core.redaction import redact
from ..app.exit_codes import code_of, words_of

if TYPE_CHECKING:
    from ...azure.settings import Settings
    from ...client import MaasClient

SKEW = 300.0
"""Seconds by which clocks may differ: beyond it tokens and signatures are refused as not yet, or no longer, valid."""

_WITHOUT_ROLE = frozenset({"AuthorizationPermissionMismatch", "KeyBasedAuthenticationNotPermitted"})
"""Codes with which storage refuses an identity, or a key in place of one."""

_ANSWERED = re.compile(r"acquired a token from (\w{1,60})")
"""What azure-identity's chain logs (azure-identity 1.25 `_credentials/chained.py`)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the diagnosis; `code` is the exit code that a problem means."""

    what: str
    state: str
    detail: str
    run: str = ""
    code: int = 0


def findings(maas: MaasClient) -> Iterator[Finding]:
    """Look at one thing after the other; what a problem hides is not looked at."""
    here = maas.settings
    yield Finding("version", "ok", f"maas-client {__version__} on Python {platform.python_version()}")
    yield Finding("settings", "ok", f"{here.workspace} in {here.resource_group} at {here.endpoint}")
    yield Finding("network", "ok", way_to(here))
    with credential_that_answers() as answered:
        try:
            workspace = maas.workspace.get()
        except MaasError as error:
            yield from _no_workspace(maas, error)
            return
    name = _named(maas)
    needless = here.is_loopback and not name
    yield Finding("credential", "ok", "none needed on this machine" if needless else _accepted(name, answered))
    yield look("subscription", lambda: _registered(maas), f"az provider register --namespace {PROVIDER}")
    yield Finding("workspace", "ok", f"{workspace.name} ({workspace.kind or 'Default'}) in {workspace.location}")
    yield look("roles", lambda: _roles(maas), "az role assignment create --role 'AzureML Data Scientist' …")
    yield look("clock", lambda: _clock(maas), "set the clock: timedatectl set-ntp true")
    datastore = look("datastore", lambda: _datastore(maas), "az ml datastore list")
    yield datastore
    if datastore.state == "ok":
        yield _storage(maas)
    yield look("registry", lambda: _registry(maas), "az ml registry show --name azureml")
    yield region(workspace.location)


PROVIDER = "Microsoft.MachineLearningServices"


class _Wrong(Exception):
    """What was looked at is there, and not as it should be."""


def look(what: str, looking: Callable[[], str], run: str) -> Finding:
    """Look at one thing."""
    try:
        return Finding(what, "ok", looking())
    except _Wrong as wrong:
        return Finding(what, "problem", str(wrong), run, 1)
    except MaasError as error:
        return Finding(what, "problem", words_of(error), run, code_of(error))


@contextmanager
def credential_that_answers() -> Generator[Sequence[str]]:
    """Hear from azure-identity which credentials of its chain give tokens while the block lasts."""
    answered: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if (found := _ANSWERED.search(record.getMessage())) is not None:
                answered.append(found[1])

    logger, ear = logging.getLogger("azure.identity"), Ear(logging.INFO)
    level = logger.level
    logger.addHandler(ear)
    logger.setLevel(min(level or logging.INFO, logging.INFO))
    try:
        yield answered
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)


def way_to(here: Settings) -> str:
    """Say whether requests to Resource Manager go through a proxy of the environment."""
    from urllib.request import getproxies, proxy_bypass

    address = urlsplit(here.endpoint)
    proxy = getproxies().get(address.scheme)
    if here.is_loopback or proxy is None or (address.hostname and proxy_bypass(address.hostname)):
        return f"{address.hostname} is reached directly"
    through = urlsplit(proxy)
    return redact(f"{address.hostname} is reached through the proxy {through.hostname}:{through.port}")


def _named(maas: MaasClient) -> str:
    """Say whom the token names; nothing where it names nobody, or there is none."""
    try:
        return str(maas.workspace.caller())
    except MaasError:
        return ""


def _accepted(name: str, answered: Sequence[str] = ()) -> str:
    """Say which credential gave the token that was accepted, and whom it names."""
    told = f"{answered[-1]} gave a token, and it was accepted" if answered else "a token was accepted"
    return f"{told}: {name}" if name else told


def _no_workspace(maas: MaasClient, error: MaasError) -> Iterator[Finding]:
    """Say which of server, credential and workspace it was, and whose token was not good enough."""
    code = code_of(error)
    match error:
        case TransportError():
            run = "curl -I https://management.azure.com, or maas mock; see HTTPS_PROXY and NO_PROXY"
            yield Finding("server", "problem", words_of(error), run, code)
        case CredentialError():  # it is not asked for its token again: some take ten seconds to say no
            yield Finding("credential", "problem", words_of(error), "az login", code)
        case AuthenticationFailed():
            name = _named(maas)
            told = f"{words_of(error)} (the token names {name})" if name else words_of(error)
            yield Finding("credential", "problem", told, "az login", code)
        case _:
            yield Finding("credential", "ok", _accepted(_named(maas)))
            yield Finding("workspace", "problem", words_of(error), _run_for_workspace(error), code)


def _run_for_workspace(error: MaasError) -> str:
    if isinstance(error, NotFound):
        return "az ml workspace list"
    if isinstance(error, PermissionDenied):
        return "az role assignment list --assignee $(az account show --query user.name -o tsv)"
    return "maas doctor --debug"


def _registered(maas: MaasClient) -> str:
    state = maas.workspace.registration()
    if state != "Registered":
        raise _Wrong(f"{PROVIDER} is {state or 'of unknown state'} in the subscription")
    return f"{PROVIDER} is registered"


def _roles(maas: MaasClient) -> str:
    lacking = missing(maas.workspace.grants())
    if lacking:
        told = ", ".join(f"{NEEDED[action]} ({action.partition('workspaces/')[2]})" for action in lacking)
        raise _Wrong(f"your roles do not let you {told}")
    return f"all {len(NEEDED)} actions of the job are allowed"


def _clock(maas: MaasClient) -> str:
    skew = maas.workspace.clock_skew()
    if skew is None:
        return "the service does not tell its time"
    if abs(skew) > SKEW:
        raise _Wrong(f"this clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the service's")
    return "agrees with the service's"


def _datastore(maas: MaasClient) -> str:
    """Say which kind of datastore uploads go to, and what opens it."""
    store = maas.workspace.datastore()
    return f"{store.name}, {store.kind or 'of unknown kind'} with credentials {store.credentials or 'None'}"


def _storage(maas: MaasClient) -> Finding:
    """Say whether the datastore's container lets this machine in: firewalls and roles of its own guard it."""
    try:
        return Finding("storage", "ok", f"{urlsplit(maas.workspace.storage()).netloc} lets you in")
    except MaasError as error:
        return Finding("storage", "problem", words_of(error), _run_for_storage(error), code_of(error))


def _run_for_storage(error: MaasError) -> str:
    if isinstance(error, ServiceError) and error.code in _WITHOUT_ROLE:
        return "az role assignment create --role 'Storage Blob Data Contributor' …"
    return "az storage account show --query networkRuleSet --name …"


def _registry(maas: MaasClient) -> str:
    """Ask for a model of the catalogue."""
    name = list_models()[-1].name
    document = maas.workspace.registry_model(name)
    return f"{name} is there, version {document.get('name', '?')}"


def region(location: str) -> Finding:
    """Hold the workspace's region against the catalogue."""
    today = datetime.now(UTC).date()
    open_ = [facts for facts in list_models() if facts.serverless_finetuning and not facts.finetune_retired(today)]
    here = [facts.name for facts in open_ if location.lower() in facts.finetune_regions]
    if here:
        return Finding("region", "ok", f"{location} fine-tunes {', '.join(here)}")
    regions = sorted({region for facts in open_ for region in facts.finetune_regions})
    detail = f"the catalogue has no model that {location} fine-tunes today; these do: {', '.join(regions) or 'none'}"
    return Finding("region", "problem", detail, "maas models --live", 1)
