"""Rows of each method of fine-tuning on Azure AI Foundry: all problems of a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..rows.excerpt import Json, describe, escape, pointer
from ..rows.schemas import Problem, Row, Schema
from ..rows.shapes import reference_in
from .images import has_images, judge_parts
from .messages import judge_message, judge_order
from .schemas import ASKING, GRADED, PREFERENCE, ROUTED, SUPERVISED, role_of
from .tool_calls import judge_calls, judge_tools

_ANSWERING = frozenset({"assistant", "tool"})
_OUTPUTS = ("preferred_output", "non_preferred_output")


def problems_in(row: Row, schema: Schema) -> Iterator[Problem]:
    """Yield every problem of a row with the schema's keys, in the order in which they are looked for."""
    yield from _preference(row) if schema is PREFERENCE else _conversation(row, schema)
    yield from _further_columns(row, schema)


def turns_of(row: Row, schema: Schema) -> list[Row]:
    """Return the messages of a row that are objects: of a preference those of the input and the preferred output."""
    found = _messages(_input(row), row.get("preferred_output")) if schema is PREFERENCE else _messages(row["messages"])
    return list(found)


def pictured(row: Row, schema: Schema) -> str:
    """Return where the messages with the first image of a row are; empty if it has no images."""
    lists = {"/messages": row.get("messages")}
    if schema is PREFERENCE:
        lists = {"/input/messages": _input(row)} | {f"/{name}": row.get(name) for name in _OUTPUTS}
    return next((where for where, messages in lists.items() if has_images(list(_messages(messages)))), "")


def _input(row: Row) -> Json:
    given = row.get("input")
    return given.get("messages") if isinstance(given, dict) else None


def _messages(*lists: Json) -> Iterator[Row]:
    for messages in lists:
        yield from (each for each in (messages if isinstance(messages, list) else ()) if isinstance(each, dict))


def _conversation(row: Row, schema: Schema) -> Iterator[Problem]:
    """Yield the problems of a row of messages, for supervised or reinforcement fine-tuning."""
    messages = row["messages"]
    if not isinstance(messages, list):
        found = describe(messages)
        yield Problem("chat-messages-not-list", "/messages", found, f"messages is {found}")
        return
    if not messages:
        yield Problem("chat-too-short", "/messages", describe(messages), "the conversation has no messages")
        return
    turns = [turn for turn in messages if isinstance(turn, dict)]
    if schema is GRADED:
        yield from _asked(turns)  # first: for a file of another method it says everything
    yield from _turns(messages, "/messages")
    if schema is ROUTED and not row["labels"]:
        found = describe(row["labels"])
        yield Problem("routed-labels-empty", "/labels", found, f"labels is {found}")
    if schema is SUPERVISED:
        yield from _last(turns, row)
    yield from judge_tools(row.get("tools"), "/tools")
    yield from judge_calls(turns, row.get("tools"), "/messages")
    yield from judge_order(turns, "/messages")
    if schema is SUPERVISED:
        yield from _weights(turns)


def _turns(messages: Sequence[Json], where: str) -> Iterator[Problem]:
    for index, message in enumerate(messages):
        yield from judge_message(message, f"{where}/{index}")
    yield from judge_parts([turn for turn in messages if isinstance(turn, dict)], where)


def _last(turns: Sequence[Row], row: Row) -> Iterator[Problem]:
    """Yield the problem of a conversation that does not end with the assistant."""
    roles = [role_of(turn) for turn in turns]
    if "assistant" not in roles:
        column = reference_in(row)
        if column is not None:
            message = f"no message has the role assistant; {column} is for a grader, as in reinforcement fine-tuning"
            yield Problem("chat-graded-row", pointer(column), column, message)
        found = escape(", ".join(dict.fromkeys(roles)))
        yield Problem("chat-no-assistant", "/messages", found, f"no message has the role assistant, only {found}")
    elif roles[-1] != "assistant":
        where, last = f"/messages/{len(roles) - 1}/role", escape(roles[-1])
        yield Problem("chat-last-not-assistant", where, last, f"the last message is {last}, not assistant")


def _asked(turns: Sequence[Row]) -> Iterator[Problem]:
    """Yield the problem of a conversation that does not end with a question, for reinforcement."""
    last = role_of(turns[-1]) if turns else ""
    if last not in ASKING:
        where, shown = f"/messages/{len(turns) - 1}/role", escape(last)
        yield Problem("graded-row-answered", where, shown, f"the last message is {shown}, not user or developer")


def _weights(turns: Sequence[Row]) -> Iterator[Problem]:
    answers = [turn for turn in turns if role_of(turn) == "assistant"]
    if answers and all(turn.get("weight") == 0 for turn in answers):
        yield Problem("chat-weights-all-zero", "/messages", "0", "no assistant message is learned")


def _preference(row: Row) -> Iterator[Problem]:
    """Yield the problems of a row of preferences."""
    given = row["input"]
    messages = given.get("messages") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(messages, list) or not messages:
        found = describe(given if not isinstance(given, dict) else messages)
        what = "messages of the input are" if isinstance(given, dict) else "input is"
        yield Problem("preference-input-invalid", "/input", found, f"the {what} {found}")
        return
    tools = given.get("tools")
    yield from _turns(messages, "/input/messages")
    turns = [turn for turn in messages if isinstance(turn, dict)]
    yield from judge_tools(tools, "/input/tools")
    yield from judge_calls(turns, tools, "/input/messages")
    yield from judge_order(turns, "/input/messages")
    for name in _OUTPUTS:
        yield from _output(row[name], tools, f"/{name}")
    if _are_equal(*(row[name] for name in _OUTPUTS)):
        yield Problem("preference-outputs-equal", f"/{_OUTPUTS[1]}", "", "the two outputs are the same")


def _are_equal(one: Json, other: Json) -> bool:
    try:
        return one == other
    except RecursionError:
        return False


def _output(output: Json, tools: Json, where: str) -> Iterator[Problem]:
    rule, found = "preference-output-invalid", describe(output)
    if not isinstance(output, list) or not output:
        yield Problem(rule, where, found, f"the output is {found}, not a list of messages")
        return
    yield from _turns(output, where)
    turns = [turn for turn in output if isinstance(turn, dict)]
    roles = [role_of(turn) for turn in turns]
    for index, role in enumerate(roles):
        if role not in _ANSWERING:
            shown = escape(role)
            yield Problem(rule, f"{where}/{index}/role", shown, f"a message of the output has the role {shown}")
    if "assistant" not in roles:
        yield Problem(rule, where, found, "no message of the output has the role assistant")
    yield from judge_calls(turns, tools, where)


def _further_columns(row: Row, schema: Schema) -> Iterator[Problem]:
    """Yield a problem for each key that the method does not read; graders read every key of a row."""
    if schema is GRADED:
        return
    for column, value in row.items():
        if column not in schema.columns and column not in schema.also and value is not None:
            named = escape(column)
            message = f"the key {named} is not documented for {schema.method} fine-tuning"
            yield Problem("column-ignored", pointer(column), named, message)
    if row.get("functions") is not None:
        yield Problem("chat-function-call", "/functions", "functions", "functions is the form of 2023")
