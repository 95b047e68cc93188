"""Misspelled columns, message keys and roles, and their correct names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_COLUMNS: Mapping[str, str] = {
    "message": "messages",
    "messages": "messages",
    "prompt": "prompt",
    "completion": "completion",
    "text": "text",
    "groundtruth": "ground_truth",
}
_MESSAGE_KEYS: Mapping[str, str] = {
    "role": "role",
    "content": "content",
    "contents": "content",
    "toolcalls": "tool_calls",
    "toolcallid": "tool_call_id",
}
_ROLES: Mapping[str, str] = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "bot": "assistant",
    "chatbot": "assistant",
    "ai": "assistant",
    "model": "assistant",
}


def column_aliases(keys: Iterable[str]) -> dict[str, str]:
    """Return the misspelled columns among a row's keys, each with its correct name."""
    return _meant(keys, _COLUMNS)


def message_key_aliases(keys: Iterable[str]) -> dict[str, str]:
    """Return the misspelled keys of a message, each with its correct name."""
    return _meant(keys, _MESSAGE_KEYS)


def role_alias(role: str, *, any_role: bool) -> str | None:
    """Return the role for which this is another name; None if it is not an alias.

    `any_role` means that the template renders any role: then `developer` is kept; otherwise it is an alias of system.
    """
    if role == "developer" and not any_role:
        return "system"
    meant = _ROLES.get(role.strip().lower())
    return None if meant == role else meant


def _meant(keys: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Find keys that differ from a known one only in case, spaces, underscores and hyphens; exact keys win."""
    present = dict.fromkeys(keys)
    found: dict[str, str] = {}
    for key in present:
        right = known.get(key.lower().replace("_", "").replace("-", "").replace(" ", ""))
        if right is not None and right != key and right not in present and right not in found.values():
            found[key] = right
    return found
