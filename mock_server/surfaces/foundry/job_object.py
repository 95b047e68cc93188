"""The job object of Foundry: keys without a value are absent, as in saved answers of the real service."""

from mock_server.core.json_values import Json, child, text
from mock_server.resources import foundry_results
from mock_server.resources.foundry_jobs import Job
from mock_server.resources.foundry_models_made import model_name
from mock_server.training import foundry_models


def to_json(job: Job) -> Json:
    """Return a job in the service's format."""
    shown, plan, status = child(job.document, "shown"), job.course.plan, job.status
    start = job.begun if job.begun is not None else job.now
    shown_now: Json = {
        "id": job.id,
        "created_at": int(job.created),
        **shown,
        "object": "fine_tuning.job",
        "status": status,
        "estimated_finish": int(start + plan.seconds),
    }
    if job.finished is not None:
        shown_now["finished_at"] = int(job.finished)
    if job.is_final and job.document.get("results"):
        shown_now["result_files"] = [foundry_results.file_id(job.id)]
    if status == "failed":
        shown_now["error"] = {"code": job.course.code, "message": plan.failure}
    if status == "succeeded":
        shown_now["fine_tuned_model"] = model_name(job.id, text(shown, "model"), text(shown, "suffix"))
        # Assumption: `trained_tokens` is the number of tokens in the training file times the epochs, without those of
        #   the validation file.
        # Shown wrong by: A number that is not a multiple of the file's tokens by the model's tokenizer, within a few
        #   for each row.
        # Verified by: tuning job to its end, tuning job results
        # If wrong: The mock server counts differently, and an estimate of the tokens is further from the bill.
        shown_now["trained_tokens"] = int(plan.tokens * plan.epochs)
        shown_now |= _deployment_options(job)
    return _as_openai(job, shown_now) if job.course.passed_through else shown_now


def _as_openai(job: Job, shown: Json) -> Json:
    """Return a job in the format of OpenAI's platform: keys without a value are null or empty, not absent."""
    empty = dict.fromkeys(
        ("fine_tuned_model", "finished_at", "trained_tokens", "validation_file", "metadata", "method")
    )
    own: Json = {
        "organization_id": "org-mock",
        "error": {},
        "result_files": [],
        "integrations": [],
        "user_provided_suffix": child(job.document, "shown").get("suffix"),
        "usage_metrics": None,
        "shared_with_openai": False,
    }
    kept = {name: value for name, value in shown.items() if name not in ("suffix", "trainingType")}
    return {**empty, **own, **kept}


def _deployment_options(job: Job) -> Json:
    """Return the metadata that the service adds to a finished job of an open model: values are not always strings."""
    base = foundry_models.find(text(job.document, "base"))
    if base is None or base.is_openai:
        return {}
    given = child(child(job.document, "shown"), "metadata")
    return {"metadata": {**given, "deployment_options": [{"format": base.format, "version": "1"}]}}
