"""The error table: every error, what it means, and what to try."""

from __future__ import annotations

from collections.abc import Iterator

from maas_client import errors

TRY = {
    "SettingsError": "`maas init`, or set the workspace: `--subscription`, `--resource-group`, `--workspace`, or the "
    "variables `AZURE_SUBSCRIPTION_ID`, `AZURE_RESOURCE_GROUP`, `AZUREML_WORKSPACE_NAME`.",
    "NetworkSettingsError": "Correct or unset the variable that the message names.",
    "ClientClosed": "Create a new client, and keep it open for as long as it is used.",
    "CredentialError": "The message has the command that signs in; `--debug` shows what each credential said.",
    "UntrustedHost": "The service sent a URL on a host that is not its own: `--debug` shows it. Do not work around it.",
    "InvalidInput": "The message names the invalid value and the allowed ones.",
    "UnknownModel": "`maas models` lists all of them.",
    "NotExportable": "The message says what the platform cannot do, and what to export instead.",
    "ModelRetired": "`maas models` lists the successor, if there is one.",
    "InvalidHyperparameter": "The message suggests the nearest known name.",
    "NotOffered": "The message names the platform that offers it: `--surface`, or a job file for that platform.",
    "DoesNotFit": "Each reason has its numbers: choose a larger size or another method, ask for quota, or `--force`.",
    "FileChanged": "Run the same command again; it starts over.",
    "DatasetRefused": "`maas check FILE` reports every row; `maas check FILE --fix OUT` repairs what can be repaired.",
    "InvalidSignature": "Answer with 400; check the secret, the clock, and that the body is verified as it came.",
    "LocalFileError": "The message names the file; free space or fix permissions, then run the same command to resume.",
    "TransportError": "Run the same command again; that is safe.",
    "ConnectionFailed": "`maas doctor`; for a local server, `maas mock`.",
    "ReplyLost": "Run the same command again: nothing is created twice.",
    "ServiceError": "The error has the service's code, message and request id.",
    "BadRequest": "The service's message says what is invalid.",
    "AuthenticationFailed": "`maas doctor` prints which credential was used.",
    "PermissionDenied": "`maas doctor` lists the actions that your roles lack.",
    "NotFound": "`maas jobs list`, `maas endpoints list`.",
    "Conflict": "The name is already in use: choose another one, or inspect the existing resource.",
    "Throttled": "Wait as long as the message says; the client has already waited up to its own limit.",
    "ServiceUnavailable": "Try again later.",
    "UnexpectedReply": "`--debug` shows the response; the usual cause is a proxy.",
    "OperationFailed": "The message has the service's reason.",
    "ClusterFailed": "The message has the reason; delete the cluster, or create it again with `--replace-failed`.",
    "EndpointFailed": "The message has the reason; delete the endpoint and create it again.",
    "JobError": "`maas jobs show NAME`.",
    "JobEvicted": "`maas run` continues from its last checkpoint; a dedicated cluster is not evicted.",
    "JobFailed": "`maas jobs logs NAME`; the message has the reason from run history.",
    "JobCanceled": "The job was canceled; a new job needs another name.",
    "JobStalled": "The job may recover: watch it again later.",
    "WaitTimeout": "The job or deployment continues; the message has the command that resumes the wait.",
    "StreamInterrupted": "`error.text` has the text received so far; send the request again.",
}


def page() -> str:
    """Return the page; raises KeyError for an error that has no advice in `TRY`."""
    rows = [f"| `{kind.__name__}` | {_meaning(kind)} | {TRY[kind.__name__]} |" for kind in _kinds(errors.MaasError)]
    return (
        "# Errors\n\nEvery error is a `MaasError`. A `ServiceError` has `error.status`, `error.code`, "
        "`error.request_id` and `error.body`.\n\n"
        "| error | what it means | what to try |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _kinds(kind: type[errors.MaasError]) -> Iterator[type[errors.MaasError]]:
    for subclass in kind.__subclasses__():
        if subclass.__module__ == errors.__name__:
            yield subclass
            yield from _kinds(subclass)


def _meaning(kind: type[errors.MaasError]) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split()).replace("|", "\\|")
