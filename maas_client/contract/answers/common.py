"""Parts that many answers share: who made a resource and when, listings, long-running operations, errors.

Sources: azure-ai-ml 1.35.2 `_restclient/arm_ml_service/models/_models.py` (SystemData, ErrorResponse), azure-mgmt-core
1.6.0 `exceptions.py` (ARMErrorFormat) and `polling/arm_polling.py`.
"""

from __future__ import annotations

from ..operation import Header, ValueKind, Xml
from ..shapes import (
    ANY_MAP,
    ANYTHING,
    INTEGER,
    NUMBER,
    TEXT,
    TIME,
    ArrayOf,
    Fields,
    Record,
    record,
    words,
)

SYSTEM_DATA = record(
    {
        "createdAt": TIME,
        "createdBy": TEXT,
        "createdByType": words("User", "Application", "ManagedIdentity", "Key"),
        "lastModifiedAt": TIME,
        "lastModifiedBy": TEXT,
        "lastModifiedByType": words("User", "Application", "ManagedIdentity", "Key"),
    }
)

PROVISIONING = words("Creating", "Updating", "Deleting", "Succeeded", "Failed", "Canceled")

IDENTITY = record(
    {
        "type": words("SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned", "None"),
        "principalId": TEXT,
        "tenantId": TEXT,
        "userAssignedIdentities": ANY_MAP,
    }
)


def resource(properties: Record, fields: Fields | None = None) -> Record:
    """Return the shape of a resource of Resource Manager: its id, name and type around its properties."""
    own: Fields = {"id!": TEXT, "name!": TEXT, "type": TEXT, "properties!": properties, "systemData": SYSTEM_DATA}
    return record({**own, **(fields or {})})


def listing(item: Record) -> Record:
    """Return the shape of one page of a listing."""
    return record({"value!": ArrayOf(item), "nextLink": TEXT})


_DETAIL = record({"code": TEXT, "message": TEXT, "target": TEXT, "details": ArrayOf(ANYTHING)})

ARM_ERROR = record(
    {
        "error!": record(
            {
                "code!": TEXT,
                "message!": TEXT,
                "target": TEXT,
                "details": ArrayOf(_DETAIL),
                "additionalInfo": ArrayOf(record({"type": TEXT, "info": ANYTHING})),
            }
        )
    }
)
"""An error of Resource Manager, of the registry and of run history."""

BLOB_ERROR = Xml("Error", needs=("Code", "Message"))

OPERATION_STATUS = record(
    {
        "id": TEXT,
        "name": TEXT,
        "status!": words("Accepted", "NotStarted", "InProgress", "Running", "Succeeded", "Failed", "Canceled"),
        "startTime": TIME,
        "endTime": TIME,
        "percentComplete": NUMBER,
        "properties": ANYTHING,
        "resourceLocation": TEXT,
        "error": _DETAIL,
    },
    by="status",
    variants={"Failed": {"error!": _DETAIL}},
)
"""The document behind `Azure-AsyncOperation`."""

KEYS = record({"primaryKey!": TEXT, "secondaryKey!": TEXT})

REQUEST_ID = Header(("x-ms-request-id",))
ASYNC_OPERATION = Header(("Azure-AsyncOperation",), ValueKind.URL)
LOCATION = Header(("Location",), ValueKind.URL)
# Assumption: Azure Machine Learning sends Retry-After with each 202 to a cancellation, a deletion or a change of keys.
# Shown wrong by: A 202 without it.
# Verified by: cancel job, delete endpoint, online endpoint keys
# If wrong: The client asks again after its own delay.
RETRY_AFTER = Header(("Retry-After", "retry-after-ms", "x-ms-retry-after-ms"), ValueKind.DELAY)
"""When to ask again: Azure Machine Learning's specification has it beside `Location`."""
OPERATION = Header(("Azure-AsyncOperation", "Location"), ValueKind.URL)
"""Where to ask how a long-running operation stands: one of the two headers."""

TOKEN_USAGE = record(
    {
        "prompt_tokens!": INTEGER,
        "completion_tokens!": INTEGER,
        "total_tokens!": INTEGER,
        "prompt_tokens_details": ANY_MAP,
        "completion_tokens_details": ANY_MAP,
    }
)
