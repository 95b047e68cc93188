"""Operations of serverless endpoints: their resources, and the chat with the model behind one."""

from __future__ import annotations

from dataclasses import replace

from ..answers import chat, serverless
from ..answers.common import ASYNC_OPERATION, KEYS, LOCATION, OPERATION, RETRY_AFTER
from ..operation import Answer, Level, Opaque
from .services import SERVERLESS, SERVERLESS_CHAT

_ONE = "/serverlessEndpoints/{name}"
_COST = "hosting by the hour for a fine-tuned model, and the tokens of each chat"
_CHAT = Answer("completion", chat.COMPLETION, alternatives=(chat.CHUNKS,))

OPERATIONS = (
    SERVERLESS.operation(
        "endpoints.list", "GET", "/serverlessEndpoints", {200: Answer("serverless endpoints", serverless.ENDPOINTS)}
    ),
    SERVERLESS.operation(
        "endpoints.get", "GET", _ONE, {200: Answer("serverless endpoint", serverless.ENDPOINT)}, errors=(404,)
    ),
    SERVERLESS.operation(
        "endpoints.create",
        "PUT",
        _ONE,
        {
            200: Answer("serverless endpoint", serverless.ENDPOINT),
            201: Answer("new serverless endpoint", serverless.ENDPOINT, (ASYNC_OPERATION,)),
        },
        level=Level.FULL,
        cost=_COST,
        errors=(400, 409),
    ),
    SERVERLESS.operation(
        "endpoints.delete",
        "DELETE",
        _ONE,
        {202: Answer("accepted", Opaque.ANY, (OPERATION, RETRY_AFTER)), 204: Answer("nothing", Opaque.EMPTY)},
        level=Level.FULL,
        errors=(404, 409),
    ),
    SERVERLESS.operation("endpoints.list_keys", "POST", _ONE + "/listKeys", {200: Answer("keys", KEYS)}, errors=(404,)),
    SERVERLESS.operation(
        "endpoints.regenerate_keys",
        "POST",
        _ONE + "/regenerateKeys",
        {200: Answer("keys", KEYS), 202: Answer("accepted", Opaque.ANY, (LOCATION, RETRY_AFTER))},
        level=Level.FULL,
        errors=(400, 404),
    ),
    replace(SERVERLESS_CHAT, level=Level.FULL).operation(
        "chat.complete",
        "POST",
        ("/v1/chat/completions", "/chat/completions", "/maas/{endpoint}/v1/chat/completions"),
        {200: _CHAT},
        cost="the tokens of the chat",
        errors=(400, 404, 413, 422, 424),
    ),
)
