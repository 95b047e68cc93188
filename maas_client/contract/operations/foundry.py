"""Operations of Azure AI Foundry: its files, uploads, jobs, chat and webhooks, and its account at Resource Manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...core.api_versions import COGNITIVE_SERVICES, FOUNDRY_DATED, FOUNDRY_PROJECT
from ..answers import chat, foundry, foundry_account
from ..answers.common import ARM_ERROR, LOCATION, OPERATION, OPERATION_STATUS, REQUEST_ID
from ..operation import Answer, Base, Body, Header, Level, Opaque, Operation, Surface
from .services import Service

_ROOTS: Mapping[Base, str] = {
    Base.ACCOUNT: "/openai/v1",
    Base.PROJECT: "/api/projects/{project}/openai/v1",
    Base.DATED_PROJECT: "/api/projects/{project}/openai",
    Base.DATED: "/openai",
}
_ALL = tuple(_ROOTS)
_V1 = (Base.ACCOUNT, Base.PROJECT)
_VERSIONS: Mapping[Base, str] = {Base.DATED_PROJECT: FOUNDRY_PROJECT.value, Base.DATED: FOUNDRY_DATED.value}
_SPEC = "Azure/azure-rest-api-specs `OpenAI.v1` and `AzureOpenAI/authoring` 2025-04-01-preview"
_TRAINING = "the tokens of the file times the epochs, at the model's price; nothing before training begins"
_CHAT_ERRORS = (400, 404, 413, 422, 424)
# Assumption: The dated API of an account sends `apim-request-id` or `x-request-id` with every answer, as the v1 API
#   does.
# Shown wrong by: An answer with neither of them.
# Verified by: delete tuning job
# If wrong: Errors of the dated API have no request id for Azure's support.
_DATA_PLANE = Service(
    surface=Surface.FOUNDRY,
    bases=_ALL,
    source=_SPEC,
    error_bodies=(foundry.V1_ERROR, foundry.DATED_ERROR, foundry.GATEWAY_ERROR),
    headers=(Header(("apim-request-id", "x-request-id")),),
)


def _operation(
    name: str,
    method: str,
    path: str,
    answer: Answer,
    *,
    on: tuple[Base, ...] = _ALL,
    creates: bool = False,
    level: Level = Level.READ,
    cost: str = "free",
    errors: tuple[int, ...] = (),
    more: Mapping[int, Answer] | None = None,
) -> Operation:
    """Return an operation below each of its bases; what creates something answers 201 and a Location without v1."""
    answers = {200: answer, **(more or {})}
    if creates:
        answers[201] = Answer(answer.name, answer.body, (LOCATION,))
    versions = tuple(dict.fromkeys(_VERSIONS.get(base, "") for base in on))
    service = replace(_DATA_PLANE, bases=on, api_versions=versions)
    paths = tuple(_ROOTS[base] + path for base in on)
    return service.operation(name, method, paths, answers, level=level, cost=cost, errors=errors)


_FILES = (
    _operation(
        "foundry.files.create",
        "POST",
        "/files",
        Answer("file", foundry.FILE),
        creates=True,
        level=Level.DATA,
        errors=(400, 413),
    ),
    _operation("foundry.files.list", "GET", "/files", Answer("files", foundry.FILES)),
    _operation("foundry.files.get", "GET", "/files/{file}", Answer("file", foundry.FILE), errors=(404,)),
    _operation(
        "foundry.files.content",
        "GET",
        "/files/{file}/content",
        Answer("file content", Opaque.BYTES),
        more={206: Answer("part of a file", Opaque.BYTES, (Header(("Content-Range",)),))},
        errors=(404, 416),
    ),
    _operation(
        "foundry.files.delete",
        "DELETE",
        "/files/{file}",
        Answer("deleted file", foundry.DELETED_FILE),
        more={204: Answer("nothing", Opaque.EMPTY)},
        level=Level.DATA,
        errors=(404,),
    ),
    _operation(
        "foundry.files.import",
        "POST",
        "/files/import",
        Answer("file", foundry.FILE),
        on=(Base.DATED_PROJECT, Base.DATED),
        creates=True,
        level=Level.DATA,
        errors=(400,),
    ),
)

_UPLOADS = tuple(
    _operation(
        name,
        "POST",
        path,
        answer,
        on=(Base.DATED,),
        creates=name == "foundry.uploads.create",
        level=Level.DATA,
        errors=(400, 404, 413),
    )
    for name, path, answer in (
        ("foundry.uploads.create", "/uploads", Answer("upload", foundry.UPLOAD)),
        ("foundry.uploads.part", "/uploads/{upload}/parts", Answer("upload part", foundry.UPLOAD_PART)),
        ("foundry.uploads.complete", "/uploads/{upload}/complete", Answer("upload", foundry.UPLOAD)),
        ("foundry.uploads.cancel", "/uploads/{upload}/cancel", Answer("upload", foundry.UPLOAD)),
    )
)

_ONE = "/fine_tuning/jobs/{job}"
_JOB = Answer("fine-tuning job", foundry.JOB)
_COPY = Answer("checkpoint copy", foundry.CHECKPOINT_COPY)
_JOBS = (
    _operation(
        "foundry.jobs.create",
        "POST",
        "/fine_tuning/jobs",
        _JOB,
        creates=True,
        level=Level.JOB,
        cost=_TRAINING,
        errors=(400, 404),
    ),
    _operation("foundry.jobs.list", "GET", "/fine_tuning/jobs", Answer("fine-tuning jobs", foundry.JOBS)),
    _operation("foundry.jobs.get", "GET", _ONE, _JOB, errors=(404,)),
    _operation("foundry.jobs.cancel", "POST", _ONE + "/cancel", _JOB, level=Level.JOB, errors=(400, 404, 409)),
    _operation("foundry.jobs.pause", "POST", _ONE + "/pause", _JOB, level=Level.FULL, errors=(400, 404, 409)),
    _operation("foundry.jobs.resume", "POST", _ONE + "/resume", _JOB, level=Level.FULL, errors=(400, 404, 409)),
    _operation(
        "foundry.jobs.delete",
        "DELETE",
        _ONE,
        Answer("deleted", Opaque.ANY),
        on=(Base.DATED,),
        more={204: Answer("nothing", Opaque.EMPTY)},
        level=Level.JOB,
        errors=(400, 404, 409),
    ),
    _operation("foundry.jobs.events", "GET", _ONE + "/events", Answer("job events", foundry.EVENTS), errors=(404,)),
    _operation(
        "foundry.checkpoints.list",
        "GET",
        _ONE + "/checkpoints",
        Answer("checkpoints", foundry.CHECKPOINTS),
        errors=(404,),
    ),
    _operation(
        "foundry.checkpoints.copy",
        "POST",
        _ONE + "/checkpoints/{checkpoint}/copy",
        _COPY,
        on=_V1,
        level=Level.FULL,
        errors=(400, 404),
    ),
    _operation(
        "foundry.checkpoints.copy_status",
        "GET",
        _ONE + "/checkpoints/{checkpoint}/copy",
        _COPY,
        on=_V1,
        errors=(404,),
    ),
)

_CHAT = (
    _operation(
        "foundry.chat",
        "POST",
        "/chat/completions",
        Answer("completion", chat.COMPLETION, alternatives=(chat.CHUNKS,)),
        on=_V1,
        level=Level.FULL,
        cost="the tokens of the chat",
        errors=_CHAT_ERRORS,
    ),
)

_WEBHOOKS = (
    _operation(
        "foundry.webhooks.create",
        "POST",
        "/dashboard/webhook_endpoints",
        Answer("new webhook endpoint", foundry.NEW_WEBHOOK),
        on=(Base.ACCOUNT,),
        level=Level.DATA,
        errors=(400,),
    ),
    _operation(
        "foundry.webhooks.list",
        "GET",
        "/dashboard/webhook_endpoints",
        Answer("webhook endpoints", foundry.WEBHOOKS),
        on=(Base.ACCOUNT,),
        errors=(404,),
    ),
    _operation(
        "foundry.webhooks.delete",
        "DELETE",
        "/dashboard/webhook_endpoints/{endpoint}",
        Answer("deleted", foundry.DELETED),
        on=(Base.ACCOUNT,),
        more={204: Answer("nothing", Opaque.EMPTY)},
        level=Level.DATA,
        errors=(404,),
    ),
)

_ACCOUNT_PATH = "/subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.CognitiveServices/accounts/{account}"
_ACCOUNT = Service(
    surface=Surface.FOUNDRY,
    bases=(Base.MANAGEMENT,),
    source="Azure/azure-rest-api-specs `cognitiveservices/resource-manager`",
    prefix=_ACCOUNT_PATH,
    api_versions=(COGNITIVE_SERVICES.value,),
    error_bodies=(ARM_ERROR,),
    headers=(REQUEST_ID,),
)
_DEPLOYMENT = "/deployments/{name}"
_HOSTING = "hosting by the hour for Standard and GlobalStandard of a tuned model; none for DeveloperTier"
_EMPTY_ERROR: tuple[Body, ...] = (ARM_ERROR, Opaque.EMPTY)
_DEPLOYMENTS = (
    _ACCOUNT.operation(
        "foundry.deployments.list",
        "GET",
        "/deployments",
        {200: Answer("deployments", foundry_account.DEPLOYMENTS)},
    ),
    _ACCOUNT.operation(
        "foundry.deployments.get",
        "GET",
        _DEPLOYMENT,
        {200: Answer("deployment", foundry_account.DEPLOYMENT)},
        errors=(404,),
    ),
    _ACCOUNT.operation(
        "foundry.deployments.put",
        "PUT",
        _DEPLOYMENT,
        {
            200: Answer("deployment", foundry_account.DEPLOYMENT),
            201: Answer("deployment", foundry_account.DEPLOYMENT),
        },
        level=Level.FULL,
        cost=_HOSTING,
        errors=(400, 409),
        error_bodies=_EMPTY_ERROR,
    ),
    _ACCOUNT.operation(
        "foundry.deployments.delete",
        "DELETE",
        _DEPLOYMENT,
        {
            200: Answer("deleted", Opaque.ANY),
            202: Answer("accepted", Opaque.ANY, (OPERATION,)),
            204: Answer("nothing", Opaque.EMPTY),
        },
        level=Level.FULL,
        errors=(404, 409),
    ),
    _ACCOUNT.operation(
        "foundry.accounts.models",
        "GET",
        "/models",
        {200: Answer("account models", foundry_account.ACCOUNT_MODELS)},
    ),
    replace(_ACCOUNT, prefix="/subscriptions/{sub}/providers/Microsoft.CognitiveServices/locations/{region}").operation(
        "foundry.operations.status",
        "GET",
        "/operationResults/{operation}",
        {200: Answer("operation status", OPERATION_STATUS)},
        errors=(404,),
    ),
)

OPERATIONS = (*_FILES, *_UPLOADS, *_JOBS, *_CHAT, *_WEBHOOKS, *_DEPLOYMENTS)
