"""Why a credential returned no token, in one sentence, and the one command or step that signs in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..core.text import one_line

SERVICE_PRINCIPAL = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID")
"""What every service principal needs, beside a secret, a certificate or a federated token."""

PROOFS = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")
"""The variables of which a service principal needs one (azure-identity 1.25 `EnvironmentVariables`)."""

MANY_ATTEMPTS = "Attempted credentials:"
"""Precedes the list of what each credential of a chain said (azure-identity 1.25 `_credentials/chained.py`)."""

LONGEST_REASON = 240

_ATTEMPT = re.compile(r"^\t(?P<credential>\w+): ?(?P<said>.*(?:\n(?!\t\w+:|To mitigate).*)*)", re.MULTILINE)
_ENTRA = re.compile(r"AADSTS\d{4,8}: [^\n]+?(?=\.? Trace ID|\.\s|\n|$)")
_CERTIFICATE = re.compile(r"(?i)certificate[ _]verify[ _]failed")
_NO_CONNECTION = re.compile(r"(?i)max retries exceeded|connection (?:refused|reset|aborted)|name resolution|ProxyError")


@dataclass(frozen=True, slots=True)
class SignInProblem:
    """Why there is no token, and what to do."""

    reason: str
    remedy: str


def sign_in_problem(failure: str, environ: Mapping[str, str], *, cloud: str = "AzureCloud") -> SignInProblem:
    """Explain a credential's error.

    Args:
        failure: the error's text, redacted.
        environ: the environment, which says whether this is a service principal or a CI job.
        cloud: the cloud's name, for the command that signs in.

    Returns:
        One sentence, and one command or step.
    """
    if _CERTIFICATE.search(failure):
        remedy = "Set REQUESTS_CA_BUNDLE to a PEM file with your company's certificate authority and the public ones"
        return SignInProblem("the certificate of the sign-in service could not be verified", remedy)
    if MANY_ATTEMPTS not in failure:
        remedy = f"Correct the credential, or sign in with `{login_command(cloud)}`"
        return SignInProblem(f"the credential returned no token: {_short(failure)}", remedy)
    if (rejected := _rejected(failure)) is not None:
        return _rejection(*rejected, environ, cloud)
    if missing := _missing_parts(environ):
        reason = f"the service principal is incomplete: {' and '.join(missing)} not set"
        return SignInProblem(reason, "Set it, or unset AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET")
    if environ.get("GITHUB_ACTIONS"):
        remedy = "Add the step `uses: azure/login@v2` with `permissions: id-token: write`"
        return SignInProblem("this GitHub Actions job is not signed in to Azure", remedy)
    if environ.get("TF_BUILD"):
        remedy = "Run the command in an `AzureCLI@2` task with a service connection"
        return SignInProblem("this Azure DevOps job is not signed in to Azure", remedy)
    if environ.get("CI"):
        remedy = f"Set {', '.join(SERVICE_PRINCIPAL)} and {' or '.join(PROOFS)}"
        return SignInProblem("this CI job is not signed in to Azure", remedy)
    if _NO_CONNECTION.search(failure):
        return SignInProblem("the sign-in service could not be reached", "Check the network: `maas doctor`")
    return SignInProblem("not signed in to Azure", _login(cloud))


def _rejected(failure: str) -> tuple[str, str] | None:
    """Return the credential that Microsoft Entra ID rejected, and Entra's reason, if any was rejected."""
    for attempt in _ATTEMPT.finditer(failure):
        if (found := _ENTRA.search(attempt["said"])) is not None:
            return attempt["credential"], found[0]
    return None


def _rejection(credential: str, why: str, environ: Mapping[str, str], cloud: str) -> SignInProblem:
    if credential in {"EnvironmentCredential", "WorkloadIdentityCredential"}:
        reason = f"the service principal {environ.get(SERVICE_PRINCIPAL[1], '')} was rejected: {_short(why)}"
        proof = next((name for name in PROOFS if environ.get(name)), PROOFS[0])
        return SignInProblem(reason, f"Correct AZURE_TENANT_ID, AZURE_CLIENT_ID or {proof}")
    return SignInProblem(f"{credential} was rejected: {_short(why)}", _login(cloud))


def _missing_parts(environ: Mapping[str, str]) -> list[str]:
    """Return what is missing of a service principal that is set in part; a client id alone is a managed identity's."""
    if not any(environ.get(name) for name in PROOFS):
        return []
    return [name for name in SERVICE_PRINCIPAL if not environ.get(name)]


def login_command(cloud: str) -> str:
    """Return the command that signs a person in to a cloud."""
    return "az login" if cloud == "AzureCloud" else f"az cloud set --name {cloud} && az login"


def _login(cloud: str) -> str:
    return f"Run `{login_command(cloud)}`"


def _short(text: str) -> str:
    line = one_line(text).strip().rstrip(".")
    return line if len(line) <= LONGEST_REASON else f"{line[:LONGEST_REASON]}…"
