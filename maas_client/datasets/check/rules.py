"""The rules: every problem a dataset can have, what the service does about it, and how to fix it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["refused", "fatal", "dropped", "changed", "warning"]
"""`refused`: the service rejects the file. `fatal`: the whole job ends at this row. `dropped`: the row is dropped.
`changed`: the model sees less than the row contains. `warning`: the row is used, but probably not as intended."""

Stage = Literal["load", "render"]
"""The stages behind the row filter, which end the whole job at the first row that they cannot read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of problem: a stable id, its severity, what the service does, the remedy, whether --fix repairs it.

    Of a fatal problem `stage` is where the job ends: `load` (one type per column) or `render` (the chat template).
    """

    id: str
    severity: Severity
    service: str
    remedy: str
    repairable: bool = False
    stage: Stage | None = None


_TABLE = (
    # The file as a whole.
    Rule(
        "suffix-not-jsonl",
        "refused",
        "The service takes only files whose name ends in .jsonl.",
        "Rename the file so that it ends in .jsonl.",
    ),
    Rule(
        "file-empty",
        "refused",
        "The job fails: there is nothing to train on.",
        "Write one JSON object per line.",
    ),
    Rule(
        "rows-too-few",
        "refused",
        "The job fails after the bad rows have been dropped.",
        "Fix the dropped rows or add rows.",
    ),
    Rule(
        "file-is-pointer",
        "refused",
        "The service reads the file as it is, and a pointer has no rows.",
        "Fetch the file itself: git lfs pull.",
    ),
    Rule(
        "file-is-web-page",
        "refused",
        "The service reads the file as it is, and a web page has no rows.",
        "Download the file again: the server refused the download, or asked for a login.",
    ),
    Rule(
        "file-is-compressed",
        "refused",
        "The service does not unpack files.",
        "Unpack the file, and check what was in it.",
    ),
    Rule(
        "file-is-table",
        "refused",
        "The service reads JSON lines only.",
        "Convert it: `maas convert` reads Parquet, CSV and TSV; export other tables to one of these first.",
    ),
    Rule(
        "utf16",
        "refused",
        "The service reads only UTF-8; the job fails at the first bytes.",
        "Save the file as UTF-8.",
        repairable=True,
    ),
    Rule(
        "bom",
        "changed",
        "The byte-order mark is skipped; the first row is read as usual.",
        "No action needed; some tools expect UTF-8 without a byte-order mark.",
        repairable=True,
    ),
    Rule(
        "crlf",
        "warning",
        "The carriage returns are skipped as white space; the rows are read as usual.",
        "No action needed; some tools expect plain line feeds.",
        repairable=True,
    ),
    Rule(
        "lone-carriage-return",
        "warning",
        "The file is read in text mode, where a carriage return alone ends a line too.",
        "End lines with a line feed; within a string write \\r.",
        repairable=True,
    ),
    Rule(
        "json-array",
        "dropped",
        "Each line is parsed on its own, so the lines of one big array are dropped.",
        "Write the array's objects one per line, without the brackets and the commas between them.",
        repairable=True,
    ),
    Rule(
        "json-pretty-printed",
        "dropped",
        "Each line is parsed on its own, so an object spread over several lines is dropped.",
        "Write each object on one line, without indentation.",
        repairable=True,
    ),
    # One line, before its content is checked.
    Rule(
        "utf8-invalid",
        "refused",
        "Decoding stops here and the job fails, even if all other rows are valid.",
        "Save the file as UTF-8, or name its encoding: `maas convert FILE --to OUT --encoding windows-1252`.",
    ),
    Rule("row-blank", "dropped", "Blank lines are skipped.", "Remove the blank line.", repairable=True),
    Rule(
        "line-too-long",
        "dropped",
        "No context window holds such a row; the check skips it without parsing it.",
        "Split the row, or look for a missing line break.",
    ),
    Rule(
        "nul-byte",
        "dropped",
        "A NUL is not allowed in JSON, so the row is dropped.",
        "Remove the NULs; many of them in one file mean that it is not UTF-8 text.",
    ),
    Rule("json-invalid", "dropped", "A line that is not valid JSON is dropped.", "Fix the JSON at the given column."),
    Rule(
        "json-trailing-comma",
        "dropped",
        "A comma after the object makes the line invalid JSON; it is dropped.",
        "Remove the comma at the end of the line.",
        repairable=True,
    ),
    Rule(
        "row-not-object",
        "dropped",
        "A row that is not a JSON object is dropped.",
        "Write one JSON object per line.",
    ),
    Rule(
        "lone-surrogate",
        "fatal",
        "Half of a surrogate pair is not a character: the loader rejects the whole file at this row.",
        "Write the whole character, or remove the broken \\u escape.",
        repairable=True,
        stage="load",
    ),
    # Both tasks.
    Rule(
        "schema-mismatch",
        "dropped",
        "A row without the columns of the task is dropped.",
        "Convert the file (`maas convert`, with --map for columns of other names), rename the columns, or check it for "
        "the task it was written for.",
    ),
    Rule(
        "schema-of-other-tool",
        "dropped",
        "A row without the columns of the task is dropped.",
        "Convert the file: `maas convert FILE --to OUT`.",
    ),
    Rule(
        "schema-misspelt",
        "dropped",
        "The service accepts only one spelling of each column; a row with another one is dropped.",
        "Spell the columns as the task does, in lower case.",
        repairable=True,
    ),
    Rule(
        "column-type-changed",
        "fatal",
        "The loader reads each column as one type, also a column that training ignores, and rejects the whole file at "
        "this row. Versions of the library differ; current ones read mixed types.",
        "Remove the column, or give it one type in all rows.",
        repairable=True,
        stage="load",
    ),
    Rule(
        "field-type-changed",
        "fatal",
        "The loader reads each field, also in lists and objects, as one type, and rejects the whole file at this row. "
        "Versions of the library differ; current ones read mixed types.",
        "Give the field one type in all rows.",
        stage="load",
    ),
    Rule(
        "column-ignored",
        "changed",
        "The column is ignored: training never sees it.",
        "Remove the column, or move its content into the text.",
    ),
    Rule(
        "mark-ignored",
        "warning",
        "Marks such as weight 0, train false or label false are ignored: the turn or the row is trained on anyway.",
        "Remove the turn or the row; `maas convert` leaves such rows out.",
    ),
    # Chat.
    Rule(
        "field-appears-late",
        "fatal",
        "The loader settles columns and fields by the first 10 MiB; a new one after them ends the job, even if it was "
        "null or an empty list before.",
        "Move a row that has the field to the beginning of the file.",
        stage="load",
    ),
    Rule(
        "chat-messages-not-list",
        "dropped",
        "A row whose messages are not a list is dropped.",
        "Make `messages` a list of objects with `role` and `content`.",
    ),
    Rule(
        "chat-too-short",
        "dropped",
        "A row with fewer than two messages is dropped.",
        "Give the row a user message and the assistant's answer.",
    ),
    Rule(
        "chat-message-not-object",
        "dropped",
        "A row with a message that is not an object is dropped.",
        "Write every message as an object with `role` and `content`.",
    ),
    Rule(
        "chat-role-invalid",
        "dropped",
        "A row with a message whose role is not a string is dropped.",
        'Give every message a role: "system", "user" or "assistant".',
    ),
    Rule(
        "chat-message-misspelt",
        "dropped",
        "A message's keys must be spelled `role` and `content`; a row with other spellings is dropped.",
        "Spell the message's keys in lower case.",
        repairable=True,
    ),
    Rule(
        "chat-content-invalid",
        "dropped",
        "A row with a message that has neither content nor tool calls is dropped.",
        "Make `content` a string, or a list of parts; or `tool_calls` a list.",
    ),
    Rule(
        "chat-function-call",
        "dropped",
        "A row with a message that has neither content nor tool calls is dropped; function_call is not read.",
        "Convert the file: `maas convert FILE --to OUT` writes function_call as tool calls.",
    ),
    Rule(
        "chat-content-in-parts",
        "fatal",
        "The chat template adds the content to a string: a list of parts ends the job.",
        "Write the text of the parts as one string, as `maas convert` does too.",
        repairable=True,
        stage="render",
    ),
    Rule(
        "chat-content-missing",
        "fatal",
        "The chat template adds the content to a string: a turn that calls tools and has no content ends the job.",
        'Write "content": "" beside the tool calls.',
        repairable=True,
        stage="render",
    ),
    Rule(
        "chat-turn-tools-not-string",
        "fatal",
        "The chat template adds the tools of a system message to a string: with anything else the job ends.",
        "Write the tools as one string of JSON.",
        stage="render",
    ),
    Rule(
        "chat-no-assistant",
        "dropped",
        "Only the assistant's messages are learned; a row without any is dropped.",
        "Add the answer as a message with the role `assistant`.",
    ),
    Rule(
        "chat-graded-row",
        "dropped",
        "Only the assistant's messages are learned; there is no reinforcement fine-tuning (RFT) and no grader.",
        "Nothing here converts such rows: write the answer as a message with the role `assistant`.",
    ),
    Rule(
        "chat-assistant-misnamed",
        "dropped",
        "Only turns with the role `assistant` are learned; a row without any is dropped.",
        "Rename the role to `assistant`.",
        repairable=True,
    ),
    Rule(
        "chat-answer-empty",
        "dropped",
        "Only the assistant's messages are learned; a row whose answers are all empty is dropped.",
        "Write the answer, or remove the row.",
    ),
    Rule(
        "chat-last-not-assistant",
        "warning",
        "Nothing after the last assistant turn is learned.",
        "End the row with the assistant's turn.",
    ),
    Rule(
        "chat-not-alternating",
        "warning",
        "The row is used, with a turn order that does not occur at inference.",
        "Start with a user turn and alternate user and assistant.",
    ),
    Rule(
        "chat-system-not-first",
        "warning",
        "The row is used, with the system message in the middle of the conversation.",
        "Put one system message first.",
    ),
    Rule(
        "chat-content-empty",
        "warning",
        "The turn is rendered without text.",
        "Write the text, or remove the turn.",
    ),
    Rule(
        "chat-content-not-text",
        "fatal",
        "The chat template adds the content to a string: a list of parts ends the job. The models read text only.",
        "Write the content as one string, and describe in words what the other parts showed.",
        stage="render",
    ),
    Rule(
        "chat-content-of-other-tool",
        "fatal",
        "The chat template adds the content to a string: a list of parts ends the job.",
        "Convert the file: `maas convert FILE --to OUT` writes text as one string, and calls and results as messages.",
        stage="render",
    ),
    Rule(
        "chat-tool-calls",
        "warning",
        "The chat template renders text only: the calls are not learned.",
        "Write the call as text in `content`, in the form the application expects.",
    ),
    Rule(
        "chat-key-ignored",
        "changed",
        "The key is ignored: training never sees it.",
        "Remove the key.",
    ),
    Rule(
        "chat-role-uncommon",
        "warning",
        "The templates of mini and medium leave out every role but user, assistant and, on mini, system.",
        "Check the file for a specific model, or move the text into a user or system message.",
    ),
    Rule(
        "chat-role-omitted",
        "changed",
        "The model's template leaves this turn out.",
        "Move the text into a user message.",
    ),
    Rule(
        "chat-role-misnamed",
        "changed",
        "Templates use another name for this role, and most leave the turn out.",
        "Rename the roles to `system`, `user` and `assistant`.",
        repairable=True,
    ),
    Rule(
        "chat-system-omitted",
        "changed",
        "The model has no system role: its template leaves the text out, and the service at best folds it into the "
        "first user message.",
        "Put the text at the start of the first user message, here and at inference.",
        repairable=True,
    ),
    Rule(
        "chat-system-lost",
        "changed",
        "The model has no system role, and only a single system message just before the first user message can be "
        "folded into it: this text is lost.",
        "Put the text into a user message.",
    ),
    Rule(
        "chat-tools-omitted",
        "changed",
        "The model's template does not render tool definitions; the column is not learned.",
        "Describe the tools in the system or user message.",
    ),
    # Tokenization.
    Rule(
        "special-token",
        "warning",
        "The tokenizer reads this special token as the start or end of a turn, wherever it occurs.",
        "Remove the special token from the text, or write it differently.",
    ),
    Rule(
        "row-truncated",
        "changed",
        "The row is truncated at the maximum sequence length; the rest is not learned.",
        "Shorten the row, or split the conversation.",
    ),
    Rule(
        "row-answer-cut-off",
        "dropped",
        "No part of an answer fits within the maximum sequence length; the row is dropped.",
        "Shorten what comes before the answer.",
    ),
    # Text completion.
    Rule(
        "text-not-string",
        "dropped",
        "A row is dropped when either of its two columns is not a string.",
        "Make both columns strings.",
    ),
    Rule(
        "text-empty",
        "warning",
        "The row is used with an empty column.",
        "Write the text, or remove the row.",
    ),
    Rule(
        "text-answer-empty",
        "dropped",
        "A row with nothing to learn is dropped.",
        "Write the text to be learned, or remove the row.",
    ),
    # The dataset as a whole.
    Rule(
        "duplicate-row",
        "warning",
        "The row is trained on as many times as it occurs.",
        "Remove the copies, unless the repetition is intended as a weight.",
        repairable=True,
    ),
    Rule(
        "near-duplicate-row",
        "warning",
        "Both rows are trained on; they differ only in case, white space or the punctuation of sentences.",
        "Keep one of them, unless both are intended.",
    ),
    Rule(
        "validation-row-in-training",
        "warning",
        "The validation loss looks too low: the model was trained on the row.",
        "Remove the row from one of the two files.",
    ),
    Rule(
        "validation-row-near-training",
        "warning",
        "The validation loss may look too low: the row differs from one in training only in case, white space or the "
        "punctuation of sentences.",
        "Remove the row from one of the two files, unless the difference matters.",
    ),
    # Secrets and personal data.
    Rule(
        "secret",
        "warning",
        "The model may learn the secret and reveal it.",
        "Remove the secret, and revoke it if it was ever valid.",
    ),
    Rule(
        "personal-data",
        "warning",
        "The model may learn the data and reveal it.",
        "Replace it with a placeholder, unless it is meant to be learned.",
    ),
)

RULES: Mapping[str, Rule] = {rule.id: rule for rule in _TABLE}
"""Every rule by its id, from the whole file down to a single turn. Ids are stable: scripts may rely on them."""

FIRST_USE_ONLY = frozenset(
    {
        "column-ignored",
        "chat-key-ignored",
        "crlf",
        "lone-carriage-return",
        "schema-of-other-tool",
        "chat-function-call",
        "chat-content-of-other-tool",
        "chat-graded-row",
    }
)
"""Rules that report each name only once, however many rows have it; their counts include every occurrence."""

FILE_RULES = frozenset(
    {
        "suffix-not-jsonl",
        "file-empty",
        "file-is-pointer",
        "file-is-web-page",
        "file-is-compressed",
        "file-is-table",
        "rows-too-few",
        "bom",
        "crlf",
        "lone-carriage-return",
        "json-array",
        "json-pretty-printed",
        "file-in-parts",
        "file-too-large",
        "images-in-too-many-rows",
    }
)
"""Rules about the file, which do not drop individual rows."""


FILTERED = frozenset(
    {
        "schema-mismatch",
        "schema-of-other-tool",
        "schema-misspelt",
        "chat-messages-not-list",
        "chat-message-not-object",
        "chat-role-invalid",
        "chat-message-misspelt",
        "chat-content-invalid",
        "chat-function-call",
        "text-not-string",
    }
)
"""Rules of the row filter: what it drops is not loaded, and so does not decide a column's type."""


def loses_row(rule: str) -> bool:
    """Return whether each finding of this rule means one row fewer for training."""
    return rule not in FILE_RULES and RULES[rule].severity in {"refused", "dropped"}


def ends_job(rule: str) -> bool:
    """Return whether the whole job ends at a finding of this rule."""
    return RULES[rule].severity == "fatal"
