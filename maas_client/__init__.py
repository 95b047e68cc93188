"""Serverless fine-tuning of Phi models on Azure Machine Learning: check, upload, train, deploy, chat.

`MaasClient` and `AsyncMaasClient` do the work. Names are imported on first use, so that importing the package costs
milliseconds. These names are public, and so are `maas_client.errors`, `maas_client.notebook`,
`maas_client.datasets.parts`, `maas_client.planning`, `maas_client.testing` and `maas_client.webhooks`; every other
module is internal and may change.

Clients:
    AsyncMaasClient: Serverless fine-tuning in one workspace, with coroutines.
    AsyncWire: What carries an asynchronous client's requests; tests swap its clock or transport.
    BlockingWire: What carries a client's requests; tests swap its clock or transport.
    MaasClient: Serverless fine-tuning in one workspace, with plain calls.

Functions:
    check_file: Check a file on disk, its name included, in `jobs` processes.
    convert_file: Convert a file to a JSONL file of chat rows, in constant memory.
    convert_rows: Convert rows to chat rows lazily.
    count_tokens: Count the tokens of the rows that the service keeps, including the model's chat template.
    estimate_cost: Estimate fine-tuning a model on a file.
    export_job: Write a job file as the files that another platform runs.
    find_model: Return a model of Azure ML by its case-insensitive name, or by its registry id, with that id's version.
    find_offer: Return what Azure AI Foundry offers for a model, by its id or name.
    fix_file: Write a copy of a dataset with everything fixed that the check calls repairable.
    list_models: Return every model of Azure ML's catalogue, oldest family first.
    list_offers: Return every model that can be tuned on Azure AI Foundry.
    plan: Find the ways to fine-tune a model, and rank them.
    split_file: Split a dataset into parts without leakage between them.
    split_part_of: Return the part of a row in a split by ratio, independent of the file.

Values and types:
    __version__: The version of the package.
    Alarm: An alarm in a job's curves.
    Caller: Who a client is signed in as.
    ChatChunk: A chunk of a streamed chat completion.
    CheckOptions: Options of a check.
    CheckReport: What the service would do with a dataset.
    Cluster: A compute cluster of the workspace.
    ClusterError: What the service says against a cluster: a code and a sentence.
    ClusterNode: A machine of a cluster.
    ClusterState: Resource Manager's provisioning state of a cluster.
    Completion: A chat completion.
    ComputeSize: A VM size of the workspace's region.
    CostEstimate: What a job on Azure ML takes: tokens, steps, time, and money.
    CreatedJob: A job, and whether it existed already.
    Dataset: A version of a data asset.
    DatasetConversion: The result of a conversion.
    DatasetSplit: The result of a split.
    Datastore: A datastore of the workspace.
    Deployment: A deployment of a model in a Foundry account.
    Downloaded: The result of a download.
    DownloadedFile: A downloaded file.
    Endpoint: A serverless endpoint.
    EndpointKeys: An endpoint's two keys.
    EndpointState: The state of an endpoint.
    EndpointToken: A token for an online endpoint.
    Evaluation: The result of an evaluation.
    EventHooks: Functions that a client calls: before each attempt, after it, and before each pause.
    Export: A job as the files of another platform.
    Finding: One problem at one location.
    FoundryCostEstimate: What a job on Azure AI Foundry takes: billed tokens, and money.
    FoundryHyperparameters: What to train with on Azure AI Foundry, checked before anything is sent.
    FoundryOffer: What Azure AI Foundry offers for one model.
    Hyperparameters: What to train with on Azure ML, checked before anything is sent.
    Job: A fine-tuning job.
    JobEvent: An event of a job.
    JobFile: The contents of a job file.
    JobSpec: A fine-tuning job to create.
    JobStatus: A job's status.
    JobStep: A step of a pipeline job, as run history records it.
    JobView: A job as it stood at `at`.
    LogPart: Some lines of a job's log, and where the next ones begin.
    Messages: A user turn as text, or a conversation as a list of messages.
    MetricPoint: One value of a metric.
    Misfit: A reason why a job or a deployment does not fit its compute.
    ModelFacts: The facts about one model of Azure ML.
    NewWebhookEndpoint: A webhook endpoint that was just registered, and its signing secret.
    OnBad: What `convert` does with rows that it cannot convert.
    OnProgress: A function that is called with a TransferProgress.
    OnStep: A function that is called with a StepUpdate.
    OnlineDeployment: A model on machines of one's own, below an online endpoint.
    OnlineEndpoint: An endpoint on one's own compute.
    Outage: A poll that failed, or the end of a series of failed polls, of a wait that continues.
    PermissionGrant: The actions that one role grants.
    PipelineJob: A job that runs a pipeline component on the user's own compute.
    PipelineSpec: A pipeline job to create.
    Plan: Ways to fine-tune a model, the best first.
    PlannedRequest: A request as it would be sent, without what authorizes it.
    ProvisioningState: Resource Manager's provisioning state of an endpoint.
    Quota: How many vCPUs of a family may be used, and are.
    RegisteredModel: A version of a model of the workspace.
    Repair: The result of a repair.
    RequestEvent: An attempt at a request is about to be sent.
    ResponseEvent: An attempt has ended.
    RetryEvent: A request will be sent again after `pause` seconds, because of `reason`.
    Role: training or validation: what a file is for.
    RunDetails: What run history knows of a job.
    RunningCost: Something that costs money for every hour in which it exists.
    SourceFormat: The formats that `convert` reads.
    Step: The steps of a workflow, by name.
    StepUpdate: An update about a step.
    Sweep: The result of a sweep.
    SweepOutcome: The outcome of one combination.
    SweepPlan: The jobs of a sweep in the order in which they are made.
    Task: chat or text: what a model is trained for.
    TokenCredential: Any azure-identity credential.
    TokenReport: The tokens of a dataset in one epoch.
    TokenUsage: Token usage of a chat completion.
    ToolCall: A call of a function that a model asks for.
    TrainingData: What `jobs.create` takes as data.
    TransferProgress: Progress of a transfer, in bytes.
    Way: One way to fine-tune, judged.
    WebhookEndpoint: A URL that the service calls when a job ends.
    WebhookEvent: What a webhook says, after its signature was verified.
    WorkflowPlan: What a workflow would use.
    WorkflowResult: The result of a workflow.
    Workspace: An Azure Machine Learning workspace, or a Foundry hub or project.

Errors (`maas_client.errors` draws their tree):
    AuthenticationFailed: The service rejects the token or key.
    BadRequest: The service rejects the request as it is.
    ClientClosed: The client has been closed.
    ClusterFailed: A cluster that the service refused or gave up.
    Conflict: The name is taken, or the resource is in a state that does not allow this.
    ConnectionFailed: The server could not be reached.
    CredentialError: The credential returned no token.
    DatasetRefused: The service would reject this dataset.
    DoesNotFit: A job or deployment that its compute cannot run.
    EndpointFailed: A serverless endpoint in a state from which it cannot become ready.
    FileChanged: A file changed during a transfer.
    InvalidHyperparameter: A hyperparameter has an unknown name or an invalid value.
    InvalidInput: The request is invalid and was not sent.
    InvalidSignature: A webhook's delivery is not signed by the service, or too old.
    JobCanceled: The job was canceled.
    JobError: A job that did not complete.
    JobEvicted: The job failed because its low-priority nodes were taken away.
    JobFailed: The job failed.
    JobStalled: The job is NotResponding or Paused and has been for longer than the wait allows.
    LocalFileError: A local file cannot be read or written.
    MaasError: Base of every error that this library raises.
    ModelRetired: The model's fine-tuning has ended and the live registry no longer offers it.
    NetworkSettingsError: What an environment variable says of the network cannot be used.
    NotExportable: A job that another platform cannot run.
    NotFound: There is no resource of this name.
    OperationFailed: A long-running operation ended as Failed or Canceled.
    PermissionDenied: The identity is authenticated but not allowed to do this.
    ReplyLost: The request may have arrived, but no complete response came back.
    ServiceError: The service returned an error.
    ServiceUnavailable: The service failed, and so did every reasonable retry.
    SettingsError: A setting is missing or invalid.
    StreamInterrupted: A streamed chat answer ended early.
    Throttled: Too many requests.
    TransportError: No complete response was received.
    UnexpectedReply: The response violates the protocol.
    UnknownModel: The catalogue has no model of this name.
    UntrustedHost: A URL points to a host that must not receive the secret.
    WaitTimeout: The timeout has expired.
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
    from .azure.workspace_values import Datastore as Datastore, Workspace as Workspace
    from .catalog.foundry_lookup import find_offer as find_offer, list_offers as list_offers
    from .catalog.foundry_offer import FoundryOffer as FoundryOffer
    from .catalog.lookup import find_model as find_model, list_models as list_models
    from .catalog.model_facts import ModelFacts as ModelFacts
    from .client import AsyncMaasClient as AsyncMaasClient, MaasClient as MaasClient
    from .computes.cluster import (
        Cluster as Cluster,
        ClusterError as ClusterError,
        ClusterNode as ClusterNode,
        ClusterState as ClusterState,
    )
    from .computes.compute_size import ComputeSize as ComputeSize
    from .computes.misfit import Misfit as Misfit
    from .computes.quota import Quota as Quota
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
    from .datasets.cost.foundry_estimate import FoundryCostEstimate as FoundryCostEstimate
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
        EndpointToken as EndpointToken,
        ProvisioningState as ProvisioningState,
    )
    from .endpoints.online_endpoint import OnlineDeployment as OnlineDeployment, OnlineEndpoint as OnlineEndpoint
    from .errors import (
        AuthenticationFailed as AuthenticationFailed,
        BadRequest as BadRequest,
        ClientClosed as ClientClosed,
        ClusterFailed as ClusterFailed,
        Conflict as Conflict,
        ConnectionFailed as ConnectionFailed,
        CredentialError as CredentialError,
        DatasetRefused as DatasetRefused,
        DoesNotFit as DoesNotFit,
        EndpointFailed as EndpointFailed,
        FileChanged as FileChanged,
        InvalidHyperparameter as InvalidHyperparameter,
        InvalidInput as InvalidInput,
        InvalidSignature as InvalidSignature,
        JobCanceled as JobCanceled,
        JobError as JobError,
        JobEvicted as JobEvicted,
        JobFailed as JobFailed,
        JobStalled as JobStalled,
        LocalFileError as LocalFileError,
        MaasError as MaasError,
        ModelRetired as ModelRetired,
        NetworkSettingsError as NetworkSettingsError,
        NotExportable as NotExportable,
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
    from .exports.exporting import Export as Export, export_job as export_job
    from .foundry.deployment import Deployment as Deployment
    from .foundry.hyperparameters import FoundryHyperparameters as FoundryHyperparameters
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
    from .jobs.job_event import JobEvent as JobEvent
    from .jobs.log_lines import LogPart as LogPart
    from .jobs.pipeline_job import PipelineJob as PipelineJob
    from .jobs.pipeline_spec import PipelineSpec as PipelineSpec
    from .jobs.run_details import RunDetails as RunDetails
    from .jobs.spec import JobSpec as JobSpec, PlannedRequest as PlannedRequest, TrainingData as TrainingData
    from .jobs.step import JobStep as JobStep
    from .jobs.view import JobView as JobView
    from .openai_api.chat_completions import (
        ChatChunk as ChatChunk,
        Completion as Completion,
        Messages as Messages,
        TokenUsage as TokenUsage,
    )
    from .openai_api.tools import ToolCall as ToolCall
    from .planning.advisor import plan as plan
    from .planning.plan import Plan as Plan
    from .planning.way import Way as Way
    from .registered_models.registered_model import RegisteredModel as RegisteredModel
    from .running_costs.running_cost import RunningCost as RunningCost
    from .sweeps.grid import Sweep as Sweep, SweepOutcome as SweepOutcome
    from .sweeps.resource import SweepPlan as SweepPlan
    from .transfers.downloads.result import Downloaded as Downloaded, DownloadedFile as DownloadedFile
    from .transfers.progress import OnProgress as OnProgress, TransferProgress as TransferProgress
    from .webhook_endpoints.webhook_endpoint import (
        NewWebhookEndpoint as NewWebhookEndpoint,
        WebhookEndpoint as WebhookEndpoint,
    )
    from .webhooks import WebhookEvent as WebhookEvent
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
    "azure.workspace_values": ("Datastore", "Workspace"),
    "catalog.foundry_lookup": ("find_offer", "list_offers"),
    "catalog.foundry_offer": ("FoundryOffer",),
    "catalog.lookup": ("find_model", "list_models"),
    "catalog.model_facts": ("ModelFacts",),
    "client": ("AsyncMaasClient", "MaasClient"),
    "computes.cluster": ("Cluster", "ClusterError", "ClusterNode", "ClusterState"),
    "computes.compute_size": ("ComputeSize",),
    "computes.misfit": ("Misfit",),
    "computes.quota": ("Quota",),
    "core.metrics": ("MetricPoint",),
    "datasets.check.checker": ("CheckOptions",),
    "datasets.check.findings": ("Finding",),
    "datasets.check.report": ("CheckReport", "Role"),
    "datasets.convert": ("DatasetConversion", "convert_file", "convert_rows"),
    "datasets.convert.format_names": ("OnBad", "SourceFormat"),
    "datasets.cost.estimate": ("CostEstimate", "estimate_cost"),
    "datasets.cost.foundry_estimate": ("FoundryCostEstimate",),
    "datasets.cost.token_report": ("TokenReport", "count_tokens"),
    "datasets.dataset": ("Dataset",),
    "datasets.parts": ("check_file",),
    "datasets.repair.changes": ("Repair",),
    "datasets.repair.file_repair": ("fix_file",),
    "datasets.rows.schemas": ("Task",),
    "datasets.split.file_split": ("split_file",),
    "datasets.split.plan": ("split_part_of",),
    "datasets.split.result": ("DatasetSplit",),
    "endpoints.endpoint": ("Endpoint", "EndpointKeys", "EndpointState", "EndpointToken", "ProvisioningState"),
    "endpoints.online_endpoint": ("OnlineDeployment", "OnlineEndpoint"),
    "errors": (
        "AuthenticationFailed",
        "BadRequest",
        "ClientClosed",
        "ClusterFailed",
        "Conflict",
        "ConnectionFailed",
        "CredentialError",
        "DatasetRefused",
        "DoesNotFit",
        "EndpointFailed",
        "FileChanged",
        "InvalidHyperparameter",
        "InvalidInput",
        "InvalidSignature",
        "JobCanceled",
        "JobError",
        "JobEvicted",
        "JobFailed",
        "JobStalled",
        "LocalFileError",
        "MaasError",
        "ModelRetired",
        "NotExportable",
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
    "exports.exporting": ("Export", "export_job"),
    "foundry.deployment": ("Deployment",),
    "foundry.hyperparameters": ("FoundryHyperparameters",),
    "http.events": ("EventHooks", "RequestEvent", "ResponseEvent", "RetryEvent"),
    "http.outage": ("Outage",),
    "inference.evaluation_result": ("Evaluation",),
    "job_files.job_file": ("JobFile",),
    "jobs.alarms": ("Alarm",),
    "jobs.hyperparameters": ("Hyperparameters",),
    "jobs.job": ("Job", "JobStatus"),
    "jobs.job_event": ("JobEvent",),
    "jobs.log_lines": ("LogPart",),
    "jobs.pipeline_job": ("PipelineJob",),
    "jobs.pipeline_spec": ("PipelineSpec",),
    "jobs.run_details": ("RunDetails",),
    "jobs.spec": ("JobSpec", "PlannedRequest", "TrainingData"),
    "jobs.step": ("JobStep",),
    "jobs.view": ("JobView",),
    "openai_api.chat_completions": ("ChatChunk", "Completion", "Messages", "TokenUsage"),
    "openai_api.tools": ("ToolCall",),
    "planning.advisor": ("plan",),
    "planning.plan": ("Plan",),
    "planning.way": ("Way",),
    "registered_models.registered_model": ("RegisteredModel",),
    "running_costs.running_cost": ("RunningCost",),
    "sweeps.grid": ("Sweep", "SweepOutcome"),
    "sweeps.resource": ("SweepPlan",),
    "transfers.downloads.result": ("Downloaded", "DownloadedFile"),
    "transfers.progress": ("OnProgress", "TransferProgress"),
    "webhook_endpoints.webhook_endpoint": ("NewWebhookEndpoint", "WebhookEndpoint"),
    "webhooks": ("WebhookEvent",),
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
