"""Errors, and the response bodies in which each Azure service reports them."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from mock_server.core.json_values import Json, iso


class ServiceError(Exception):
    """An error response; its surface decides the format of the body."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        headers: Mapping[str, str] | None = None,
        *,
        param: str | None = None,
        body: Json | None = None,
        details: Sequence[Json] = (),
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.param = param  # the member of the request's body that is wrong
        self.body = body  # where it is not the one that its surface sends
        self.details = details  # errors below this one, with code and message


def user_error(message: str, status: int = 400) -> ServiceError:
    """Return an error as the machine-learning service reports it: nearly all of its own errors are a UserError."""
    return ServiceError(status, "UserError", message)


# Assumption: The service answers 404 with the code `UserError` for a job, a data asset, an endpoint or a cluster that
#   does not exist, and names it in the text.
# Shown wrong by: Another code, or a text without the name.
# Verified by: missing data, missing job, missing endpoint, missing cluster
# If wrong: The client's error has the service's text, and does not say which name there is not.
# Also in: maas_client/core/error_sentences.py
def not_found(message: str) -> ServiceError:
    """Return a 404 of the service itself (ARM's own 404 is `resource_not_found`)."""
    return user_error(message, 404)


def resource_not_found(kind: str, name: str, group: str) -> ServiceError:
    """Return the 404 of Azure Resource Manager, sent before the service sees the request."""
    message = (
        f"The Resource 'Microsoft.MachineLearningServices/{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ServiceError(404, "ResourceNotFound", message)


def unauthorized(code: str, message: str) -> ServiceError:
    """Return a 401 for a missing, foreign or expired token, with the challenge that azure-core looks for."""
    challenge = 'Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token"'
    return ServiceError(401, code, message, {"WWW-Authenticate": challenge})


def mock_misuse(message: str) -> ServiceError:
    """Return an error for an invalid request to one of the server's own routes, which Azure does not have."""
    return ServiceError(400, "MockMisuse", message)


def arm_body(error: ServiceError, request_id: str, now: float) -> Json:
    """Return the error body of ARM, the registry and run history (azure-mgmt-core 1.6.0 `ARMErrorFormat`)."""
    correlation = {"operation": request_id.replace("-", ""), "request": request_id.replace("-", "")[:16]}
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "target": None,
            "details": list(error.details),
            "additionalInfo": [
                {"type": "ComponentName", "info": {"value": "managementfrontend"}},
                {"type": "Correlation", "info": {"value": correlation}},
                {"type": "Environment", "info": {"value": "eastus2"}},
                {"type": "Location", "info": {"value": "eastus2"}},
                {"type": "Time", "info": {"value": iso(now)}},
            ],
        }
    }


def blob_body(error: ServiceError, request_id: str, now: float) -> str:
    """Return the error body of Azure Storage, in XML; a HEAD response has only the x-ms-error-code header."""
    message = f"{error.message}\nRequestId:{request_id}\nTime:{iso(now)}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(xml_safe(message))}</Message></Error>"
    )


def inference_body(error: ServiceError) -> Json:
    """Return the error body of a model endpoint, in OpenAI's format."""
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    return {"error": {"code": error.code, "message": error.message, "type": kind, "param": None}}


NO_CREDENTIAL = "MissingCredential"


def foundry_v1_body(error: ServiceError) -> Json:
    """Return the error body of Foundry's v1 bases (Azure/azure-rest-api-specs, `OpenAI.v1`)."""
    own: Json = {"code": error.code, "message": error.message, "param": error.param, "type": "error", "inner_error": {}}
    return _gateway_body(error) or {"error": own}


def foundry_dated_body(error: ServiceError) -> Json:
    """Return the error body of Foundry's dated bases (Azure/azure-rest-api-specs, `AzureOpenAI/authoring`)."""
    own: Json = {"code": error.code, "message": error.message, "target": error.param, "details": [], "innererror": {}}
    return _gateway_body(error) or {"error": own}


def _gateway_body(error: ServiceError) -> Json | None:
    """Return the body of the gateway before Foundry's services, whose codes are numbers; None for other errors."""
    if error.code == NO_CREDENTIAL:  # openai/openai-python#1527: without `error`
        return {"statusCode": error.status, "message": error.message}
    return {"error": {"code": error.code, "message": error.message}} if error.code.isdigit() else None


def xml_safe(value: str) -> str:
    """Replace the characters that XML 1.0 cannot represent even as references."""
    return "".join(
        c if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe") else "?" for c in value
    )
