"""Files, uploads, fine-tuning jobs and webhook endpoints of Azure AI Foundry's OpenAI-compatible API, and its errors.

Sources: Azure/azure-rest-api-specs `OpenAI.v1/azure-v1-v1-generated.yaml` and `AzureOpenAI/authoring` 2024-10-21 and
2025-04-01-preview; outputs kept in notebooks of microsoft-foundry/fine-tuning; openai/openai-python#1527 for the
gateway's error without `error`.
"""

from __future__ import annotations

from ..shapes import (
    ANY_MAP,
    ANYTHING,
    BOOLEAN,
    INTEGER,
    NUMBER,
    TEXT,
    TEXTS,
    ArrayOf,
    Either,
    Fields,
    MapOf,
    Record,
    record,
    words,
)

V1_ERROR = record(
    {
        "error!": record(
            {
                "code!": TEXT,
                "message!": TEXT,
                "param": TEXT,
                "type": TEXT,
                "inner_error": ANY_MAP,
                "innererror": ANY_MAP,
                "status": ANYTHING,
                "details": ANYTHING,
            }
        )
    }
)
DATED_ERROR = record(
    {
        "error!": record(
            {
                "code!": TEXT,
                "message!": TEXT,
                "target": TEXT,
                "details": ArrayOf(ANYTHING),
                "innererror": ANY_MAP,
                "param": TEXT,
                "type": TEXT,
            }
        )
    }
)
GATEWAY_ERROR = record({"statusCode!": INTEGER, "message!": TEXT})


def page(item: Record) -> Record:
    """Return the shape of one page of a list."""
    return record(
        {
            "data!": ArrayOf(item),
            "has_more!": BOOLEAN,
            "object": words("list"),
            "first_id": TEXT,
            "last_id": TEXT,
        }
    )


_REASON = record({"code": TEXT, "message": TEXT, "param": TEXT, "innererror": ANYTHING})
FILE = record(
    {
        "id!": TEXT,
        "filename!": TEXT,
        "purpose!": words("fine-tune", "fine-tune-results", "assistants", "assistants_output", "batch", "evals"),
        "status!": words("pending", "running", "processed", "error", "uploaded", "deleting", "deleted"),
        "created_at!": INTEGER,
        "bytes": INTEGER,
        "object": words("file"),
        "expires_at": INTEGER,
        "status_details": TEXT,
        "error": _REASON,
        "statistics": ANYTHING,
    }
)
FILES = page(FILE)
DELETED_FILE = record({"id": TEXT, "object": TEXT, "deleted!": BOOLEAN})

UPLOAD = record(
    {
        "id!": TEXT,
        "status!": words("pending", "completed", "cancelled", "expired"),
        "bytes": INTEGER,
        "filename": TEXT,
        "purpose": TEXT,
        "created_at": INTEGER,
        "expires_at": INTEGER,
        "object": words("upload"),
        "file": FILE,
    },
    by="status",
    variants={"completed": {"file!": FILE}},
)
UPLOAD_PART = record(
    {
        "id!": TEXT,
        "object": words("upload.part"),
        "created_at": INTEGER,
        "upload_id": TEXT,
        "azure_block_id": TEXT,
    }
)

_NUMBER_OR_WORD = Either((NUMBER, TEXT))
_HYPERPARAMETERS = record(
    {
        "n_epochs": _NUMBER_OR_WORD,
        "batch_size": _NUMBER_OR_WORD,
        "learning_rate_multiplier": _NUMBER_OR_WORD,
        "beta": _NUMBER_OR_WORD,
        "l2_multiplier": _NUMBER_OR_WORD,
        "compute_multiplier": _NUMBER_OR_WORD,
        "eval_interval": _NUMBER_OR_WORD,
        "eval_samples": _NUMBER_OR_WORD,
        "reasoning_effort": TEXT,
        "max_episode_steps": _NUMBER_OR_WORD,
        "prompt_loss_weight": _NUMBER_OR_WORD,
    }
)
_OF_METHOD = record({"hyperparameters": _HYPERPARAMETERS})
_METHOD = record(
    {
        "type!": words("supervised", "dpo", "reinforcement"),
        "supervised": _OF_METHOD,
        "dpo": _OF_METHOD,
        "reinforcement": record(
            {"grader": ANY_MAP, "hyperparameters": _HYPERPARAMETERS, "response_format": ANYTHING, "tools": ANYTHING}
        ),
    }
)
JOB = record(
    {
        "id!": TEXT,
        "model!": TEXT,
        "status!": words(
            *("pending", "created", "validating_files", "queued", "running", "pausing", "paused", "resuming"),
            *("succeeded", "failed", "cancelled"),
        ),
        "created_at!": INTEGER,
        "training_file!": TEXT,
        "validation_file": TEXT,
        "object": words("fine_tuning.job"),
        "hyperparameters": _HYPERPARAMETERS,
        "method": _METHOD,
        "trainingType": words("standard", "globalStandard", "developerTier", "dataZoneStandard"),
        "seed": INTEGER,
        "suffix": TEXT,
        "user_provided_suffix": TEXT,
        "metadata": ANY_MAP,
        "integrations": ArrayOf(ANYTHING),
        "estimated_finish": INTEGER,
        "finished_at": INTEGER,
        "fine_tuned_model": TEXT,
        "result_files": TEXTS,
        "trained_tokens": INTEGER,
        "organization_id": TEXT,
        "error": _REASON,
        "eval": ANYTHING,
        "eval_id": TEXT,
        "usage_metrics": ANYTHING,
        "shared_with_openai": ANYTHING,
    },
    by="status",
    variants={
        "succeeded": {"fine_tuned_model!": TEXT, "result_files!": TEXTS, "finished_at!": INTEGER},
        "failed": {"error!": _REASON, "finished_at": INTEGER},
    },
)
JOBS = page(JOB)

EVENT = record(
    {
        "id!": TEXT,
        "created_at!": INTEGER,
        "level!": words("info", "warn", "warning", "error"),
        "message!": TEXT,
        "type": words("message", "metrics"),
        "object": words("fine_tuning.job.event"),
        "data": ANYTHING,
    }
)
EVENTS = page(EVENT)

CHECKPOINT = record(
    {
        "id!": TEXT,
        "fine_tuned_model_checkpoint!": TEXT,
        "step_number!": INTEGER,
        "created_at!": INTEGER,
        "fine_tuning_job_id!": TEXT,
        "metrics!": MapOf(NUMBER),
        "object": words("fine_tuning.job.checkpoint"),
    }
)
CHECKPOINTS = page(CHECKPOINT)
CHECKPOINT_COPY = record(
    {
        "checkpointedModelName": TEXT,
        "fineTuningJobId": TEXT,
        "copiedAccountDetails!": ArrayOf(
            record(
                {
                    "destinationResourceId!": TEXT,
                    "region": TEXT,
                    "status!": words("InProgress", "Completed", "Failed"),
                }
            )
        ),
    }
)

_WEBHOOK: Fields = {
    "id!": TEXT,
    "name": TEXT,
    "url!": TEXT,
    "event_types!": ArrayOf(words(*(f"fine_tuning.job.{word}" for word in ("succeeded", "failed", "cancelled")))),
    "created_at": INTEGER,
    "updated_at": INTEGER,
    "object": words("webhook.endpoint"),
    "signing_secret_hint": TEXT,
}
WEBHOOKS = page(record(_WEBHOOK))
NEW_WEBHOOK = record({**_WEBHOOK, "signing_secret!": TEXT})
DELETED = record({"id": TEXT, "object": TEXT, "deleted!": BOOLEAN})
