"""Errors of Foundry are read in all five shapes, and each says what to do about what is really wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from maas_client import errors
from maas_client.core.http_messages import Reply, Request
from maas_client.http.error_responses import error_from, unexpected

V1 = "https://res.openai.azure.com/openai/v1"
DATED = "https://res.openai.azure.com/openai"
ARM = "https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/res"
CREATE = Request("POST", f"{V1}/fine_tuning/jobs")
CHAT = Request("POST", f"{V1}/chat/completions")
UPLOAD = Request("POST", f"{V1}/files")
DEPLOY = Request("PUT", f"{ARM}/deployments/shop?api-version=2025-09-01")


def refused(
    request: Request, status: int, document: object = None, *, headers: Mapping[str, str] | None = None
) -> errors.ServiceError:
    body = b"" if document is None else json.dumps(document).encode()
    return error_from(request, Reply(status, headers or {}, body))


def v1(code: str, message: str, param: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "param": param, "type": "error", "inner_error": {}}}


def dated(code: str, message: str, target: str | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "target": target, "details": [], "innererror": {}}}


SHAPES: Mapping[str, tuple[object, str, str]] = {
    "v1": (v1("invalidPayload", "no such file", "training_file"), "invalidPayload", "training_file"),
    "v1 without a code": ({"error": {"message": "no such file", "type": "error", "param": None}}, "", ""),
    "dated": (dated("invalidPayload", "no such file", "training_file"), "invalidPayload", "training_file"),
    "gateway": ({"error": {"code": "401", "message": "no such file"}}, "401", ""),
    "gateway without error": ({"statusCode": 401, "message": "no such file"}, "401", ""),
    "inference": (
        {"error": {"message": "no such file", "type": "too_many_requests", "param": None, "code": None}},
        "too_many_requests",
        "",
    ),
    "ARM": ({"error": {"code": "InvalidTemplate", "message": "no such file"}}, "InvalidTemplate", ""),
    "words only": ({"error": "no such file"}, "", ""),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_of_an_error_is_read(shape: str) -> None:
    document, code, param = SHAPES[shape]
    error = refused(CREATE, 400, document)
    assert (error.detail, error.code, error.param) == ("no such file", code, param)
    assert (f", parameter {param}" in str(error)) == bool(param)


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"apim-request-id": "gateway", "x-request-id": "openai"}, "gateway"),
        ({"x-request-id": "openai"}, "openai"),
        ({"x-ms-request-id": "azure", "apim-request-id": "gateway"}, "azure"),
        ({}, ""),
    ],
)
def test_the_request_id_is_kept_whoever_gives_it(headers: Mapping[str, str], request_id: str) -> None:
    assert refused(CREATE, 400, v1("c", "m"), headers=headers).request_id == request_id
    assert unexpected(CREATE, Reply(200, headers), "no JSON").request_id == request_id


def test_details_and_findings_of_the_content_filter_are_shown() -> None:
    inner = {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"violence": {"filtered": True, "severity": "high"}, "hate": {"filtered": False}},
    }
    error = refused(CHAT, 400, {"error": {"code": "content_filter", "message": "Filtered.", "innererror": inner}})
    assert error.detail == "Filtered. (violence: high)"
    details = [{"code": "x", "message": "row 3 has no messages"}, {"code": "y", "target": "file"}]
    assert refused(CREATE, 400, {"error": {"message": "Invalid.", "details": details}}).detail == (
        "Invalid. (row 3 has no messages)"
    )


def test_the_pause_in_milliseconds_is_kept() -> None:
    error = refused(CHAT, 429, v1("429", "slow down"), headers={"retry-after-ms": "2500", "retry-after": "2"})
    assert isinstance(error, errors.Throttled)
    assert error.retry_after == 2.5


NO_TIER = "The specified base model qwen3-32b does not support fine-tuning with Standard TrainingType."
RATE = "Your requests to shop for gpt-4.1-mini in swedencentral have exceeded token rate limit."
QUOTA = "This operation require 100 new capacity in quota Tokens Per Minute (thousands) - gpt - GlobalStandard."
ROWS: Mapping[str, tuple[Request, int, object, str]] = {
    "wrong key": (
        CREATE,
        401,
        {"error": {"code": "401", "message": "Access denied due to invalid subscription key or wrong API endpoint."}},
        "Check the key, which has to be one of this account's",
    ),
    "no credential": (
        CREATE,
        401,
        {"statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to send one."},
        "set FOUNDRY_API_KEY or sign in",
    ),
    "token of a wrong audience": (
        CREATE,
        401,
        {"error": {"code": "401", "message": "The access token is invalid: wrong audience."}},
        "set FOUNDRY_SCOPE to https://ai.azure.com/.default",
    ),
    "a 401 without words": (CREATE, 401, None, "for a token of another service set FOUNDRY_SCOPE"),
    "resource blocked": (
        CREATE,
        403,
        {"error": {"code": "403", "message": "Your resource has been temporarily blocked because of its use."}},
        "The account is blocked and not the identity",
    ),
    "a 403 without words": (CREATE, 403, None, "needs the role Foundry User"),
    "unknown path or api-version missing": (
        Request("GET", f"{DATED}/files"),
        404,
        {"error": {"code": "404", "message": "Resource not found"}},
        "Check the endpoint's URL",
    ),
    "dated api-version on v1": (
        CREATE,
        400,
        {"error": {"code": "BadRequest", "message": "api-version query parameter is not allowed with /v1 path"}},
        "leave it out of the endpoint's URL",
    ),
    "unknown project": (CREATE, 404, {"error": {"message": "Project not found"}}, "is found after some seconds"),
    "file part without type": (
        UPLOAD,
        400,
        v1("invalidPayload", "The file has no or an empty content type specified."),
        "needs a Content-Type",
    ),
    "file too big": (UPLOAD, 400, v1("invalidPayload", "The maximum allowed size is 512 MB."), "`maas split`"),
    "body too big": (UPLOAD, 413, None, "`maas split`"),
    "file not processed yet": (CREATE, 400, v1("", "file import not completed"), "try again in a few seconds"),
    "file not ready": (CREATE, 400, v1("", "File status is not 'ready'"), "try again in a few seconds"),
    "base not tunable": (
        CREATE,
        400,
        v1("invalidPayload", "The specified base model does not support fine-tuning."),
        "`maas models` lists the models that can be trained",
    ),
    "no or wrong training tier": (
        CREATE,
        400,
        v1("invalidPayload", NO_TIER),
        "choose another `training_tier`, such as GlobalStandard",
    ),
    "method not offered": (
        CREATE,
        400,
        v1("", "Finetuning with gpt-5.4-mini-2026-03-17 requires the reinforcement method of finetuning."),
        "Choose the `method` that the message names",
    ),
    "DPO hyperparameters at the top": (
        CREATE,
        400,
        v1("invalidPayload", "Use method.dpo for hyperparameters"),
        "belong into method.dpo.hyperparameters",
    ),
    "unknown training file": (
        CREATE,
        400,
        dated("invalidPayload", "The file does not exist.", "training_file"),
        "Check that the file is in this account",
    ),
    "limits": (CREATE, 429, dated("quotaExceeded", "Too many jobs."), "The account has reached a limit"),
    "a hiccup of create": (
        CREATE,
        500,
        v1("internalFailure", "A system error was encountered, please try again later"),
        "nothing is created twice",
    ),
    "a finished job is canceled": (
        Request("POST", f"{V1}/fine_tuning/jobs/ftjob-1/cancel"),
        400,
        v1("unexpectedEntityState", "The job is in a terminal state."),
        "`maas jobs show NAME` prints it",
    ),
    "throttled by the gateway": (CREATE, 429, {"error": {"code": "429", "message": "slow"}}, "Wait and try again"),
    "throttled by the model": (CHAT, 429, v1("rate_limit_exceeded", RATE), "more capacity of the deployment"),
    "unknown or too fresh deployment": (
        CHAT,
        404,
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}},
        "can take some minutes until it is found",
    ),
    "deployed and not loaded": (CHAT, 404, v1("DeploymentNotReady", "Not ready."), "still being loaded"),
    "a deployment with an error": (CHAT, 400, v1("DeploymentError", ""), "delete the deployment and create it again"),
    "an adapter that did not load": (CHAT, 500, v1("", "Failed to load LoRA adapter"), "a capacity of 100 or more"),
    "an adapter that was not fetched": (
        CHAT,
        500,
        v1("", "Failed to get finetune weights path: TooManyRequests"),
        "a capacity of 100 or more",
    ),
    "prompt filtered": (CHAT, 400, v1("content_filter", "The response was filtered."), "has refused the prompt"),
    "images or a missing role": (
        CREATE,
        400,
        v1("", "images are not supported for provided model"),
        "AIServices/agents/write",
    ),
    "ARM: bad token": (DEPLOY, 401, {"error": {"code": "InvalidAuthenticationToken"}}, "and no key"),
    "ARM: expired token": (DEPLOY, 403, {"error": {"code": "AuthenticationFailed"}}, "and no key"),
    "ARM: no role": (DEPLOY, 403, {"error": {"code": "AuthorizationFailed"}}, "accounts/deployments/write"),
    "ARM: no group": (DEPLOY, 404, {"error": {"code": "ResourceGroupNotFound", "message": "x"}}, "Check the settings"),
    "ARM: no account": (DEPLOY, 404, {"error": {"code": "ParentResourceNotFound", "message": "x"}}, "FOUNDRY_ACCOUNT"),
    "ARM: model unknown": (
        DEPLOY,
        400,
        {"error": {"code": "DeploymentModelNotSupported", "message": "The model is not supported."}},
        "the output model that `maas jobs show` prints",
    ),
    "ARM: wrong model format": (
        DEPLOY,
        500,
        {"error": {"code": "InternalServerError", "message": ""}},
        "`model_format`",
    ),
    "ARM: wrong SKU": (DEPLOY, 400, {"error": {"code": "InvalidResourceProperties"}}, "with GlobalStandard only"),
    "ARM: quota": (DEPLOY, 400, {"error": {"code": "InsufficientQuota", "message": QUOTA}}, "ask for more quota"),
    "ARM: being changed": (DEPLOY, 409, {"error": {"code": "RequestConflict", "message": "x"}}, "in 20 seconds"),
}
"""The errors that Foundry is known for: request, status, body, and a part of the hint."""


@pytest.mark.parametrize("row", ROWS)
def test_each_known_error_says_what_to_do(row: str) -> None:
    request, status, document, hint = ROWS[row]
    error = refused(request, status, document)
    assert hint in str(error)
    assert "workspace" not in str(error)


def test_the_service_says_its_own_words_before_the_hint() -> None:
    error = refused(CREATE, 400, v1("invalidPayload", NO_TIER))
    assert str(error) == (
        f"cannot create a job in account 'res': {NO_TIER} The model cannot be trained on this tier: choose "
        "another `training_tier`, such as GlobalStandard or Developer (POST https://res.openai.azure.com/openai/v1/"
        "fine_tuning/jobs: 400 invalidPayload)"
    )


def test_no_hint_of_foundry_is_given_for_another_service() -> None:
    azure_ml = Request("POST", "https://shop.models.ai.azure.com/v1/chat/completions")
    assert "FOUNDRY" not in str(refused(azure_ml, 401, {"statusCode": 401, "message": "missing subscription key"}))
    assert "Azure AI Developer" in str(refused(azure_ml, 403))


def test_a_secret_in_an_error_of_foundry_is_kept_nowhere() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    document = {"error": {"message": f"api-key: 0123456789abcdef0123456789abcdef, {secret}", "signing_secret": secret}}
    for request in (CREATE, Request("POST", f"{V1}/dashboard/webhook_endpoints", secret_reply=True)):
        error = refused(request, 400, document, headers={"apim-request-id": secret})
        assert "whsec_Mf" not in f"{error} {vars(error)}"
        assert "0123456789abcdef" not in f"{error} {vars(error)}"
        assert "***" in str(error)
