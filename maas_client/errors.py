"""Every error of the package, as one tree. Each says what was requested, what came back and what to do next.

MaasError
├── SettingsError            no subscription, resource group or workspace is configured
├── CredentialError          no token could be obtained
├── ClientClosed             a call on a client that has been closed
├── UntrustedHost            the service named a host that must not receive the secret
├── InvalidInput             rejected here; nothing was sent (also a ValueError)
│   ├── UnknownModel
│   ├── ModelRetired
│   ├── InvalidHyperparameter
│   ├── FileChanged          a file changed while it was being transferred
│   └── DatasetRefused
├── LocalFileError           a local file cannot be read or written
├── TransportError           no complete response
│   ├── ConnectionFailed     the request was not sent
│   └── ReplyLost            the request was sent, and its outcome is unknown
├── ServiceError             an error response
│   ├── BadRequest           400, 422 and other 4xx
│   ├── AuthenticationFailed 401
│   ├── PermissionDenied     403
│   ├── NotFound             404
│   ├── Conflict             409, 412
│   ├── Throttled            429
│   ├── ServiceUnavailable   408, 5xx
│   └── UnexpectedReply      an invalid response
├── OperationFailed          a long-running operation ended badly
├── EndpointFailed           a serverless endpoint that cannot become ready
├── JobError
│   ├── JobFailed            with the reason that the service recorded
│   ├── JobCanceled
│   └── JobStalled           NotResponding or Paused for longer than the wait allows
├── WaitTimeout              the timeout has passed; the work continues
└── StreamInterrupted        a chat response that ended early; has the text so far
"""

from __future__ import annotations

from .core.errors import (
    AuthenticationFailed,
    BadRequest,
    ClientClosed,
    Conflict,
    ConnectionFailed,
    CredentialError,
    FileChanged,
    InvalidHyperparameter,
    InvalidInput,
    LocalFileError,
    MaasError,
    ModelRetired,
    NotFound,
    OperationFailed,
    PermissionDenied,
    ReplyLost,
    ServiceError,
    ServiceUnavailable,
    SettingsError,
    StreamInterrupted,
    Throttled,
    TransportError,
    UnexpectedReply,
    UnknownModel,
    UntrustedHost,
    WaitTimeout,
)
from .datasets.errors import DatasetRefused
from .endpoints.errors import EndpointFailed
from .jobs.errors import JobCanceled, JobError, JobFailed, JobStalled

__all__ = [
    "AuthenticationFailed",
    "BadRequest",
    "ClientClosed",
    "Conflict",
    "ConnectionFailed",
    "CredentialError",
    "DatasetRefused",
    "EndpointFailed",
    "FileChanged",
    "InvalidHyperparameter",
    "InvalidInput",
    "JobCanceled",
    "JobError",
    "JobFailed",
    "JobStalled",
    "LocalFileError",
    "MaasError",
    "ModelRetired",
    "NotFound",
    "OperationFailed",
    "PermissionDenied",
    "ReplyLost",
    "ServiceError",
    "ServiceUnavailable",
    "SettingsError",
    "StreamInterrupted",
    "Throttled",
    "TransportError",
    "UnexpectedReply",
    "UnknownModel",
    "UntrustedHost",
    "WaitTimeout",
]
