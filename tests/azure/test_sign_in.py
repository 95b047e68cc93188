"""Why there is no token: one sentence for each case, and one command or step."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from maas_client.azure.sign_in import login_command, sign_in_problem

CHAIN = (
    "DefaultAzureCredential failed to retrieve a token from the included credentials.\n"
    "Attempted credentials:\n"
    "\tEnvironmentCredential: {environment}\n"
    "Visit https://aka.ms/azsdk/python/identity/environmentcredential/troubleshoot to troubleshoot this issue.\n"
    "\tAzureCliCredential: {cli}\n"
    "To mitigate this issue, please refer to the troubleshooting guidelines here at https://aka.ms/azsdk."
)
UNSET = "EnvironmentCredential authentication unavailable. Environment variables are not fully configured."
NO_CLI = "Azure CLI not found on path"
SECRET = (
    "Authentication failed: AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value. "
    "Trace ID: 1 Correlation ID: 2"
)
EXPIRED = "ERROR: AADSTS700082: The refresh token has expired due to inactivity. Trace ID: 1"
PRINCIPAL = {"AZURE_CLIENT_ID": "app", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_SECRET": "word"}


@pytest.mark.parametrize(
    ("environment", "cli", "environ", "reason", "remedy"),
    [
        (UNSET, NO_CLI, {}, "not signed in to Azure", "Run `az login`"),
        (UNSET, NO_CLI, {"AZURE_CLIENT_ID": "managed"}, "not signed in to Azure", "Run `az login`"),
        (
            UNSET,
            EXPIRED,
            {},
            "AzureCliCredential was rejected: AADSTS700082: The refresh token has expired due to inactivity",
            "Run `az login`",
        ),
        (
            SECRET,
            NO_CLI,
            PRINCIPAL,
            "the service principal app was rejected: AADSTS7000215: Invalid client secret provided",
            "Correct AZURE_TENANT_ID, AZURE_CLIENT_ID or AZURE_CLIENT_SECRET",
        ),
        (
            UNSET,
            NO_CLI,
            {"AZURE_CLIENT_SECRET": "word", "AZURE_CLIENT_ID": "app", "CI": "true"},
            "the service principal is incomplete: AZURE_TENANT_ID not set",
            "Set it, or unset AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET",
        ),
        (
            UNSET,
            NO_CLI,
            {"GITHUB_ACTIONS": "true", "CI": "true"},
            "this GitHub Actions job is not signed in to Azure",
            "Add the step `uses: azure/login@v2` with `permissions: id-token: write`",
        ),
        (
            UNSET,
            NO_CLI,
            {"TF_BUILD": "True"},
            "this Azure DevOps job is not signed in to Azure",
            "Run the command in an `AzureCLI@2` task with a service connection",
        ),
        (
            "HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded",
            NO_CLI,
            PRINCIPAL,
            "the sign-in service could not be reached",
            "Check the network: `maas doctor`",
        ),
        (
            "SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
            NO_CLI,
            PRINCIPAL,
            "the certificate of the sign-in service could not be verified",
            "Set REQUESTS_CA_BUNDLE to a PEM file with your company's certificate authority and the public ones",
        ),
    ],
)
def test_a_chain_without_a_token_is_one_sentence_and_one_step(
    environment: str, cli: str, environ: Mapping[str, str], reason: str, remedy: str
) -> None:
    problem = sign_in_problem(CHAIN.format(environment=environment, cli=cli), environ)
    assert (problem.reason, problem.remedy) == (reason, remedy)


def test_another_ci_system_is_given_the_variables() -> None:
    problem = sign_in_problem(CHAIN.format(environment=UNSET, cli=NO_CLI), {"CI": "true"})
    assert problem.reason == "this CI job is not signed in to Azure"
    assert "AZURE_FEDERATED_TOKEN_FILE" in problem.remedy


def test_a_credential_of_the_callers_is_quoted_in_one_line() -> None:
    problem = sign_in_problem("the vault\nis sealed", {"CI": "true"})
    assert problem.reason == "the credential returned no token: the vault is sealed"
    assert "az login" in problem.remedy
    assert len(sign_in_problem("x" * 10_000, {}).reason) < 300


def test_another_cloud_is_selected_before_signing_in() -> None:
    assert login_command("AzureUSGovernment") == "az cloud set --name AzureUSGovernment && az login"
    problem = sign_in_problem(CHAIN.format(environment=UNSET, cli=NO_CLI), {}, cloud="AzureUSGovernment")
    assert problem.remedy == "Run `az cloud set --name AzureUSGovernment && az login`"
