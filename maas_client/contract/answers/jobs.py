"""Jobs of a workspace, their runs and their metrics.

Sources: azure-ai-ml 1.35.2 `models/_enums.py` (JobStatus), `_restclient/runhistory/models/_models.py`; Azure's REST
specification 2024-10-01-preview (`mfe.json`: FineTuningJob, FineTuningVertical, PipelineJob, JobBase).
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
    Either,
    Fields,
    MapOf,
    record,
    words,
)
from .common import listing, resource

STATUS = words(
    *("NotStarted", "Starting", "Provisioning", "Preparing", "Queued", "Running", "Finalizing", "CancelRequested"),
    *("Completed", "Failed", "Canceled", "NotResponding", "Paused", "Unknown"),
)

_INPUT = record({"jobInputType": TEXT, "uri!": TEXT, "mode": TEXT, "description": TEXT, "pathOnCompute": TEXT})
_OUTPUT = record(
    {
        "jobOutputType!": TEXT,
        "assetName": TEXT,
        "assetVersion": TEXT,
        "uri": TEXT,
        "mode": TEXT,
        "description": TEXT,
        "pathOnCompute": TEXT,
        "autoDeleteSetting": ANYTHING,
    }
)
_SERVICE = record(
    {
        "jobServiceType": TEXT,
        "endpoint": TEXT,
        "port": INTEGER,
        "status": TEXT,
        "errorMessage": TEXT,
        "properties": ANYTHING,
        "nodes": ANYTHING,
    }
)
_FINE_TUNING = record(
    {
        "modelProvider!": words("Custom", "AzureOpenAI"),
        "taskType!": words(
            *("ChatCompletion", "TextCompletion", "TextClassification", "QuestionAnswering", "TextSummarization"),
            *("TokenClassification", "TextTranslation"),
        ),
        "model!": _INPUT,
        "trainingData!": _INPUT,
        "validationData": _INPUT,
        "hyperParameters": MapOf(ANYTHING),
    }
)

JOB = resource(
    record(
        {
            "jobType!": words("FineTuning", "Pipeline", "Command", "Sweep", "AutoML", "Spark", "Labeling", "Base"),
            "status!": STATUS,
            "displayName": TEXT,
            "experimentName": TEXT,
            "description": TEXT,
            "isArchived": BOOLEAN,
            "tags": TEXT_MAP,
            "properties": TEXT_MAP,
            "services": MapOf(_SERVICE),
            "computeId": TEXT,
            "componentId": TEXT,
            "identity": ANYTHING,
            "notificationSetting": ANYTHING,
            "secretsConfiguration": ANYTHING,
            "parentJobName": TEXT,
            "inputs": ANY_MAP,
            "outputs": MapOf(_OUTPUT),
            "resources": record({"instanceTypes": TEXTS, "instanceType": TEXT, "instanceCount": INTEGER}),
            "queueSettings": record({"jobTier": words("Null", "Spot", "Basic", "Standard", "Premium")}),
        },
        by="jobType",
        variants={
            "FineTuning": {"fineTuningDetails!": _FINE_TUNING, "outputs!": MapOf(_OUTPUT)},
            "Pipeline": {"jobs!": ANY_MAP, "settings": ANY_MAP, "sourceJobId": TEXT},
        },
    )
)
JOBS = listing(JOB)

_RUN_ERROR = record(
    {
        "error!": record(
            {
                "code!": TEXT,
                "message!": TEXT,
                "messageFormat": TEXT,
                "messageParameters": ANY_MAP,
                "details": ArrayOf(ANYTHING),
                "innerError": ANYTHING,
                "severity": ANYTHING,
                "target": TEXT,
                "referenceCode": TEXT,
                "debugInfo": ANYTHING,
                "additionalInfo": ANYTHING,
            }
        ),
        "environment": TEXT,
        "location": TEXT,
        "time": TIME,
        "correlation": ANYTHING,
        "componentName": TEXT,
    }
)
_WARNING = record({"source": TEXT, "message": TEXT})
_RUN: Fields = {
    "runId!": TEXT,
    "status!": STATUS,
    "startTimeUtc": TIME,
    "endTimeUtc": TIME,
    "error": _RUN_ERROR,
    "warnings": ArrayOf(_WARNING),
    "rootRunId": TEXT,
    "parentRunId": TEXT,
    "tags": TEXT_MAP,
    "properties": TEXT_MAP,
    "target": TEXT,
    "inputs": ANYTHING,
    "outputs": ANYTHING,
}

RUN_DETAILS = record(
    {
        **_RUN,
        "logFiles!": TEXT_MAP,
        "currentComputeTime": TEXT,
        "computeDuration": TEXT,
        "effectiveStartTimeUtc": TIME,
        "submittedBy": ANYTHING,
        "services": ANYTHING,
        "inputDatasets": ANYTHING,
        "outputDatasets": ANYTHING,
        "runDefinition": ANYTHING,
        "jobCost": ANYTHING,
        "revision": ANYTHING,
        "statusRevision": ANYTHING,
        "runTypeV2": ANYTHING,
        "runUuid": TEXT,
        "rootRunUuid": TEXT,
        "parentRunUuid": TEXT,
    },
    by="status",
    variants={"Failed": {"error!": _RUN_ERROR, "endTimeUtc!": TIME}, "Completed": {"endTimeUtc!": TIME}},
)

RUN = record(
    {
        **_RUN,
        "runUuid": TEXT,
        "runNumber": INTEGER,
        "experimentName": TEXT,
        "experimentId": TEXT,
        "dataContainerId": TEXT,
        "displayName": TEXT,
        "name": TEXT,
        "description": TEXT,
        "hidden": BOOLEAN,
        "createdUtc": TIME,
        "createdBy": ANYTHING,
        "lastModifiedBy": ANYTHING,
        "lastModifiedUtc": TIME,
        "runType": TEXT,
        "runTypeV2": ANYTHING,
        "compute": ANYTHING,
        "services": ANYTHING,
        "settings": ANYTHING,
        "inputDatasets": ANYTHING,
        "outputDatasets": ANYTHING,
        "duration": TEXT,
        "queueingInfo": ANYTHING,
    }
)
RUNS = record({"value!": ArrayOf(RUN), "nextLink": TEXT, "continuationToken": TEXT})

_PAGE: Fields = {"continuationToken": TEXT, "nextLink": TEXT}
METRIC_NAMES = record(
    {
        "value!": ArrayOf(record({"metricKey!": record({"name!": TEXT}), "columns": TEXT_MAP, "properties": ANY_MAP})),
        **_PAGE,
    }
)
METRIC = record(
    {
        "value!": ArrayOf(
            record(
                {
                    "step!": INTEGER,
                    "data!": MapOf(Either((NUMBER, TEXT))),
                    "metricId": TEXT,
                    "createdUtc": TIME,
                    "numCells": INTEGER,
                }
            )
        ),
        "name": TEXT,
        "columns": TEXT_MAP,
        "properties": ANY_MAP,
        "dataContainerId": TEXT,
        **_PAGE,
    }
)
