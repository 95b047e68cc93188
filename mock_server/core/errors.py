"""Refusals, and the body each of Azure's services wraps them in."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from mock_server.core.json_values import Json, iso


class ServiceError(Exception):
    """A refusal; the surface it happened on decides how the body looks."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def user_error(message: str, status: int = 400) -> ServiceError:
    """Refuse as the machine-learning service does: nearly every refusal of its own is a UserError."""
    return ServiceError(status, "UserError", message)


def not_found(message: str) -> ServiceError:
    """Refuse something the service itself looked for (ARM's own 404 is `resource_not_found`)."""
    return user_error(message, 404)


def resource_not_found(kind: str, name: str, group: str) -> ServiceError:
    """Refuse as Azure Resource Manager does before the service is even asked."""
    message = (
        f"The Resource 'Microsoft.MachineLearningServices/{kind}/{name}' under resource group '{group}' was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    )
    return ServiceError(404, "ResourceNotFound", message)


def unauthorized(code: str, message: str) -> ServiceError:
    """Refuse a missing, foreign or expired token, with the challenge azure-core looks for."""
    challenge = 'Bearer authorization_uri="https://login.microsoftonline.com/common", error="invalid_token"'
    return ServiceError(401, code, message, {"WWW-Authenticate": challenge})


def mock_misuse(message: str) -> ServiceError:
    """Reject an invalid request to one of the server's own routes, which Azure does not have."""
    return ServiceError(400, "MockMisuse", message)


def arm_body(error: ServiceError, request_id: str, now: float) -> Json:
    """Write the body of ARM, the registry and run history (azure-mgmt-core 1.6.0 `ARMErrorFormat`)."""
    correlation = {"operation": request_id.replace("-", ""), "request": request_id.replace("-", "")[:16]}
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "target": None,
            "details": [],
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
    """Write the XML of Azure Storage; a HEAD drops it and keeps only the x-ms-error-code header."""
    message = f"{error.message}\nRequestId:{request_id}\nTime:{iso(now)}"
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{escape(error.code)}</Code><Message>{escape(xml_safe(message))}</Message></Error>"
    )


def inference_body(error: ServiceError) -> Json:
    """Write the body of a model endpoint, which follows OpenAI's shape."""
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    return {"error": {"code": error.code, "message": error.message, "type": kind, "param": None}}


def xml_safe(value: str) -> str:
    """Replace the characters that XML 1.0 cannot carry even as references."""
    return "".join(
        c if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c < "\ufffe") else "?" for c in value
    )
