"""Every error of the package, as one tree. Each says what was requested, what came back and what to do next.

MaasError
├── SettingsError            no subscription, resource group or workspace is configured
│   └── NetworkSettingsError  a proxy or CA variable of the environment cannot be used
├── CredentialError          no token could be obtained
├── ClientClosed             a call on a client that has been closed
├── UntrustedHost            the service named a host that must not receive the secret
├── InvalidInput             rejected here; nothing was sent (also a ValueError)
│   ├── UnknownModel
│   ├── ModelRetired
│   ├── InvalidHyperparameter
│   ├── NotExportable        a job that another platform cannot run; the message says why
│   ├── NotOffered           the platform in use lacks it; the message names the one that has it
│   ├── DoesNotFit           a job or deployment that its compute cannot run; force sends it
│   ├── FileChanged          a file changed while it was being transferred
│   └── DatasetRefused
├── InvalidSignature         a webhook's delivery that is not the service's, or is too old
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
├── ClusterFailed            a compute cluster that the service refused or gave up
├── EndpointFailed           a serverless endpoint that cannot become ready
├── JobError
│   ├── JobFailed            with the reason that the service recorded
│   │   └── JobEvicted       its low-priority nodes were taken away
│   ├── JobCanceled
│   └── JobStalled           NotResponding or Paused for longer than the wait allows
├── WaitTimeout              the timeout has passed; the work continues
└── StreamInterrupted        a chat response that ended early; has the text so far
"""

from __future__ import annotations

from .computes.errors import ClusterFailed as ClusterFailed, DoesNotFit as DoesNotFit
from .core.errors import (
    AuthenticationFailed as AuthenticationFailed,
    BadRequest as BadRequest,
    ClientClosed as ClientClosed,
    Conflict as Conflict,
    ConnectionFailed as ConnectionFailed,
    CredentialError as CredentialError,
    FileChanged as FileChanged,
    InvalidHyperparameter as InvalidHyperparameter,
    InvalidInput as InvalidInput,
    InvalidSignature as InvalidSignature,
    LocalFileError as LocalFileError,
    MaasError as MaasError,
    ModelRetired as ModelRetired,
    NetworkSettingsError as NetworkSettingsError,
    NotFound as NotFound,
    NotOffered as NotOffered,
    OperationFailed as OperationFailed,
    PermissionDenied as PermissionDenied,
    ReplyLost as ReplyLost,
    ServiceError as ServiceError,
    ServiceUnavailable as ServiceUnavailable,
    SettingsError as SettingsError,
    StreamInterrupted as StreamInterrupted,
    Throttled as Throttled,
    TransportError as TransportError,
    UnexpectedReply as UnexpectedReply,
    UnknownModel as UnknownModel,
    UntrustedHost as UntrustedHost,
    WaitTimeout as WaitTimeout,
)
from .datasets.errors import DatasetRefused as DatasetRefused
from .endpoints.errors import EndpointFailed as EndpointFailed
from .exports.errors import NotExportable as NotExportable
from .jobs.errors import (
    JobCanceled as JobCanceled,
    JobError as JobError,
    JobEvicted as JobEvicted,
    JobFailed as JobFailed,
    JobStalled as JobStalled,
)
