"""Compute clusters and their nodes, sizes of machines, and what the subscription may still use.

Sources: Azure's REST specification 2024-10-01-preview, examples Compute/get/AmlCompute, Compute/listNodes,
VirtualMachineSize/list and Usage/list.
"""

from __future__ import annotations

from ..shapes import (
    ANY_MAP,
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    TEXT_MAP,
    TEXTS,
    TIME,
    ArrayOf,
    record,
    words,
)
from .common import IDENTITY, PROVISIONING, listing, resource

_ERRORS = ArrayOf(record({"error!": record({"code!": TEXT, "message!": TEXT, "details": ANYTHING, "target": TEXT})}))
_CLUSTER = record(
    {
        "vmSize!": TEXT,
        "vmPriority!": words("Dedicated", "LowPriority"),
        "osType": words("Linux", "Windows"),
        "scaleSettings!": record(
            {"minNodeCount!": INTEGER, "maxNodeCount!": INTEGER, "nodeIdleTimeBeforeScaleDown": TEXT}
        ),
        "allocationState": words("Steady", "Resizing"),
        "allocationStateTransitionTime": TIME,
        "currentNodeCount!": INTEGER,
        "targetNodeCount!": INTEGER,
        "nodeStateCounts!": record(
            {
                "idleNodeCount!": INTEGER,
                "runningNodeCount!": INTEGER,
                "preparingNodeCount!": INTEGER,
                "unusableNodeCount!": INTEGER,
                "leavingNodeCount!": INTEGER,
                "preemptedNodeCount!": INTEGER,
            }
        ),
        "errors": _ERRORS,
        "remoteLoginPortPublicAccess": words("NotSpecified", "Enabled", "Disabled"),
        "enableNodePublicIp": BOOLEAN,
        "isolatedNetwork": BOOLEAN,
        "subnet": ANYTHING,
        "userAccountCredentials": ANY_MAP,
        "virtualMachineImage": ANYTHING,
        "propertyBag": ANYTHING,
    }
)
_OF_CLUSTER = {"properties!": _CLUSTER}
COMPUTE = resource(
    record(
        {
            "computeType!": words(
                *("AmlCompute", "ComputeInstance", "Kubernetes", "AKS", "VirtualMachine", "HDInsight", "DataFactory"),
                *("Databricks", "DataLakeAnalytics", "SynapseSpark"),
            ),
            "provisioningState!": words("Unknown", *PROVISIONING.words),
            "computeLocation": TEXT,
            "description": TEXT,
            "disableLocalAuth": BOOLEAN,
            "isAttachedCompute": BOOLEAN,
            "resourceId": TEXT,
            "createdOn": TIME,
            "modifiedOn": TIME,
            "provisioningErrors": _ERRORS,
            "properties": ANYTHING,
        },
        by="computeType",
        variants={"AmlCompute": _OF_CLUSTER},
    ),
    {"location": TEXT, "tags": TEXT_MAP, "identity": IDENTITY, "sku": ANYTHING},
)
COMPUTES = listing(COMPUTE)

NODES = record(
    {
        "nodes!": ArrayOf(
            record(
                {
                    "nodeId!": TEXT,
                    "nodeState!": words("idle", "running", "preparing", "unusable", "leaving", "preempted"),
                    "port": INTEGER,
                    "privateIpAddress": TEXT,
                    "publicIpAddress": TEXT,
                    "runId": TEXT,
                }
            )
        ),
        "nextLink": TEXT,
    }
)

_PRICE = record(
    {"retailPrice!": NUMBER, "osType!": words("Linux", "Windows"), "vmTier!": words("Standard", "LowPriority", "Spot")}
)
SIZES = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "name!": TEXT,
                    "family!": TEXT,
                    "vCPUs!": INTEGER,
                    "gpus!": INTEGER,
                    "memoryGB!": NUMBER,
                    "osVhdSizeMB": INTEGER,
                    "maxResourceVolumeMB": INTEGER,
                    "lowPriorityCapable": BOOLEAN,
                    "premiumIO": BOOLEAN,
                    "estimatedVMPrices": record(
                        {
                            # Assumption: The prices of VM sizes are in US dollars in every region.
                            # Shown wrong by: Another `billingCurrency`.
                            # Verified by: vm sizes
                            # If wrong: The check of an answer reports the new word; prices are shown in the currency
                            #   that the service names.
                            "billingCurrency!": words("USD"),
                            "unitOfMeasure": words("OneHour"),
                            "values!": ArrayOf(_PRICE),
                        }
                    ),
                    "supportedComputeTypes": TEXTS,
                }
            )
        ),
        "nextLink": TEXT,
    }
)

USAGES = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "id!": TEXT,
                    "type": TEXT,
                    "unit": words("Count"),
                    "currentValue!": INTEGER,
                    "limit!": INTEGER,
                    "name!": record({"value!": TEXT, "localizedValue": TEXT}),
                    "amlWorkspaceLocation": TEXT,
                }
            )
        ),
        "nextLink": TEXT,
    }
)
