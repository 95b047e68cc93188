"""Repairs of names: misspelled columns, message keys and roles."""

from __future__ import annotations

from collections.abc import Container, Mapping

from ..rows.aliases import column_aliases, message_key_aliases, role_alias
from ..rows.excerpt import Json, escape, pointer
from ..rows.schemas import Row
from .loading import Changes

MESSAGES = "/messages"


def rename_columns(row: Row, columns: Container[str]) -> tuple[Row, Changes]:
    """Spell the columns of a row as they are meant."""
    meant = {key: right for key, right in column_aliases(row).items() if right in columns}
    return _rename(row, meant), [(pointer(key), _renamed("column", key, right)) for key, right in meant.items()]


def rename_keys(messages: list[Json], *, where: str = MESSAGES) -> tuple[list[Json], Changes]:
    """Spell the keys of the messages at a pointer as they are meant."""
    repaired, changes = list[Json](), Changes()
    for index, message in enumerate(messages):
        meant = message_key_aliases(message) if isinstance(message, dict) else {}
        changes += [(where + pointer(index, key), _renamed("key", key, right)) for key, right in meant.items()]
        repaired.append(_rename(message, meant) if isinstance(message, dict) and meant else message)
    return repaired, changes


def rename_roles(
    messages: list[Json], *, any_role: bool, only: str | None = None, where: str = MESSAGES
) -> tuple[list[Json], Changes]:
    """Write the roles that aliases stand for, or `only` one of them; `any_role` keeps `developer`."""
    repaired, changes = list[Json](), Changes()
    for index, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        meant = role_alias(role, any_role=any_role) if isinstance(role, str) else None
        if isinstance(message, dict) and isinstance(role, str) and meant is not None and only in {None, meant}:
            changes.append((where + pointer(index, "role"), _renamed("role", role, meant)))
            message = {**message, "role": meant}
        repaired.append(message)
    return repaired, changes


def _rename(row: Row, meant: Mapping[str, str]) -> Row:
    return {meant.get(key, key): value for key, value in row.items()}


def _renamed(what: str, old: str, new: str) -> str:
    return f"the {what} {escape(old)} became {new}"
