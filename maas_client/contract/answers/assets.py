"""Data assets and registered models of a workspace: their names and their versions.

Sources: azure-ai-ml 1.35.2 `_restclient/arm_ml_service/models/_models.py` (DataVersionBase, DataContainer,
ModelVersion, ModelContainer).
"""

from __future__ import annotations

from ..shapes import ANY_MAP, ANYTHING, BOOLEAN, TEXT, TEXT_MAP, Fields, record, words
from .common import listing, resource

_DATA_TYPE = words("uri_file", "uri_folder", "mltable")
_CONTAINER: Fields = {
    "latestVersion": TEXT,
    "nextVersion": TEXT,
    "isArchived": BOOLEAN,
    "tags": TEXT_MAP,
    "properties": ANY_MAP,
    "description": TEXT,
    "provisioningState": TEXT,
}
_VERSION: Fields = {
    "tags": TEXT_MAP,
    "properties": ANY_MAP,
    "description": TEXT,
    "isAnonymous": BOOLEAN,
    "isArchived": BOOLEAN,
    "stage": TEXT,
    "provisioningState": TEXT,
    "autoDeleteSetting": ANYTHING,
}

DATA_NAME = resource(record({**_CONTAINER, "dataType!": _DATA_TYPE, "nextVersion!": TEXT}))
DATA_NAMES = listing(DATA_NAME)
DATA_VERSION = resource(
    record({**_VERSION, "dataType!": _DATA_TYPE, "dataUri!": TEXT, "intellectualProperty": ANY_MAP})
)
DATA_VERSIONS = listing(DATA_VERSION)

MODEL_NAME = resource(record(_CONTAINER))
MODEL_NAMES = listing(MODEL_NAME)
MODEL_VERSION = resource(
    record(
        {
            **_VERSION,
            "modelUri!": TEXT,
            "modelType!": words("mlflow_model", "custom_model", "triton_model"),
            "jobName": TEXT,
            "flavors": ANY_MAP,
            "datasets": ANYTHING,
            "defaultDeploymentTemplate": ANY_MAP,
        }
    )
)
MODEL_VERSIONS = listing(MODEL_VERSION)
