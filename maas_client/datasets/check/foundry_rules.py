"""The rules of Azure AI Foundry: what its fine-tuning does with every problem, and how to fix it.

An id that Azure Machine Learning has, too, means the same problem; what the service does about it may differ. Foundry
accepts an upload as it is and validates the rows within the job, which fails at the first invalid one. Sources:
MicrosoftDocs/azure-ai-docs, articles/foundry/openai (fine-tuning, -functions, -vision, direct-preference-optimization,
reinforcement-fine-tuning; October 2026), and microsoft-foundry/fine-tuning (Sample_Datasets and Demos, October 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .rules import RULES, Rule, Severity

_FAILS = "The job fails while it validates the file"


def _as(rule: str, severity: Severity, service: str = "", remedy: str = "", *, repairable: bool | None = None) -> Rule:
    """Return a rule of Azure Machine Learning's as Foundry treats the problem."""
    known = RULES[rule]
    return replace(
        known,
        severity=severity,
        service=service or known.service,
        remedy=remedy or known.remedy,
        repairable=known.repairable if repairable is None else repairable,
        stage=None,
    )


_FILE = (
    RULES["file-empty"],
    _as(
        "rows-too-few",
        "refused",
        "The job fails: training needs at least ten rows.",
        "Fix the invalid rows or add rows.",
    ),
    RULES["file-is-pointer"],
    RULES["file-is-web-page"],
    RULES["file-is-compressed"],
    RULES["file-is-table"],
    _as("utf16", "refused", f"{_FAILS}: only UTF-8 is read."),
    _as(
        "bom",
        "warning",
        "The file is read as usual: older documentation asks for a byte-order mark, today's does without.",
        "No action needed; some tools expect UTF-8 without a byte-order mark.",
    ),
    RULES["crlf"],
    _as(
        "lone-carriage-return",
        "warning",
        "The documentation does not say whether a carriage return alone ends a line; the check reads it so.",
    ),
    _as("json-array", "refused", f"{_FAILS}: each line is parsed on its own, and one big array is no row."),
    _as(
        "json-pretty-printed",
        "refused",
        f"{_FAILS}: each line is parsed on its own, and a piece of an object is no row.",
    ),
    Rule(
        "file-in-parts",
        "warning",
        "A file of more than 512 MB is sent in parts through the Uploads API, which takes up to 9 GB.",
        "No action needed: an upload does this; other tools may refuse the file.",
    ),
    Rule(
        "file-too-large",
        "refused",
        "The service takes no file of more than 9 GB.",
        "Leave out rows, or refer to images by URL instead of writing them into the rows.",
    ),
    Rule(
        "images-in-too-many-rows",
        "refused",
        f"{_FAILS}: at most 50,000 rows may have images.",
        "Leave out rows with images.",
    ),
)

_LINE = (
    _as("utf8-invalid", "refused", f"{_FAILS}: decoding stops here, even if all other rows are valid."),
    RULES["row-blank"],
    _as(
        "line-too-long",
        "refused",
        "The check does not parse such a row, so it cannot say what the service does.",
        "Look for a missing line break, or refer to images by URL instead of writing them into the row.",
    ),
    _as("nul-byte", "refused", f"{_FAILS}: a NUL is not allowed in JSON."),
    _as("json-invalid", "refused", f"{_FAILS}: the line is not valid JSON."),
    _as("json-trailing-comma", "refused", f"{_FAILS}: a comma after the object makes the line invalid JSON."),
    _as("row-not-object", "refused", f"{_FAILS}: every row is a JSON object."),
    _as(
        "lone-surrogate", "warning", "Half of a surrogate pair is not a character; what the model learns is undefined."
    ),
    _as(
        "schema-mismatch",
        "refused",
        f"{_FAILS}: the row lacks what the method needs.",
        "Convert the file (`maas convert`, with --map for columns of other names), or check it for the method that it "
        "was written for.",
    ),
    _as("schema-of-other-tool", "refused", f"{_FAILS}: the row lacks what the method needs."),
    _as("schema-misspelt", "refused", f"{_FAILS}: only one spelling of each key is accepted."),
    _as(
        "column-ignored",
        "warning",
        "The documentation does not name this key for the method; nothing is learned from it.",
        "Remove the key, unless the model is one that needs it.",
    ),
    _as(
        "mark-ignored",
        "warning",
        "The mark is ignored, and the turn is trained on anyway; only weight 0 of an assistant message is respected.",
        'Write "weight": 0 on the assistant message, or remove the row.',
    ),
)

_TURNS = (
    _as("chat-messages-not-list", "refused", f"{_FAILS}: messages must be a list."),
    _as("chat-too-short", "refused", f"{_FAILS}: a conversation needs messages."),
    _as("chat-message-not-object", "refused", f"{_FAILS}: every message is an object."),
    _as(
        "chat-role-invalid",
        "refused",
        f"{_FAILS}: the roles are system, developer, user, assistant and tool.",
        "Give every message one of these roles.",
    ),
    _as("chat-role-misnamed", "refused", f"{_FAILS}: the roles are system, developer, user, assistant and tool."),
    _as("chat-message-misspelt", "refused", f"{_FAILS}: a message's keys must be spelled `role` and `content`."),
    _as(
        "chat-content-invalid",
        "refused",
        f"{_FAILS}: a message has text, a list of parts, or tool calls.",
        "Make `content` a string or a list of parts; only a message with `tool_calls` goes without.",
    ),
    _as("chat-content-empty", "warning", "The turn is used without text."),
    Rule(
        "chat-part-invalid",
        "refused",
        f"{_FAILS}: a part of the content is text or an image.",
        'Write parts as {"type": "text", "text": …} or {"type": "image_url", "image_url": {"url": …}}.',
    ),
    _as(
        "chat-function-call",
        "warning",
        "`functions` and `function_call` are deprecated, and replaced by `tools` and `tool_calls`.",
        "Convert the file: `maas convert FILE --to OUT --for foundry` writes them as tools and tool calls.",
    ),
    _as(
        "chat-key-ignored",
        "warning",
        "The documentation does not name this key of a message; nothing is learned from it.",
    ),
    Rule(
        "chat-weight-invalid",
        "refused",
        f"{_FAILS}: the weight of a message is 0 or 1.",
        "Write 1 for a message to learn and 0 for one to skip.",
    ),
    Rule(
        "chat-weight-misplaced",
        "refused",
        f"{_FAILS}: only assistant messages have a weight, and it is a number.",
        "Remove the weight from the message; only the assistant's are learned.",
        repairable=True,
    ),
    Rule(
        "chat-weights-all-zero",
        "warning",
        "Nothing is learned from the row: every assistant message has the weight 0.",
        "Remove the row, or give the message to learn the weight 1.",
    ),
    _as("chat-not-alternating", "warning"),
    _as("chat-system-not-first", "warning"),
    _as("chat-no-assistant", "refused", f"{_FAILS}: the last message must be the assistant's."),
    _as(
        "chat-graded-row",
        "refused",
        f"{_FAILS}: supervised fine-tuning learns the assistant's messages, and the row has none.",
        "Train with reinforcement (--method reinforcement), or write the answer as a message of the assistant.",
    ),
    _as(
        "chat-last-not-assistant",
        "refused",
        f"{_FAILS}: the last message must be the assistant's.",
        "End the row with the assistant's message.",
    ),
)

_TOOLS = (
    Rule(
        "chat-content-beside-calls",
        "refused",
        f"{_FAILS}: a message that calls tools must not have content.",
        "Remove `content` from the message.",
        repairable=True,
    ),
    Rule(
        "chat-content-null-beside-calls",
        "warning",
        "The documentation shows messages that call tools without `content`; null is seen in the wild.",
        "Remove `content` from the message.",
        repairable=True,
    ),
    Rule(
        "chat-tools-invalid",
        "refused",
        f"{_FAILS}: tools are a list of functions.",
        'Write tools as a list of {"type": "function", "function": {"name": …, "parameters": …}}.',
    ),
    Rule(
        "chat-tool-calls-invalid",
        "refused",
        f"{_FAILS}: tool calls are a list of functions with an id, a name and arguments, of an assistant message.",
        'Write calls as {"id": …, "type": "function", "function": {"name": …, "arguments": "…"}}.',
    ),
    Rule(
        "chat-tool-arguments-not-text",
        "refused",
        f"{_FAILS}: the arguments of a call are a string of JSON.",
        "Write the arguments as a string that holds the JSON.",
        repairable=True,
    ),
    Rule(
        "chat-tool-arguments-invalid",
        "refused",
        f"{_FAILS}: the arguments of a call are a string of JSON.",
        "Fix the JSON in the string; without arguments write {}.",
    ),
    Rule(
        "chat-tool-undefined",
        "refused",
        f"{_FAILS}: every function that is called must be in the row's tools.",
        "Add the function to `tools`.",
    ),
    Rule(
        "chat-calls-in-several-turns",
        "refused",
        f"{_FAILS}: the answers to calls must follow right after the message that makes them.",
        "Write calls that belong together as one message with several `tool_calls`.",
        repairable=True,
    ),
    Rule(
        "chat-tool-answer-missing",
        "refused",
        f"{_FAILS}: a tool message with the id of each call must follow right after the call.",
        "Add the missing answer as a message with the role `tool`, or remove the call.",
    ),
    Rule(
        "chat-tool-answer-unasked",
        "refused",
        f"{_FAILS}: a tool message answers a call of the message before, by its tool_call_id.",
        "Give the message the id of its call, and move it right after the call.",
    ),
)

_IMAGES = (
    Rule(
        "chat-image-not-from-user",
        "refused",
        f"{_FAILS}: only user messages may have images.",
        "Move the image into a user message.",
    ),
    Rule(
        "chat-image-address-invalid",
        "refused",
        f"{_FAILS}: an image is an http(s) URL or a data URI with base64, and its detail is low, high or auto.",
        "Write the image's address as image_url.url.",
    ),
    Rule(
        "chat-image-kind",
        "refused",
        f"{_FAILS}: images are JPEG, PNG or WEBP.",
        "Convert the image.",
    ),
    Rule(
        "chat-image-colours",
        "refused",
        f"{_FAILS}: images have the colours RGB or RGBA.",
        "Convert the image to RGB.",
    ),
    Rule(
        "chat-image-too-large",
        "refused",
        f"{_FAILS}: an image has at most 10 MB.",
        "Make the image smaller; models see it scaled down anyway.",
    ),
    Rule(
        "chat-images-too-many",
        "refused",
        f"{_FAILS}: a row has at most 64 images.",
        "Split the row.",
    ),
    Rule(
        "chat-images-unseen",
        "refused",
        "The job fails: of the models that are fine-tuned here, only gpt-4o and gpt-4.1 see images.",
        "Choose one of these models, or describe the images in words.",
    ),
)

_METHODS = (
    Rule(
        "preference-input-invalid",
        "refused",
        f"{_FAILS}: input is an object with the messages before the answer.",
        'Write input as {"messages": [{"role": "user", "content": …}]}.',
    ),
    Rule(
        "preference-output-invalid",
        "refused",
        f"{_FAILS}: an output is a list of assistant and tool messages, with at least one of the assistant's.",
        'Write outputs as [{"role": "assistant", "content": …}].',
    ),
    Rule(
        "preference-outputs-equal",
        "warning",
        "Nothing is learned from the row: the preferred output is the other one, too.",
        "Remove the row.",
    ),
    Rule(
        "graded-row-answered",
        "refused",
        f"{_FAILS}: for reinforcement the last message is the user's or developer's; the model writes the answer.",
        "Move the answer into a key of its own, which graders see as item.KEY; or train with supervised fine-tuning.",
    ),
    Rule(
        "routed-labels-empty",
        "refused",
        f"{_FAILS}: the model router learns from labels, which say how well each model answers.",
        "Write the labels of the question.",
    ),
)

_DATASET = (
    "duplicate-row",
    "near-duplicate-row",
    "validation-row-in-training",
    "validation-row-near-training",
    "secret",
    "personal-data",
)


def _table() -> Iterator[Rule]:
    for part in (_FILE, _LINE, _TURNS, _TOOLS, _IMAGES, _METHODS):
        yield from part
    yield from (RULES[rule] for rule in _DATASET)


FOUNDRY_RULES: Mapping[str, Rule] = {rule.id: rule for rule in _table()}
"""Every rule of Foundry by its id, from the whole file down to a single turn. Ids are stable."""
