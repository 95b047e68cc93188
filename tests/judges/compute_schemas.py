"""JSON Schemas of the answers of clusters, sizes, usages and quotas, from the published specification's tables."""

from collections.abc import Mapping

from tests.judges.schemas import (
    FLAG,
    MOMENT,
    NOTHING,
    OPERATION,
    STRINGS,
    TEXT,
    TEXT_OR_NULL,
    Schema,
    one_of,
    page_of,
    resource,
    shape,
)

COUNT: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number", "minimum": 0}
LIMIT: Schema = {"type": "integer", "minimum": -1}
NAME = shape({"value": TEXT, "localizedValue": TEXT})
PROBLEM = shape({"error": shape({"code": TEXT, "message": TEXT})})
PROBLEMS: Schema = {"type": ["array", "null"], "items": PROBLEM}
STATE = one_of("Unknown", "Updating", "Creating", "Deleting", "Succeeded", "Failed", "Canceled")
NODE_STATES = ("idle", "running", "preparing", "unusable", "leaving", "preempted")
SCALE = shape({"maxNodeCount": COUNT}, {"minNodeCount": COUNT, "nodeIdleTimeBeforeScaleDown": TEXT})
SETTINGS = shape(
    {
        "vmSize": TEXT,
        "scaleSettings": SCALE,
        "allocationState": one_of("Steady", "Resizing"),
        "currentNodeCount": COUNT,
        "targetNodeCount": COUNT,
        "nodeStateCounts": shape({f"{state}NodeCount": COUNT for state in NODE_STATES}),
    },
    {
        "vmPriority": one_of("Dedicated", "LowPriority"),
        "osType": one_of("Linux", "Windows"),
        "allocationStateTransitionTime": MOMENT,
        "errors": PROBLEMS,
        "userAccountCredentials": {"type": ["object", "null"]},
        "remoteLoginPortPublicAccess": one_of("Enabled", "Disabled", "NotSpecified"),
        "enableNodePublicIp": FLAG,
        "subnet": {"type": "object"},
    },
)
COMPUTE = resource(
    "/computes/[^/]+",
    "/computes",
    shape(
        {"computeType": {"const": "AmlCompute"}, "provisioningState": STATE, "properties": SETTINGS},
        {
            "computeLocation": TEXT,
            "description": TEXT_OR_NULL,
            "disableLocalAuth": FLAG,
            "isAttachedCompute": FLAG,
            "resourceId": TEXT_OR_NULL,
            "createdOn": MOMENT,
            "modifiedOn": MOMENT,
            "provisioningErrors": PROBLEMS,
        },
    ),
    location=TEXT,
    tags=STRINGS,
    identity={"type": ["object", "null"]},
)
NODE = shape(
    {"nodeId": TEXT, "nodeState": one_of(*NODE_STATES)},
    {"port": COUNT, "privateIpAddress": TEXT_OR_NULL, "publicIpAddress": TEXT_OR_NULL, "runId": TEXT_OR_NULL},
)
PRICE = shape({"retailPrice": NUMBER, "osType": TEXT, "vmTier": one_of("Standard", "LowPriority", "Spot")})
SIZE = shape(
    {"name": TEXT, "family": TEXT, "vCPUs": COUNT, "gpus": COUNT},
    {
        "osVhdSizeMB": COUNT,
        "maxResourceVolumeMB": COUNT,
        "memoryGB": NUMBER,
        "lowPriorityCapable": FLAG,
        "premiumIO": FLAG,
        "estimatedVMPrices": shape(
            {"billingCurrency": {"const": "USD"}, "unitOfMeasure": {"const": "OneHour"}},
            {"values": {"type": "array", "items": PRICE}},
        ),
        "supportedComputeTypes": {"type": "array", "items": TEXT},
    },
)
USAGE = shape(
    {"id": TEXT, "type": TEXT, "unit": {"const": "Count"}, "currentValue": COUNT, "limit": LIMIT, "name": NAME},
    {"amlWorkspaceLocation": TEXT},
)
QUOTA = shape(
    {"id": TEXT, "type": TEXT, "unit": {"const": "Count"}, "limit": LIMIT, "name": NAME}, {"amlWorkspaceLocation": TEXT}
)
UPDATED = shape({"id": TEXT, "type": TEXT, "unit": {"const": "Count"}, "limit": LIMIT, "status": TEXT})

COMPUTE_ANSWERS: Mapping[str, Schema] = {
    "vm_sizes.list": shape({"value": {"type": "array", "items": SIZE}}),
    "usages.list": page_of(USAGE),
    "quotas.list": page_of(QUOTA),
    "quotas.update": page_of(UPDATED),
    "computes.list": page_of(COMPUTE),
    "computes.get": COMPUTE,
    "computes.create": COMPUTE,
    "computes.scale": COMPUTE,
    "computes.delete": NOTHING,
    "computes.list_nodes": shape({"nodes": {"type": "array", "items": NODE}}, {"nextLink": TEXT_OR_NULL}),
    "operations.compute_status": OPERATION,
}
"""By the operation's name: what a good answer to it is; starting and stopping a cluster has none."""
