"""JSON Schemas of the management answers, written from the property tables of the published specification.

`shape` gives an object that knows its properties and no others: a server that invents a property would teach clients to
rely on it. A property that may be null says so; what a table stars is required.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]  # Any: a schema is JSON

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}
STRINGS: Schema = {"type": ["object", "null"], "additionalProperties": TEXT_OR_NULL}
NOTHING: Schema = {"type": "null"}


def one_of(*values: str) -> Schema:
    """Allow these texts."""
    return {"type": "string", "enum": list(values)}


def shape(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, *, null: bool = False
) -> Schema:
    """Allow an object with these properties."""
    return {
        "type": ["object", "null"] if null else "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def map_of(values: Schema, *, null: bool = False) -> Schema:
    """Allow an object with any names."""
    return {"type": ["object", "null"] if null else "object", "additionalProperties": values}


def page_of(item: Schema) -> Schema:
    """Allow a page of a list; its link is absolute."""
    link = {"type": ["string", "null"], "pattern": r"^https?://"}
    return shape({"value": {"type": "array", "items": item}}, {"nextLink": link})


WORKSPACE = r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.MachineLearningServices/workspaces/[^/]+"
SYSTEM_DATA = shape(
    {"createdAt": MOMENT, "createdBy": TEXT, "createdByType": one_of("User", "Application", "ManagedIdentity", "Key")},
    {"lastModifiedAt": MOMENT, "lastModifiedBy": TEXT, "lastModifiedByType": TEXT},
)


def resource(path: str, of_type: str, properties: Schema, **more: Schema) -> Schema:
    """Allow a resource of the workspace."""
    head = {
        "id": {"type": "string", "pattern": f"{WORKSPACE}{path}$"},
        "name": TEXT,
        "type": {"const": f"Microsoft.MachineLearningServices/workspaces{of_type}"},
        "properties": properties,
    }
    return shape(head, {"systemData": SYSTEM_DATA, **more})


JOB_STATUS = one_of(
    *("NotStarted", "Starting", "Provisioning", "Preparing", "Queued", "Running", "Finalizing", "CancelRequested"),
    *("Completed", "Failed", "Canceled", "NotResponding", "Paused", "Unknown"),
)
TASKS = (
    *("ChatCompletion", "TextCompletion", "TextClassification", "QuestionAnswering", "TextSummarization"),
    *("TokenClassification", "TextTranslation", "ImageClassification", "ImageInstanceSegmentation"),
    *("ImageObjectDetection", "VideoMultiObjectTracking"),
)
MODE_AND_NOTE = {"mode": TEXT, "description": TEXT_OR_NULL}
INPUT = {"uri": TEXT}
FINE_TUNING = shape(
    {
        "model": shape({"jobInputType": {"const": "mlflow_model"}, **INPUT}, MODE_AND_NOTE),
        "modelProvider": one_of("AzureOpenAI", "Custom"),
        # Microsoft's own SDK sends the names with a small first letter.
        "taskType": {"type": "string", "pattern": f"(?i)^({'|'.join(TASKS)})$"},
        "trainingData": shape({"jobInputType": {"const": "uri_file"}, **INPUT}, MODE_AND_NOTE),
    },
    {
        "validationData": {
            **shape({"jobInputType": {"const": "uri_file"}, **INPUT}, MODE_AND_NOTE, null=True),
        },
        "hyperParameters": STRINGS,
    },
)
OUTPUT = shape(
    {"jobOutputType": {"const": "mlflow_model"}},
    {"assetName": TEXT_OR_NULL, "assetVersion": TEXT_OR_NULL, "uri": TEXT_OR_NULL, **MODE_AND_NOTE},
)
JOB = resource(
    "/jobs/[^/]+",
    "/jobs",
    shape(
        {"jobType": {"const": "FineTuning"}, "fineTuningDetails": FINE_TUNING, "outputs": map_of(OUTPUT)},
        {
            "status": JOB_STATUS,
            "experimentName": TEXT,
            "isArchived": FLAG,
            "displayName": TEXT_OR_NULL,
            "description": TEXT_OR_NULL,
            "componentId": TEXT_OR_NULL,
            "computeId": TEXT_OR_NULL,
            "tags": STRINGS,
            "properties": STRINGS,
            "identity": {"type": ["object", "null"]},
            "notificationSetting": {"type": ["object", "null"]},
            "services": map_of(shape({"jobServiceType": TEXT}, {"endpoint": TEXT_OR_NULL}), null=True),
            "resources": shape({}, {"instanceTypes": {"type": ["array", "null"], "items": TEXT}}),
            "queueSettings": shape({}, {"jobTier": one_of("Null", "Spot", "Basic", "Standard", "Premium")}, null=True),
        },
    ),
)

PROVISIONING = one_of("Creating", "Deleting", "Succeeded", "Failed", "Updating", "Canceled")
ENDPOINT_STATE = one_of(
    *("Unknown", "Creating", "Deleting", "Suspending", "Reinstating", "Online", "Suspended"),
    *("CreationFailed", "DeletionFailed"),
)
TRACKED = resource(
    "/serverlessEndpoints/[^/]+",
    "/serverlessEndpoints",
    shape(
        {"authMode": one_of("Key", "AAD", "KeyAndAAD")},
        {
            "contentSafety": shape({"contentSafetyStatus": one_of("Enabled", "Disabled")}, null=True),
            "endpointState": ENDPOINT_STATE,
            "inferenceEndpoint": shape({"uri": TEXT}, {"headers": map_of(TEXT)}, null=True),
            "marketplaceSubscriptionId": TEXT_OR_NULL,
            "modelSettings": shape({"modelId": TEXT}, null=True),
            "provisioningState": PROVISIONING,
        },
    ),
    location=TEXT,
    tags=STRINGS,
    identity={"type": ["object", "null"]},
    kind=TEXT_OR_NULL,
    sku=shape({"name": TEXT}, {"tier": TEXT, "capacity": {"type": "integer"}}),
)
ENDPOINT = {**TRACKED, "required": [*TRACKED["required"], "location"]}
KEYS = shape({}, {"primaryKey": TEXT_OR_NULL, "secondaryKey": TEXT_OR_NULL})
PLAN = shape({"publisherId": TEXT, "offerId": TEXT, "planId": TEXT})
SUBSCRIPTION = resource(
    "/marketplaceSubscriptions/[^/]+",
    "/marketplaceSubscriptions",
    shape(
        {"modelId": TEXT, "marketplacePlan": PLAN},
        {
            "marketplaceSubscriptionStatus": one_of("Subscribed", "Suspended", "Unsubscribed"),
            "provisioningState": PROVISIONING,
        },
    ),
)

ASSET = {"description": TEXT_OR_NULL, "tags": STRINGS, "properties": STRINGS, "isArchived": FLAG}
COUNTED = {"latestVersion": TEXT_OR_NULL, "nextVersion": TEXT_OR_NULL}
DATA_TYPE = one_of("uri_file", "uri_folder", "mltable")
DATA_VERSION = resource(
    "/data/[^/]+/versions/[^/]+",
    "/data/versions",
    shape({"dataType": DATA_TYPE, "dataUri": TEXT}, {**ASSET, "isAnonymous": FLAG}),
)
DATA = resource("/data/[^/]+", "/data", shape({"dataType": DATA_TYPE}, {**ASSET, **COUNTED}))
MODEL_VERSION = resource(
    "/models/[^/]+/versions/[^/]+",
    "/models/versions",
    shape(
        {"flavors": map_of(map_of({"type": ["object", "null"]}))},
        {
            **ASSET,
            "isAnonymous": FLAG,
            "modelType": TEXT_OR_NULL,
            "modelUri": TEXT_OR_NULL,
            "jobName": TEXT_OR_NULL,
            "stage": TEXT_OR_NULL,
            "provisioningState": PROVISIONING,
        },
    ),
)
MODEL = resource("/models/[^/]+", "/models", shape({}, {**ASSET, **COUNTED}))

DATASTORE = resource(
    "/datastores/[^/]+",
    "/datastores",
    shape(
        {
            "datastoreType": {"const": "AzureBlob"},
            "credentials": shape(
                {"credentialsType": one_of("AccountKey", "Certificate", "None", "Sas", "ServicePrincipal")}
            ),
        },
        {
            **dict.fromkeys(("accountName", "containerName", "endpoint", "protocol"), TEXT_OR_NULL),
            **dict.fromkeys(("subscriptionId", "resourceGroup", "description"), TEXT_OR_NULL),
            "serviceDataAccessAuthIdentity": TEXT,
            "isDefault": FLAG,
            "tags": STRINGS,
            "properties": STRINGS,
        },
    ),
)
SECRETS: Schema = {
    "oneOf": [
        shape({"secretsType": {"const": "Sas"}, "sasToken": TEXT}),
        shape({"secretsType": {"const": "AccountKey"}, "key": TEXT}),
    ]
}
LISTED_SUBSCRIPTION = shape(
    {"id": {"type": "string", "pattern": "^/subscriptions/"}, "subscriptionId": TEXT, "displayName": TEXT},
    {
        "tenantId": TEXT,
        "state": one_of("Enabled", "Warned", "PastDue", "Disabled", "Deleted"),
        "authorizationSource": TEXT,
        "managedByTenants": {"type": "array"},
        "subscriptionPolicies": {"type": "object"},
    },
)
WORKSPACE_ITSELF = resource(
    "",
    "",
    {
        "type": "object",
        "required": ["workspaceId", "discoveryUrl", "mlFlowTrackingUri", "provisioningState"],
        "properties": {
            "workspaceId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
            "discoveryUrl": {"type": "string", "pattern": "^https?://"},
            "mlFlowTrackingUri": {"type": "string", "pattern": "^azureml://"},
            "provisioningState": PROVISIONING,
        },
    },
    location=TEXT,
    kind=one_of("Default", "Hub", "Project"),
    tags=STRINGS,
    sku=shape({"name": TEXT}, {"tier": TEXT}),
    identity={"type": "object"},
)
OPERATION = shape(
    {"status": one_of("InProgress", "Succeeded", "Failed", "Canceled")},
    {
        **dict.fromkeys(("id", "name"), TEXT),
        **dict.fromkeys(("startTime", "endTime"), MOMENT),
        "percentComplete": {"type": "number"},
        "error": {"type": "object", "required": ["code", "message"]},
    },
)
CLOUDS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "portal", "resourceManager", "authentication", "suffixes"],
        "properties": {
            "authentication": shape(
                {"loginEndpoint": TEXT, "audiences": {"type": "array", "items": TEXT}, "tenant": TEXT}
            )
        },
    },
}

INFO = shape({"type": TEXT, "info": {"type": "object"}})
PROBLEM = {"code": TEXT, "message": TEXT}
ERROR = shape(
    {
        "error": shape(
            PROBLEM,
            {
                "target": TEXT_OR_NULL,
                "details": {"type": "array", "items": {"type": "object", "required": ["code", "message"]}},
                "additionalInfo": {"type": "array", "items": INFO},
            },
        )
    }
)

ANSWERS: Mapping[str, Schema] = {
    "metadata.endpoints": CLOUDS,
    "workspaces.get": WORKSPACE_ITSELF,
    "subscriptions.list": page_of(LISTED_SUBSCRIPTION),
    "workspaces.list": page_of(WORKSPACE_ITSELF),
    "datastores.list": page_of(DATASTORE),
    "datastores.get": DATASTORE,
    "datastores.list_secrets": SECRETS,
    "data.list": page_of(DATA),
    "data.get_container": DATA,
    "data.list_versions": page_of(DATA_VERSION),
    "data.get": DATA_VERSION,
    "data.create": DATA_VERSION,
    "data.delete": NOTHING,
    "jobs.list": page_of(JOB),
    "jobs.get": JOB,
    "jobs.create": JOB,
    "jobs.cancel": NOTHING,
    "jobs.delete": NOTHING,
    "models.list": page_of(MODEL),
    "models.get_container": MODEL,
    "models.list_versions": page_of(MODEL_VERSION),
    "models.get": MODEL_VERSION,
    "endpoints.list": page_of(ENDPOINT),
    "endpoints.get": ENDPOINT,
    "endpoints.create": ENDPOINT,
    "endpoints.delete": NOTHING,
    "endpoints.list_keys": KEYS,
    "endpoints.regenerate_keys": NOTHING,
    "marketplace.list": page_of(SUBSCRIPTION),
    "marketplace.get": SUBSCRIPTION,
    "marketplace.create": SUBSCRIPTION,
    "marketplace.delete": NOTHING,
    "operations.status": OPERATION,
    "operations.result": {"anyOf": [NOTHING, KEYS]},
}
"""By the operation's name: what a good answer to it is; a refusal of any of them is an `ERROR`."""
