"""What the command line says of an error: what failed and why, without the URL of the request."""

from __future__ import annotations

from maas_client import errors
from maas_client.cli.app.error_messages import hint_for, message_of

JOBS = "https://host.example/subscriptions/s/resourceGroups/g/providers/P/workspaces/w/jobs"


def test_a_response_is_shown_with_its_status_and_request_id() -> None:
    error = errors.PermissionDenied(f"GET {JOBS}", status=403, code="AuthorizationFailed", detail="No.", request_id="r")
    assert message_of(error) == "cannot list the jobs in workspace 'w': No. (403 AuthorizationFailed, request id r)"


def test_a_lost_response_is_shown_with_its_host() -> None:
    error = errors.ConnectionFailed(f"PUT {JOBS}/ft-1", "could not connect (refused)")
    message = "cannot create job 'ft-1' in workspace 'w': could not connect (refused) (https://host.example)"
    assert message_of(error) == message


def test_a_failed_operation_is_shown_without_its_address() -> None:
    error = errors.OperationFailed(
        "GET https://host.example/operations/1", status="failed", code="InUse", detail="busy"
    )
    assert message_of(error) == "the operation was accepted and then failed: InUse: busy"


def test_what_is_missing_on_foundry_is_shown_with_what_lists_it() -> None:
    base = "https://res.services.ai.azure.com/api/projects/demo/openai"
    missing = {
        f"GET {base}/v1/files/file-1": ("no file 'file-1' in project 'demo'", "maas datasets list"),
        f"GET {base}/v1/fine_tuning/jobs/ftjob-1": ("no job 'ftjob-1' in project 'demo'", "maas jobs list"),
        f"GET {base}/deployments/d": ("no deployment 'd' in project 'demo'", "maas endpoints list"),
    }
    for request, (message, command) in missing.items():
        error = errors.NotFound(request, status=404, code="notFound", detail="Not there.")
        assert message_of(error) == f"{message} (404 notFound)"
        assert hint_for(error) == f"try: {command}"
