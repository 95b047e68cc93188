"""Every error says what to try next, in its message or in a hint."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from maas_client import Job, errors
from maas_client.cli.app.error_messages import exit_code_of, hint_for

NEXT = re.compile(r"`maas |maas [a-z]|--[a-z]|again|resume|Use |nearest|did you mean|export ", re.IGNORECASE)
"""A command, an option, or a word that says what to do."""

JOBS, RUN = "PUT https://host/…/jobs/ft-1", "GET https://host/…/runs/ft-1/details"
JOB = Job(name="ft-1")

ERRORS: dict[type[errors.MaasError], errors.MaasError] = {
    errors.SettingsError: errors.SettingsError("no workspace", missing=["workspace"]),
    errors.NetworkSettingsError: errors.NetworkSettingsError("SSL_CERT_FILE", "there is no such file"),
    errors.ClientClosed: errors.ClientClosed("the client has been closed; nothing was sent. Use a new client"),
    errors.LocalFileError: errors.LocalFileError("x: No space left on device. Repeat the call to resume."),
    errors.CredentialError: errors.CredentialError("no token"),
    errors.UntrustedHost: errors.UntrustedHost("https://elsewhere", "Resource Manager", "it is foreign"),
    errors.UnknownModel: errors.UnknownModel("Phi-9", ["Phi-4-mini-instruct"]),
    errors.ModelRetired: errors.ModelRetired("it has retired"),
    errors.ConnectionFailed: errors.ConnectionFailed(JOBS, "refused"),
    errors.ReplyLost: errors.ReplyLost(JOBS, "reset"),
    errors.AuthenticationFailed: errors.AuthenticationFailed(JOBS, status=401),
    errors.PermissionDenied: errors.PermissionDenied(JOBS, status=403),
    errors.NotFound: errors.NotFound(RUN, status=404),
    errors.Conflict: errors.Conflict(JOBS, status=409),
    errors.Throttled: errors.Throttled(JOBS, status=429),
    errors.ServiceUnavailable: errors.ServiceUnavailable(JOBS, status=503),
    errors.UnexpectedReply: errors.UnexpectedReply(JOBS, status=200),
    errors.JobEvicted: errors.JobEvicted(JOB, code="PreemptionError"),
    errors.JobFailed: errors.JobFailed(JOB, reason="no rows"),
    errors.JobCanceled: errors.JobCanceled(JOB),
    errors.JobStalled: errors.JobStalled(JOB, "it does not respond"),
    errors.WaitTimeout: errors.WaitTimeout("job 'ft-1'", 5, None, "`maas jobs watch ft-1`"),
    errors.StreamInterrupted: errors.StreamInterrupted("the connection ended", "Hel"),
}

TOLD_BY_WHO_RAISES = {
    # The place that raises these includes the fix in the message (see its tests).
    *(errors.InvalidInput, errors.InvalidHyperparameter, errors.FileChanged, errors.DatasetRefused),
    *(errors.InvalidSignature, errors.NotOffered, errors.NotExportable),
    *(errors.BadRequest, errors.OperationFailed, errors.EndpointFailed, errors.ClusterFailed, errors.DoesNotFit),
}

KINDS_OF_KINDS = {errors.MaasError, errors.TransportError, errors.ServiceError, errors.JobError}


def kinds(kind: type[errors.MaasError]) -> Iterator[type[errors.MaasError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from kinds(below)


def test_every_class_of_the_tree_is_here() -> None:
    ours = {kind for kind in kinds(errors.MaasError) if kind.__module__ == errors.__name__}
    assert ours == set(ERRORS) | TOLD_BY_WHO_RAISES | KINDS_OF_KINDS


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_has_a_hint(kind: type[errors.MaasError]) -> None:
    error = ERRORS[kind]
    assert NEXT.search(f"{error}\n{hint_for(error)}")
    assert 1 <= exit_code_of(error) <= 130
