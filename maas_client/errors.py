"""What can go wrong, as one tree. Each error says what was asked, what came back and what to do next.

MaasError
├── SettingsError            no subscription, resource group or workspace was named
├── CredentialError          no token could be had
├── ClientClosed             a call on a client that has been closed
├── UntrustedHost            the service named a host that must not see the secret
├── InvalidInput             refused here; nothing was sent (also a ValueError)
│   ├── UnknownModel
│   ├── ModelRetired
│   ├── InvalidHyperparameter
│   ├── FileChanged          a file is not the one that the work on it began with
│   └── DatasetRefused
├── LocalFileError           a file of this machine cannot be read or written
├── TransportError           no complete answer
│   ├── ConnectionFailed     the request was not sent
│   └── ReplyLost            it was, and what became of it is unknown
├── ServiceError             an answer that says no
│   ├── BadRequest           400, 422 and other 4xx
│   ├── AuthenticationFailed 401
│   ├── PermissionDenied     403
│   ├── NotFound             404
│   ├── Conflict             409, 412
│   ├── Throttled            429
│   ├── ServiceUnavailable   408, 5xx
│   └── UnexpectedReply      an answer that makes no sense
├── OperationFailed          a long-running operation ended badly
├── EndpointFailed           a serverless endpoint that will not come up
├── JobError
│   ├── JobFailed            with the reason that the service kept
│   ├── JobCanceled
│   └── JobStalled           NotResponding or Paused for longer than the wait allows
├── WaitTimeout              not done in the time given; the work goes on
└── StreamInterrupted        a chat answer cut before its end; carries the text so far
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
