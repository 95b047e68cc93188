"""Serverless fine-tuning of Phi models on Azure Machine Learning: check, upload, train, deploy, chat.

`MaasClient` and `AsyncMaasClient` do the work; `maas_client.errors` draws the tree of what can go wrong. Names are
imported on first use, so that importing the package costs milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING
from warnings import warn

from ._version import __version__

if TYPE_CHECKING:
    from .azure.credentials import TokenCredential as TokenCredential
    from .azure.permissions import PermissionGrant as PermissionGrant
    from .azure.token_claims import Caller as Caller
    from .azure.workspace import Datastore as Datastore, Workspace as Workspace
    from .catalog.lookup import find_model as find_model, list_models as list_models
    from .catalog.model_facts import ModelFacts as ModelFacts
    from .client import AsyncMaasClient as AsyncMaasClient, MaasClient as MaasClient
    from .core.metrics import MetricPoint as MetricPoint
    from .datasets.check.checker import CheckOptions as CheckOptions
    from .datasets.check.findings import Finding as Finding
    from .datasets.check.report import CheckReport as CheckReport, Role as Role
    from .datasets.convert import (
        DatasetConversion as DatasetConversion,
        convert_file as convert_file,
        convert_rows as convert_rows,
    )
    from .datasets.convert.format_names import OnBad as OnBad, SourceFormat as SourceFormat
    from .datasets.cost.estimate import CostEstimate as CostEstimate, estimate_cost as estimate_cost
    from .datasets.cost.token_report import TokenReport as TokenReport, count_tokens as count_tokens
    from .datasets.dataset import Dataset as Dataset
    from .datasets.parts import check_file as check_file
    from .datasets.repair.changes import Repair as Repair
    from .datasets.repair.file_repair import fix_file as fix_file
    from .datasets.rows.schemas import Task as Task
    from .datasets.split.file_split import split_file as split_file
    from .datasets.split.plan import split_part_of as split_part_of
    from .datasets.split.result import DatasetSplit as DatasetSplit
    from .endpoints.endpoint import (
        Endpoint as Endpoint,
        EndpointKeys as EndpointKeys,
        EndpointState as EndpointState,
        ProvisioningState as ProvisioningState,
    )
    from .errors import (
        AuthenticationFailed as AuthenticationFailed,
        BadRequest as BadRequest,
        ClientClosed as ClientClosed,
        Conflict as Conflict,
        ConnectionFailed as ConnectionFailed,
        CredentialError as CredentialError,
        DatasetRefused as DatasetRefused,
        EndpointFailed as EndpointFailed,
        FileChanged as FileChanged,
        InvalidHyperparameter as InvalidHyperparameter,
        InvalidInput as InvalidInput,
        JobCanceled as JobCanceled,
        JobError as JobError,
        JobFailed as JobFailed,
        JobStalled as JobStalled,
        LocalFileError as LocalFileError,
        MaasError as MaasError,
        ModelRetired as ModelRetired,
        NetworkSettingsError as NetworkSettingsError,
        NotFound as NotFound,
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
    from .http.events import (
        EventHooks as EventHooks,
        RequestEvent as RequestEvent,
        ResponseEvent as ResponseEvent,
        RetryEvent as RetryEvent,
    )
    from .http.outage import Outage as Outage
    from .inference.evaluation_result import Evaluation as Evaluation
    from .job_files.job_file import JobFile as JobFile
    from .jobs.alarms import Alarm as Alarm
    from .jobs.hyperparameters import Hyperparameters as Hyperparameters
    from .jobs.job import Job as Job, JobStatus as JobStatus
    from .jobs.log_lines import LogPart as LogPart
    from .jobs.run_details import RunDetails as RunDetails
    from .jobs.spec import JobSpec as JobSpec, PlannedRequest as PlannedRequest, TrainingData as TrainingData
    from .jobs.view import JobView as JobView
    from .openai_api.chat_completions import (
        ChatChunk as ChatChunk,
        Completion as Completion,
        Messages as Messages,
        TokenUsage as TokenUsage,
    )
    from .sweeps.grid import Sweep as Sweep, SweepOutcome as SweepOutcome
    from .sweeps.resource import SweepPlan as SweepPlan
    from .transfers.downloads.result import Downloaded as Downloaded, DownloadedFile as DownloadedFile
    from .transfers.progress import OnProgress as OnProgress, TransferProgress as TransferProgress
    from .wire import AsyncWire as AsyncWire, BlockingWire as BlockingWire
    from .workflow.creation import CreatedJob as CreatedJob
    from .workflow.naming import WorkflowPlan as WorkflowPlan
    from .workflow.steps import (
        OnStep as OnStep,
        Step as Step,
        StepUpdate as StepUpdate,
        WorkflowResult as WorkflowResult,
    )


_HOMES = {
    "azure.credentials": ("TokenCredential",),
    "azure.permissions": ("PermissionGrant",),
    "azure.token_claims": ("Caller",),
    "azure.workspace": ("Datastore", "Workspace"),
    "catalog.lookup": ("find_model", "list_models"),
    "catalog.model_facts": ("ModelFacts",),
    "client": ("AsyncMaasClient", "MaasClient"),
    "core.metrics": ("MetricPoint",),
    "datasets.check.checker": ("CheckOptions",),
    "datasets.check.findings": ("Finding",),
    "datasets.check.report": ("CheckReport", "Role"),
    "datasets.convert": ("DatasetConversion", "convert_file", "convert_rows"),
    "datasets.convert.format_names": ("OnBad", "SourceFormat"),
    "datasets.cost.estimate": ("CostEstimate", "estimate_cost"),
    "datasets.cost.token_report": ("TokenReport", "count_tokens"),
    "datasets.dataset": ("Dataset",),
    "datasets.parts": ("check_file",),
    "datasets.repair.changes": ("Repair",),
    "datasets.repair.file_repair": ("fix_file",),
    "datasets.rows.schemas": ("Task",),
    "datasets.split.file_split": ("split_file",),
    "datasets.split.plan": ("split_part_of",),
    "datasets.split.result": ("DatasetSplit",),
    "endpoints.endpoint": ("Endpoint", "EndpointKeys", "EndpointState", "ProvisioningState"),
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
        "NetworkSettingsError",
        "StreamInterrupted",
        "Throttled",
        "TransportError",
        "UnexpectedReply",
        "UnknownModel",
        "UntrustedHost",
        "WaitTimeout",
    ),
    "http.events": ("EventHooks", "RequestEvent", "ResponseEvent", "RetryEvent"),
    "http.outage": ("Outage",),
    "inference.evaluation_result": ("Evaluation",),
    "job_files.job_file": ("JobFile",),
    "jobs.alarms": ("Alarm",),
    "jobs.hyperparameters": ("Hyperparameters",),
    "jobs.job": ("Job", "JobStatus"),
    "jobs.log_lines": ("LogPart",),
    "jobs.run_details": ("RunDetails",),
    "jobs.spec": ("JobSpec", "PlannedRequest", "TrainingData"),
    "jobs.view": ("JobView",),
    "openai_api.chat_completions": ("ChatChunk", "Completion", "Messages", "TokenUsage"),
    "sweeps.grid": ("Sweep", "SweepOutcome"),
    "sweeps.resource": ("SweepPlan",),
    "transfers.downloads.result": ("Downloaded", "DownloadedFile"),
    "transfers.progress": ("OnProgress", "TransferProgress"),
    "wire": ("AsyncWire", "BlockingWire"),
    "workflow.creation": ("CreatedJob",),
    "workflow.naming": ("WorkflowPlan",),
    "workflow.steps": ("OnStep", "Step", "StepUpdate", "WorkflowResult"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = ["__version__", *_HOME]  # pyright: ignore[reportUnsupportedDunderAll] -- the typing block re-exports each

_RENAMED = {
    "Checking": "CheckOptions",
    "Chunk": "ChatChunk",
    "Conversion": "DatasetConversion",
    "Grant": "PermissionGrant",
    "Keys": "EndpointKeys",
    "PipelinePlan": "WorkflowPlan",
    "PipelineResult": "WorkflowResult",
    "Progress": "TransferProgress",
    "Report": "CheckReport",
    "Split": "DatasetSplit",
    "Usage": "TokenUsage",
    "find": "find_model",
    "models": "list_models",
    "part_of": "split_part_of",
}
"""Former names, which still work and warn."""


def __getattr__(name: str) -> object:
    if name in _RENAMED:
        warn(f"maas_client.{name} is now maas_client.{_RENAMED[name]}", DeprecationWarning, stacklevel=2)
        return __getattr__(_RENAMED[name])
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
