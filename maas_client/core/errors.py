"""The errors of every layer: their fields, and how they are pickled. `maas_client.errors` shows the hierarchy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

from .redaction import redact, redact_body
from .secret_text import redact_known

PUBLIC_MODULE = "maas_client.errors"
"""The public module of every error of the package, as tracebacks, pickles and documentation show it."""


class MaasError(Exception):
    """Base of every error that this library raises. Its message never contains a known secret.

    It can be copied and pickled with its message, attributes and notes, and with its cause: an error of this library
    as it is, any other as a `CopiedCause` with its text. An attribute that cannot, such as one that holds a secret, is
    left out.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__module__.startswith("maas_client.") and cls.__module__.endswith(".errors"):
            cls.__module__ = PUBLIC_MODULE

    def __init__(self, *args: object) -> None:
        super().__init__(*(redact_known(each) if isinstance(each, str) else each for each in args))

    def __reduce__(self) -> tuple[object, ...]:
        """Return the pickled form of the error, which does not call its class's own constructor.

        Not `__reduce_ex__`: tblib, with which dask pickles errors, asks for this one, and else takes every attribute.
        """
        state = {name: value for name, value in vars(self).items() if _can_be_copied(value)}
        cause = self.__cause__
        copied = cause if cause is None or isinstance(cause, MaasError) else _text_of(cause)
        return _restored, (type(self), self.args, state, copied)


class CopiedCause(Exception):
    """Stands for the cause of an error that was copied or pickled: the cause's type and message, as text."""


def _restored(
    kind: type[MaasError], args: tuple[object, ...], state: Mapping[str, object], cause: MaasError | str | None = None
) -> MaasError:
    error = kind.__new__(kind, *args)
    vars(error).update(state)
    error.__cause__ = CopiedCause(cause) if isinstance(cause, str) else cause
    return error


def _text_of(cause: BaseException) -> str:
    return str(cause) if isinstance(cause, CopiedCause) else redact(f"{type(cause).__name__}: {cause}")


def _can_be_copied(value: object) -> bool:
    try:
        deepcopy(value)
    except Exception:  # a class may raise anything when it refuses to be pickled
        return False
    return True


MaasError.__module__ = PUBLIC_MODULE


class SettingsError(MaasError):
    """A setting is missing or invalid; the message names it and the places that were searched.

    `missing` are the names of the settings that no place has.
    """

    def __init__(self, message: str, *, missing: Sequence[str] = ()) -> None:
        self.missing = tuple(missing)
        super().__init__(message)


class NetworkSettingsError(SettingsError):
    """What an environment variable says of the network cannot be used; `variable` names it."""

    def __init__(self, variable: str, why: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}: {why}")


class CredentialError(MaasError):
    """The credential returned no token.

    `remedy` is what to do about it, and `details` is the complete text of the credential's own error, which names what
    each credential of a chain said.
    """

    def __init__(self, reason: str, *, remedy: str = "", details: str = "") -> None:
        self.remedy, self.details = redact_known(remedy), redact_known(details)
        super().__init__(f"{reason}. {remedy}." if remedy else reason)


class ClientClosed(MaasError):
    """The client has been closed; nothing was sent."""


class UntrustedHost(MaasError):
    """A URL points to a host that must not receive the secret; nothing was sent."""

    def __init__(self, url: str, audience: str, why: str) -> None:
        self.url, self.audience = url, audience
        super().__init__(
            f"refused to send credentials for {audience} to {url}: {why}. Nothing was sent. "
            "If the host is correct, select its cloud with AZUREML_CURRENT_CLOUD or `cloud=`."
        )


class InvalidInput(MaasError, ValueError):
    """The request is invalid and was not sent."""


class UnknownModel(InvalidInput):
    """The catalogue has no model of this name; `elsewhere` is the surface that has it, if there is one."""

    def __init__(self, name: str, nearest: Sequence[str], *, elsewhere: str = "", instead: str = "") -> None:
        self.name, self.nearest, self.elsewhere = name, tuple(nearest), elsewhere
        hint = f"; did you mean {' or '.join(self.nearest)}?" if nearest else "."
        what = f"{name} is tuned on {elsewhere}." if elsewhere else f"no model {name!r} in the catalogue{hint}"
        super().__init__(f"{what} `maas models` lists all of them.{f' {instead}' if instead else ''}")


class ModelRetired(InvalidInput):
    """The model's fine-tuning has ended and the live registry no longer offers it."""


class InvalidHyperparameter(InvalidInput):
    """A hyperparameter has an unknown name, an invalid value, or a name from the other naming scheme."""


class NotOffered(InvalidInput):
    """The platform in use lacks an operation or option; the message names the one that has it. Nothing was sent.

    `operation` is what was asked for, `platform` the one in use, and `offered_by` the platforms that have it.
    """

    def __init__(self, operation: str, platform: str, *, offered_by: Sequence[str] = (), instead: str = "") -> None:
        self.operation, self.platform, self.offered_by = operation, platform, tuple(offered_by)
        where = f"; {' and '.join(self.offered_by)} offers it" if self.offered_by else ""
        remedy = f". {instead}" if instead else ""
        super().__init__(f"{operation} is not offered by {platform}{where}{remedy}")


class FileChanged(InvalidInput):
    """A file changed during a transfer; no mixture of contents was written or committed."""


class InvalidSignature(MaasError):
    """A webhook's delivery is not signed by the service, or too old; `reason` says which. Do not act on it."""

    def __init__(self, reason: str) -> None:
        self.reason = redact_known(reason)
        super().__init__(f"the webhook's signature is not valid: {reason}")


class LocalFileError(MaasError):
    """A local file cannot be read or written; `number` is the operating system's errno."""

    def __init__(self, message: str, number: int = 0) -> None:
        self.number = number
        super().__init__(message)


class TransportError(MaasError):
    """No complete response was received. `request` is the method and the redacted URL, `why` the reason."""

    def __init__(self, request: str, why: str) -> None:
        from .error_sentences import transport_message  # here: only errors need it

        self.request, self.why = redact_known(request), redact_known(why)
        super().__init__(transport_message(request, why))


class ConnectionFailed(TransportError):
    """The server could not be reached; nothing was sent."""


class ReplyLost(TransportError):
    """The request may have arrived, but no complete response came back."""


class ServiceError(MaasError):
    """The service returned an error.

    `status` is the HTTP status, `code` and `detail` are the service's own, `param` is the member of the request that
    the service names as the reason, if it does, `request_id` and `correlation_id` are for Azure support, `body` is the
    beginning of the response and `retry_after` its Retry-After in seconds. `model_status` is the status of a model's
    own container, behind the 424 of its endpoint. The service's text is unchanged except that secrets are redacted. The
    message begins with what failed, or what there is not, and ends with the request in parentheses; `summary` replaces
    its beginning, and `hint` says what to do next.
    """

    def __init__(
        self,
        request: str,
        *,
        status: int,
        code: str = "",
        detail: str = "",
        param: str = "",
        request_id: str = "",
        correlation_id: str = "",
        body: bytes = b"",
        retry_after: float | None = None,
        hint: str = "",
        summary: str = "",
        model_status: int | None = None,
    ) -> None:
        from .error_sentences import service_message  # here: only errors need it

        request, code, detail = redact(request), redact(code), redact(detail)
        request_id, correlation_id, body = redact(request_id), redact(correlation_id), redact_body(body)
        param = redact(param)
        self.request, self.status, self.code, self.detail, self.param = request, status, code, detail, param
        self.request_id, self.correlation_id, self.body, self.retry_after = (
            request_id,
            correlation_id,
            body,
            retry_after,
        )
        self.model_status = model_status
        super().__init__(
            service_message(
                request,
                status=status,
                code=code,
                detail=detail,
                param=param,
                request_id=request_id,
                hint=hint,
                summary=redact(summary),
            )
        )


class BadRequest(ServiceError):
    """The service rejects the request as it is."""


class AuthenticationFailed(ServiceError):
    """The service rejects the token or key."""


class PermissionDenied(ServiceError):
    """The identity is authenticated but not allowed to do this."""


class NotFound(ServiceError):
    """There is no resource of this name."""


class Conflict(ServiceError):
    """The name is taken, or the resource is in a state that does not allow this."""


class Throttled(ServiceError):
    """Too many requests; `retry_after` says how many seconds to wait."""


class ServiceUnavailable(ServiceError):
    """The service failed, and so did every reasonable retry."""


class UnexpectedReply(ServiceError):
    """The response violates the protocol: wrong type, not JSON, a redirect, too large."""


class OperationFailed(MaasError):
    """A long-running operation ended as Failed or Canceled."""

    def __init__(self, request: str, *, status: str, code: str = "", detail: str = "") -> None:
        request, code, detail = redact(request), redact(code), redact(detail)
        self.request, self.status, self.code, self.detail = request, status, code, detail
        reason = ": ".join(part for part in (code, detail) if part) or "the service gave no reason"
        super().__init__(f"the operation was accepted and then {status}: {reason} ({request})")


class WaitTimeout(MaasError):
    """The timeout has expired; nothing was stopped. `last` is the last known state."""

    def __init__(self, what: str, seconds: float, last: object, resume: str) -> None:
        self.seconds, self.last = seconds, last
        super().__init__(f"{what} after {seconds:.0f} s of waiting. It continues; resume with {resume}")


class StreamInterrupted(MaasError):
    """A streamed chat answer ended early; `text` is the part that was received."""

    def __init__(self, why: str, text: str) -> None:
        self.text = text
        super().__init__(f"the answer ended early ({why}); {len(text)} characters were received")


_BY_STATUS: Mapping[int, type[ServiceError]] = {
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    408: ServiceUnavailable,
    409: Conflict,
    412: Conflict,
    429: Throttled,
}


def class_for(status: int) -> type[ServiceError]:
    """Return the error class for an HTTP error status."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 400 <= status < 500:
        return BadRequest
    return ServiceUnavailable if status >= 500 else UnexpectedReply
