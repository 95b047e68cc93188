"""Troubleshooting: every error, what it means, its exit code, and what to try."""

from __future__ import annotations

from collections.abc import Iterator

from maas_client import errors

TRY = {
    "SettingsError": "Name the workspace: `--subscription`, `--resource-group`, `--workspace`, or the variables "
    "`AZURE_SUBSCRIPTION_ID`, `AZURE_RESOURCE_GROUP`, `AZUREML_WORKSPACE_NAME`.",
    "ClientClosed": "Make a new client; keep it open for as long as it is used.",
    "CredentialError": "`az login`, then `maas doctor`.",
    "UntrustedHost": "The service sent an address that is not its own: `--debug` shows it. Do not work around it.",
    "InvalidInput": "The message names the value and what is possible.",
    "UnknownModel": "`maas models` lists all of them.",
    "ModelRetired": "`maas models`; a successor is named where there is one.",
    "InvalidHyperparameter": "The nearest name that is known is in the message.",
    "FileChanged": "The same command again begins anew.",
    "DatasetRefused": "`maas check FILE` lists every row; `maas check --fix OUT` repairs what can be repaired.",
    "LocalFileError": "The message names the file; after free space or permissions, the same command goes on.",
    "TransportError": "The same command again is safe.",
    "ConnectionFailed": "`maas doctor`; on this machine: `maas mock`.",
    "ReplyLost": "The same command again: nothing is made twice.",
    "ServiceError": "The service's own code, message and request id are in the error.",
    "BadRequest": "The service's message says what it did not like.",
    "AuthenticationFailed": "`maas doctor` says which credential answered.",
    "PermissionDenied": "`maas doctor` says which actions your roles lack.",
    "NotFound": "`maas jobs list`, `maas endpoints list`.",
    "Conflict": "Something else has this name: take another one, or look at what is there.",
    "Throttled": "Wait as long as the message says; the client has already waited as long as it may.",
    "ServiceUnavailable": "Try again in a while.",
    "UnexpectedReply": "`--debug` shows what was answered; a proxy in between is the usual cause.",
    "OperationFailed": "The service's reason is in the message.",
    "EndpointFailed": "The reason is in the message; delete the endpoint and create it again.",
    "JobError": "`maas jobs show NAME`.",
    "JobFailed": "`maas jobs logs NAME`; the reason that the service keeps is in the message.",
    "JobCanceled": "Somebody canceled it; a new one needs another name.",
    "JobStalled": "It may come back by itself: watch it again later.",
    "WaitTimeout": "The work goes on; the message has the command that resumes.",
    "StreamInterrupted": "`error.text` is what had arrived; ask again.",
}


def page() -> str:
    """Return the page; raises KeyError for an error that nobody has written anything on."""
    rows = [f"| `{kind.__name__}` | {_words(kind)} | {TRY[kind.__name__]} |" for kind in _kinds(errors.MaasError)]
    return (
        "# Errors\n\nEvery error is a `MaasError`. Of what the service refused, `error.status`, `error.code`, "
        "`error.request_id` and `error.body` are kept.\n\n"
        "| error | what it means | what to try |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _kinds(kind: type[errors.MaasError]) -> Iterator[type[errors.MaasError]]:
    for below in kind.__subclasses__():
        if below.__module__ == errors.__name__:
            yield below
            yield from _kinds(below)


def _words(kind: type[errors.MaasError]) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split()).replace("|", "\\|")
