"""Answers of deployed models to a chat, whole and as a stream, and the errors of their gateways.

Sources: the OpenAI API's `chat.completion` and `chat.completion.chunk`; MicrosoftDocs `how-to-troubleshoot-online-
endpoints.md`; the curated serving image's `/score` (Azure/azureml-assets `foundation-model-serve`); Azure's REST
specification `OpenAI.v1` for what Foundry adds.
"""

from __future__ import annotations

from ..operation import Events
from ..shapes import ANY_MAP, ANYTHING, INTEGER, TEXT, TEXT_MAP, ArrayOf, Either, Fields, Record, record, words
from .common import TOKEN_USAGE

_TOOL_CALL = record(
    {"id": TEXT, "index": INTEGER, "type": words("function"), "function!": record({"name": TEXT, "arguments": TEXT})}
)
_MESSAGE = record(
    {
        "role!": words("assistant"),
        "content": TEXT,
        "tool_calls": ArrayOf(_TOOL_CALL),
        "refusal": TEXT,
        "annotations": ArrayOf(ANYTHING),
        "reasoning_content": TEXT,
    }
)
_DELTA = record(
    {
        "role": words("assistant"),
        "content": TEXT,
        "tool_calls": ArrayOf(_TOOL_CALL),
        "refusal": TEXT,
        "reasoning_content": TEXT,
    }
)
_END = words("stop", "length", "tool_calls", "content_filter", "function_call")
_CHOICE: Fields = {"index!": INTEGER, "logprobs": ANYTHING, "content_filter_results": ANY_MAP, "stop_reason": ANYTHING}
_HEAD: Fields = {
    "id": TEXT,
    "created": INTEGER,
    "model": TEXT,
    "system_fingerprint": TEXT,
    "service_tier": TEXT,
    "prompt_filter_results": ArrayOf(ANYTHING),
}

COMPLETION = record(
    {
        **_HEAD,
        "object": words("chat.completion"),
        "choices!": ArrayOf(record({**_CHOICE, "message!": _MESSAGE, "finish_reason!": _END})),
        "usage!": TOKEN_USAGE,
    }
)
CHUNKS = Events(
    record(
        {
            **_HEAD,
            "object": words("chat.completion.chunk", ""),
            "choices!": ArrayOf(record({**_CHOICE, "delta": _DELTA, "finish_reason": _END})),
            "usage": TOKEN_USAGE,
            "obfuscation": TEXT,
        }
    )
)

SCORE = record(
    {
        "output": Either((TEXT, ArrayOf(ANYTHING))),
        "message": _MESSAGE,
        "finish_reason": _END,
        "usage": TOKEN_USAGE,
        "model": TEXT,
        "id": TEXT,
        "tool_calls": ArrayOf(_TOOL_CALL),
        "reasoning_content": TEXT,
        "error": record({"status_code": INTEGER, "body": ANYTHING}),
    }
)
"""The answer of a current image to `/score`; an empty object means that it failed."""
SCORE_OF_MLFLOW = ArrayOf(TEXT_MAP)
"""The answer of an older image, with columns by number."""

MODEL_ERROR: Record = record(
    {
        "error!": record(
            {
                "code": TEXT,
                "message!": TEXT,
                "type": TEXT,
                "param": TEXT,
                "status": ANYTHING,
                "details": ANYTHING,
                "inner_error": ANY_MAP,
                "innererror": ANY_MAP,
            }
        )
    }
)
"""An error in OpenAI's shape, as models and their servers answer."""
