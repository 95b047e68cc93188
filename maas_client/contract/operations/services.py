"""What all operations of one service have in common: the base, the version, errors and headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...core.api_versions import BLOBS, MACHINE_LEARNING, REGISTRY as REGISTRY_VERSION
from ..answers.chat import MODEL_ERROR
from ..answers.common import ARM_ERROR, BLOB_ERROR, REQUEST_ID
from ..operation import Answer, Base, Body, Header, Level, Opaque, Operation, Surface

WORKSPACE = "/subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.MachineLearningServices/workspaces/{ws}"
REGION = "/subscriptions/{sub}/providers/Microsoft.MachineLearningServices/locations/{region}"
REGISTRY = (
    "/mferp/managementfrontend/subscriptions/{sub}/resourceGroups/{rg}/providers/Microsoft.MachineLearningServices"
    "/registries/{registry}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the operations of a service share; `operation` makes one of them."""

    surface: Surface
    bases: tuple[Base, ...]
    source: str
    prefix: str = ""
    api_versions: tuple[str, ...] = ("",)
    error_bodies: tuple[Body, ...] = ()
    headers: tuple[Header, ...] = ()
    level: Level = field(default=Level.READ)

    def operation(
        self,
        name: str,
        method: str,
        path: str | tuple[str, ...],
        answers: Mapping[int, Answer],
        *,
        level: Level | None = None,
        cost: str = "free",
        errors: tuple[int, ...] = (),
        query: Mapping[str, str] | None = None,
        api_version: str | None = None,
        source: str | None = None,
        error_bodies: tuple[Body, ...] | None = None,
        headers: tuple[Header, ...] | None = None,
    ) -> Operation:
        """Return an operation of this service; paths are below its prefix."""
        paths = (path,) if isinstance(path, str) else path
        return Operation(
            name=name,
            surface=self.surface,
            bases=self.bases,
            method=method,
            paths=tuple(self.prefix + one for one in paths),
            answers=answers,
            level=level or self.level,
            cost=cost,
            errors=errors,
            query=query or {},
            api_versions=self.api_versions if api_version is None else (api_version,),
            source=source or self.source,
            error_bodies=self.error_bodies if error_bodies is None else error_bodies,
            headers=self.headers if headers is None else headers,
        )


REST = f"Azure REST specification, Microsoft.MachineLearningServices {MACHINE_LEARNING.value}"

AZURE_ML = Service(
    surface=Surface.AZURE_ML,
    bases=(Base.MANAGEMENT,),
    source=REST,
    prefix=WORKSPACE,
    api_versions=(MACHINE_LEARNING.value,),
    error_bodies=(ARM_ERROR,),
    headers=(REQUEST_ID,),
)
OWN_COMPUTE = Service(
    surface=Surface.OWN_COMPUTE,
    bases=(Base.MANAGEMENT,),
    source=REST,
    prefix=WORKSPACE,
    api_versions=(MACHINE_LEARNING.value,),
    error_bodies=(ARM_ERROR,),
    headers=(REQUEST_ID,),
)
SERVERLESS = Service(
    surface=Surface.SERVERLESS,
    bases=(Base.MANAGEMENT,),
    source=REST,
    prefix=WORKSPACE,
    api_versions=(MACHINE_LEARNING.value,),
    error_bodies=(ARM_ERROR,),
    headers=(REQUEST_ID,),
)
# Assumption: Run history, metrics and the registry send `x-ms-request-id` with every answer, as Resource Manager does.
# Shown wrong by: An answer without this header.
# Verified by: newest job, registry model
# If wrong: Errors of these services have no request id for Azure's support.
HISTORY = Service(
    surface=Surface.AZURE_ML,
    bases=(Base.HISTORY,),
    source="azure-ai-ml 1.35.2 `_restclient/runhistory/operations/_operations.py`",
    api_versions=("v1.0",),
    error_bodies=(ARM_ERROR, Opaque.EMPTY),
    headers=(REQUEST_ID,),
)
REGISTRIES = Service(
    surface=Surface.AZURE_ML,
    bases=(Base.REGISTRY,),
    source="azure-ai-ml 1.35.2 `_utils/_registry_utils.py`",
    prefix=REGISTRY,
    api_versions=(REGISTRY_VERSION.value,),
    error_bodies=(ARM_ERROR,),
    headers=(REQUEST_ID,),
)
STORAGE = Service(
    surface=Surface.STORAGE,
    bases=(Base.BLOB,),
    source=f"learn.microsoft.com/rest/api/storageservices, version {BLOBS.value}",
    prefix="/{container}",
    error_bodies=(BLOB_ERROR, Opaque.EMPTY),
    headers=(REQUEST_ID, Header(("x-ms-version",))),
)
SERVERLESS_CHAT = Service(
    surface=Surface.SERVERLESS,
    bases=(Base.SERVERLESS,),
    source="learn.microsoft.com/azure/machine-learning/reference-model-inference-api",
    error_bodies=(MODEL_ERROR, Opaque.TEXT),
)
ONLINE_CHAT = Service(
    surface=Surface.OWN_COMPUTE,
    bases=(Base.ONLINE,),
    source="MicrosoftDocs `how-to-troubleshoot-online-endpoints.md`; azureml-assets `foundation-model-serve`",
    error_bodies=(MODEL_ERROR, Opaque.TEXT),
    headers=(Header(("x-ms-request-id", "x-request-id")),),
)
