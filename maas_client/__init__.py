"""Serverless fine-tuning of Phi models on Azure Machine Learning: check, upload, train, deploy, chat.

`MaasClient` and `AsyncMaasClient` do the work; `maas_client.errors` draws the tree of what can go wrong. Names are
imported on first use, so that importing the package costs milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from .azure.credentials import TokenCredential
    from .azure.permissions import Grant
    from .azure.token_claims import Caller
    from .azure.workspace import Datastore, Workspace
    from .catalog.lookup import find, models
    from .catalog.model_facts import ModelFacts
    from .client import AsyncMaasClient, MaasClient
    from .core.metrics import MetricPoint
    from .datasets.check.checker import Checking
    from .datasets.check.findings import Finding
    from .datasets.check.report import Report
    from .datasets.convert import Conversion, convert_file, convert_rows
    from .datasets.cost.estimate import CostEstimate, estimate_cost
    from .datasets.cost.token_report import TokenReport, count_tokens
    from .datasets.dataset import Dataset
    from .datasets.parts import check_file
    from .datasets.repair.changes import Repair
    from .datasets.repair.file_repair import fix_file
    from .datasets.split.file_split import split_file
    from .datasets.split.plan import part_of
    from .datasets.split.result import Split
    from .endpoints.endpoint import Endpoint, EndpointState, Keys, ProvisioningState
    from .errors import (
        AuthenticationFailed,
        BadRequest,
        ClientClosed,
        Conflict,
        ConnectionFailed,
        CredentialError,
        DatasetRefused,
        EndpointFailed,
        FileChanged,
        InvalidHyperparameter,
        InvalidInput,
        JobCanceled,
        JobError,
        JobFailed,
        JobStalled,
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
    from .job_files.job_file import JobFile
    from .jobs.hyperparameters import Hyperparameters
    from .jobs.job import Job, JobStatus
    from .jobs.run_history import RunDetails
    from .jobs.spec import JobSpec, PlannedRequest
    from .openai_api.chat_completions import Chunk, Completion, Usage
    from .sweeps.grid import Sweep, SweepOutcome
    from .transfers.downloads.result import Downloaded, DownloadedFile
    from .transfers.progress import Progress
    from .wire import AsyncWire, BlockingWire
    from .workflow.naming import PipelinePlan
    from .workflow.steps import PipelineResult, StepUpdate

_HOMES = {
    "azure.credentials": ("TokenCredential",),
    "azure.permissions": ("Grant",),
    "azure.token_claims": ("Caller",),
    "azure.workspace": (
        "Datastore",
        "Workspace",
    ),
    "catalog.lookup": (
        "find",
        "models",
    ),
    "catalog.model_facts": ("ModelFacts",),
    "client": (
        "AsyncMaasClient",
        "MaasClient",
    ),
    "core.metrics": ("MetricPoint",),
    "datasets.check.checker": ("Checking",),
    "datasets.check.findings": ("Finding",),
    "datasets.check.report": ("Report",),
    "datasets.convert": (
        "Conversion",
        "convert_file",
        "convert_rows",
    ),
    "datasets.cost.estimate": (
        "CostEstimate",
        "estimate_cost",
    ),
    "datasets.cost.token_report": (
        "TokenReport",
        "count_tokens",
    ),
    "datasets.dataset": ("Dataset",),
    "datasets.parts": ("check_file",),
    "datasets.repair.changes": ("Repair",),
    "datasets.repair.file_repair": ("fix_file",),
    "datasets.split.file_split": ("split_file",),
    "datasets.split.plan": ("part_of",),
    "datasets.split.result": ("Split",),
    "endpoints.endpoint": (
        "Endpoint",
        "EndpointState",
        "Keys",
        "ProvisioningState",
    ),
    "errors": (
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
    ),
    "job_files.job_file": ("JobFile",),
    "jobs.hyperparameters": ("Hyperparameters",),
    "jobs.job": (
        "Job",
        "JobStatus",
    ),
    "jobs.run_history": ("RunDetails",),
    "jobs.spec": (
        "JobSpec",
        "PlannedRequest",
    ),
    "openai_api.chat_completions": (
        "Chunk",
        "Completion",
        "Usage",
    ),
    "sweeps.grid": (
        "Sweep",
        "SweepOutcome",
    ),
    "transfers.downloads.result": (
        "Downloaded",
        "DownloadedFile",
    ),
    "transfers.progress": ("Progress",),
    "wire": (
        "AsyncWire",
        "BlockingWire",
    ),
    "workflow.naming": ("PipelinePlan",),
    "workflow.steps": (
        "PipelineResult",
        "StepUpdate",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AsyncMaasClient",
    "AsyncWire",
    "AuthenticationFailed",
    "BadRequest",
    "BlockingWire",
    "Caller",
    "Checking",
    "Chunk",
    "ClientClosed",
    "Completion",
    "Conflict",
    "ConnectionFailed",
    "Conversion",
    "CostEstimate",
    "CredentialError",
    "Dataset",
    "DatasetRefused",
    "Datastore",
    "Downloaded",
    "DownloadedFile",
    "Endpoint",
    "EndpointFailed",
    "EndpointState",
    "FileChanged",
    "Finding",
    "Grant",
    "Hyperparameters",
    "InvalidHyperparameter",
    "InvalidInput",
    "Job",
    "JobCanceled",
    "JobError",
    "JobFailed",
    "JobFile",
    "JobSpec",
    "JobStalled",
    "JobStatus",
    "Keys",
    "LocalFileError",
    "MaasClient",
    "MaasError",
    "MetricPoint",
    "ModelFacts",
    "ModelRetired",
    "NotFound",
    "OperationFailed",
    "PermissionDenied",
    "PipelinePlan",
    "PipelineResult",
    "PlannedRequest",
    "Progress",
    "ProvisioningState",
    "Repair",
    "ReplyLost",
    "Report",
    "RunDetails",
    "ServiceError",
    "ServiceUnavailable",
    "SettingsError",
    "Split",
    "StepUpdate",
    "StreamInterrupted",
    "Sweep",
    "SweepOutcome",
    "Throttled",
    "TokenCredential",
    "TokenReport",
    "TransportError",
    "UnexpectedReply",
    "UnknownModel",
    "UntrustedHost",
    "Usage",
    "WaitTimeout",
    "Workspace",
    "__version__",
    "check_file",
    "convert_file",
    "convert_rows",
    "count_tokens",
    "estimate_cost",
    "find",
    "fix_file",
    "models",
    "part_of",
    "split_file",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
