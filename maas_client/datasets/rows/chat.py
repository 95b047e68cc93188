"""Chat rows: how the service and a model's template treat each message."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ...catalog.model_facts import ModelFacts
from .aliases import message_key_aliases, role_alias
from .content import block_kind, content_kind, has_text, text_of, text_of_part, text_of_parts
from .excerpt import Json, describe, escape, pointer
from .marks import is_mark
from .schemas import CHAT, MESSAGE_KEYS, Problem, Row, ignored_columns, mark_problem, special_token_problem
from .shapes import reference_in

_COMMON_ROLES = ("system", "user", "assistant")
_CALL_OF_2023 = "; `maas convert` writes function_call as tool calls"
_INSTRUCTING = frozenset({"system", "developer"})


def judge_chat(row: Row, model: ModelFacts | None) -> list[Problem]:
    """Return the problems of a chat row; of those that drop the row there is at most one.

    A row with nothing to learn may still end the job, because rows are rendered before that is checked.
    """
    messages = row["messages"]
    if not isinstance(messages, list):
        found = describe(messages)
        return [Problem("chat-messages-not-list", "/messages", found, f"messages is {found}")]
    turns: list[Row] = []
    for index, message in enumerate(messages):
        problem = _malformed(message, index)
        if problem is not None:
            return [problem]
        if isinstance(message, dict):
            turns.append(message)
    if len(turns) < 2:
        found = describe(messages)
        short = Problem("chat-too-short", "/messages", found, f"the conversation has too few messages: {len(turns)}")
        return [_to_be_graded(row, turns) or short]
    roles = [str(turn["role"]) for turn in turns]
    any_role = model is not None and model.template.roles is None
    meant = [role_alias(role, any_role=any_role) or role for role in roles]
    unrendered = _first_unrendered(turns, roles, model)
    unlearned = _nothing_to_learn(turns, roles, meant)
    if unlearned is not None:
        if unlearned.rule == "chat-no-assistant":
            unlearned = _to_be_graded(row, turns) or unlearned
        is_there = unlearned.rule == "chat-answer-empty" and any(has_text(turn.get("content")) for turn in turns)
        if is_there and unrendered is not None and unrendered.rule == "chat-content-of-other-tool":
            return [unrendered]
        return [unlearned] if unrendered is None else [unrendered, unlearned]
    problems: dict[str, Problem] = {}
    found_all = (
        filter(None, (unrendered,)),
        _misnamed(roles, meant),
        _order(meant),
        _roles(meant, model),
        _contents(turns, model),
        _tools(row, model),
    )
    for problem in chain.from_iterable(found_all):
        problems.setdefault(problem.rule, problem)
    return [*problems.values(), *ignored_columns(row, CHAT), *_ignored_keys(turns, meant)]


def _first_unrendered(turns: list[Row], roles: list[str], model: ModelFacts | None) -> Problem | None:
    """Return the first turn that cannot be rendered; one in another tool's form says more than one in parts of text."""
    found = list(_unrendered(turns, roles, model))
    other = (problem for problem in found if problem.rule == "chat-content-of-other-tool")
    return next(other, found[0] if found else None)


def _unrendered(turns: list[Row], roles: list[str], model: ModelFacts | None) -> Iterator[Problem]:
    """Yield the turns that the chat template cannot render; without a model, those that most templates cannot."""
    for index, (turn, role) in enumerate(zip(turns, roles, strict=True)):
        if role not in _COMMON_ROLES if model is None else not model.template.renders(role):
            continue
        content, tools, where = turn.get("content"), turn.get("tools"), f"/messages/{index}"
        accepted = ("string",) if model is None else model.template.content
        if content_kind(content) not in accepted:
            yield _unrendered_content(content, f"{where}/content")
        elif model is not None and model.template.tools and role == "system" and not isinstance(tools, str | None):
            found = describe(tools)
            yield Problem("chat-turn-tools-not-string", f"{where}/tools", found, f"the turn's tools are {found}")


def _unrendered_content(content: Json, where: str) -> Problem:
    if not isinstance(content, list):
        return Problem("chat-content-missing", where, describe(content), "the turn calls tools and has no content")
    if text_of_parts(content) is not None:
        spelt = " without type text" if all(isinstance(part, dict) and "type" not in part for part in content) else ""
        spelt = " under value" if all(isinstance(part, dict) and "value" in part for part in content) else spelt
        message = f"the content is a list of text parts{spelt}"
        return Problem("chat-content-in-parts", where, describe(content), message)
    if all(block_kind(part) is not None for part in content):
        number, part = next((number, part) for number, part in enumerate(content) if text_of_part(part) is None)
        found = "text with further keys" if block_kind(part) == "text" else f"a {block_kind(part)}"
        message = f"a part of the content is {found} of another tool: `maas convert` converts it"
        return Problem("chat-content-of-other-tool", f"{where}/{number}", found, message)
    number, part = next((number, part) for number, part in enumerate(content) if text_of_part(part) is None)
    kind = part.get("type") if isinstance(part, dict) else None
    found = describe(kind if isinstance(kind, str) else part)
    return Problem("chat-content-not-text", f"{where}/{number}", found, f"a part of the content is {found}")


def answered(turn: Row) -> bool:
    """Return whether an assistant turn has anything to learn: text or tool calls."""
    content = turn.get("content")
    return bool(text_of(content) or text_of_parts(content) or turn.get("tool_calls"))


def _nothing_to_learn(turns: list[Row], roles: list[str], meant: list[str]) -> Problem | None:
    """Return the problem of a row without any assistant text."""
    if "assistant" not in roles:
        found = escape(", ".join(escape(role) for role in dict.fromkeys(roles)))
        if "assistant" in meant:
            where = pointer("messages", meant.index("assistant"), "role")
            return Problem("chat-assistant-misnamed", where, found, f"the assistant has another role name: {found}")
        return Problem("chat-no-assistant", "/messages", found, f"no message has the role assistant, only {found}")
    answers = [turn for turn, role in zip(turns, roles, strict=True) if role == "assistant"]
    if any(answered(turn) for turn in answers):
        return None
    where = pointer("messages", roles.index("assistant"), "content")
    found = describe(answers[0].get("content"))
    more = _CALL_OF_2023 if any(isinstance(turn.get("function_call"), dict) for turn in answers) else ""
    return Problem("chat-answer-empty", where, found, f"no assistant turn has any text{more}")


def _to_be_graded(row: Row, turns: list[Row]) -> Problem | None:
    """Return the problem of a row without an answer, but with one that a grader compares with; None for any other."""
    column = reference_in(row)
    if column is None or any(turn["role"] == "assistant" for turn in turns):
        return None
    message = f"no message has the role assistant; {column} is for a grader, as in reinforcement fine-tuning (RFT)"
    return Problem("chat-graded-row", pointer(column), column, message)


def _misnamed(roles: list[str], meant: list[str]) -> Iterator[Problem]:
    """Yield problems for role aliases."""
    for index, (role, right) in enumerate(zip(roles, meant, strict=True)):
        if role != right:
            shown, where = escape(role), f"/messages/{index}/role"
            yield Problem("chat-role-misnamed", where, shown, f"{shown} is another name for {right}")


def _malformed(message: Json, index: int) -> Problem | None:
    """Return the problem of a message for which the service drops its row. Null counts as missing."""
    if not isinstance(message, dict):
        found = describe(message)
        return Problem("chat-message-not-object", f"/messages/{index}", found, f"the message is {found}")
    role = message.get("role")
    content = message.get("content")
    is_role, is_content = isinstance(role, str), isinstance(content, str | list)
    if not is_role or not (is_content or isinstance(message.get("tool_calls"), list)):
        for key, right in message_key_aliases(message).items():
            where, shown = pointer("messages", index, key), escape(key)
            return Problem("chat-message-misspelt", where, shown, f"the message key {right} is spelled {shown}")
    if not is_role:
        found = describe(role)
        return Problem("chat-role-invalid", f"/messages/{index}/role", found, f"the role is {found}, not a string")
    if not is_content and not isinstance(message.get("tool_calls"), list):
        if isinstance(message.get("function_call"), dict):
            where, found = f"/messages/{index}/function_call", "function_call"
            return Problem("chat-function-call", where, found, "the call is in function_call, the form of 2023")
        where, found = f"/messages/{index}/content", describe(content)
        more = (
            "; `maas convert` writes it as text" if isinstance(content, dict) and block_kind(content) == "text" else ""
        )
        message = f"the content is {found}, and there are no tool calls{more}"
        return Problem("chat-content-invalid", where, found, message)
    return None


def _order(roles: list[str]) -> Iterator[Problem]:
    """Yield warnings for turns that do not alternate, and for system messages that are not first."""
    previous = None
    for index, role in enumerate(roles):
        where = f"/messages/{index}/role"
        if role in _INSTRUCTING:
            if index and role == "system":
                yield Problem("chat-system-not-first", where, role, f"message {index + 1} is a system message")
            continue
        if previous is None and role != "user":
            yield Problem("chat-not-alternating", where, escape(role), f"the first turn is {escape(role)}, not user")
        elif role == previous and role in _COMMON_ROLES:
            yield Problem("chat-not-alternating", where, role, f"two consecutive {role} turns")
        previous = role
    if roles[-1] != "assistant":
        where = f"/messages/{len(roles) - 1}/role"
        last = escape(roles[-1])
        yield Problem("chat-last-not-assistant", where, last, f"the last message is {last}, not assistant")


def _roles(roles: list[str], model: ModelFacts | None) -> Iterator[Problem]:
    """Yield problems for turns that the template omits; without a model, those that most templates omit."""
    rendered = _COMMON_ROLES if model is None else model.template.roles
    if rendered is None:
        return
    foldable = roles.count("system") == 1 and roles[:2] == ["system", "user"]
    for index, role in enumerate(roles):
        if role in rendered:
            continue
        where, shown = f"/messages/{index}", escape(role)
        if model is None:
            yield Problem("chat-role-uncommon", where, shown, f"not every template has the role {shown}")
        elif role != "system":
            yield Problem("chat-role-omitted", where, shown, f"{model.name} leaves out {shown} turns")
        elif foldable:
            yield Problem("chat-system-omitted", where, shown, f"{model.name} has no system role")
        else:
            yield Problem(
                "chat-system-lost", where, shown, f"{model.name} has no system role, and this one cannot be merged"
            )


def _contents(turns: list[Row], model: ModelFacts | None) -> Iterator[Problem]:
    """Yield warnings for turns without text, parts that are not text, special tokens in the text, and tool calls."""
    for index, turn in enumerate(turns):
        content, calls = turn.get("content"), turn.get("tool_calls")
        where = f"/messages/{index}/content"
        marked = special_token_problem(text_of(content), where, model)
        if marked is not None:
            yield marked
        if calls:
            where_calls = f"/messages/{index}/tool_calls"
            yield Problem("chat-tool-calls", where_calls, describe(calls), "the turn calls tools")
        elif not has_text(content):
            yield Problem("chat-content-empty", where, describe(content), "the turn has no text")


def _tools(row: Row, model: ModelFacts | None) -> Iterator[Problem]:
    """Yield a problem for tool definitions that the model's template does not render."""
    if row.get("tools") and model is not None and not model.template.tools:
        found = describe(row["tools"])
        yield Problem("chat-tools-omitted", "/tools", found, f"{model.name} does not render tool definitions")


def _ignored_keys(turns: list[Row], roles: list[str]) -> Iterator[Problem]:
    """Yield a problem for each unused message key, once per key, and for each turn marked as not to be learned."""
    seen: set[str] = set()
    for index, (turn, role) in enumerate(zip(turns, roles, strict=True)):
        if turn.keys() <= MESSAGE_KEYS:
            continue
        for key, value in turn.items():
            if key in MESSAGE_KEYS or value is None:
                continue
            where = pointer("messages", index, key)
            if role == "assistant" and is_mark(key, value):
                yield mark_problem(key, value, where, what="turn")
            elif key not in seen:
                seen.add(key)
                named = escape(key)
                more = _CALL_OF_2023 if key == "function_call" and isinstance(value, dict) else ""
                yield Problem("chat-key-ignored", where, named, f"the message key {named} is not used{more}")
