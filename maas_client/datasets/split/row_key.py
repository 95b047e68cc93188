"""The key of a row in a split: its normalized text, or that of its group, and a digest of it."""

from __future__ import annotations

import string
from dataclasses import dataclass
from hashlib import blake2b

from ...core.errors import InvalidInput
from ..rows.content import text_of
from ..rows.excerpt import Json
from ..rows.schemas import CHAT, Row, schemas

DIGEST_BITS = 128

_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_SPACES_AND_MARKS = b" \t\n\v\f\r\x1c\x1d\x1e\x1f" + string.punctuation.encode()


@dataclass(frozen=True, slots=True)
class Key:
    """What decides the part of a row: the value at `path`, or the row's own text without a path; and a seed.

    `by` is the path as given.
    """

    by: str | None = None
    path: tuple[str, ...] = ()
    seed: int = 0

    def form_of(self, row: Row) -> bytes | None:
        """Return the normal form that rows of one group share; None without a value at the path.

        Raises RecursionError for a row that is nested too deeply.
        """
        if not self.path:
            return normal_form(row)
        value = _value_at(row, self.path)
        return None if value is None else _form(value)

    def digest_of(self, form: bytes) -> int:
        """Return a 128-bit number that depends only on the form and the seed, on any machine."""
        return int.from_bytes(blake2b(b"%d\0" % self.seed + form, digest_size=DIGEST_BITS // 8).digest(), "big")


def key_for(by: str | None, *, seed: int) -> Key:
    """Return the key for a column's name or a JSON pointer (RFC 6901), which starts with a slash.

    Raises InvalidInput for an empty name or an invalid pointer.
    """
    if by is None:
        return Key(seed=seed)
    if not by:
        raise InvalidInput("the column or JSON pointer to group rows by is empty")
    if not by.startswith("/"):
        return Key(by, (by,), seed)
    if "~" in by.replace("~0", "").replace("~1", ""):
        raise InvalidInput(f"{by!r} is not a JSON pointer: write ~ as ~0, and / within a name as ~1 (RFC 6901)")
    return Key(by, tuple(step.replace("~1", "/").replace("~0", "~") for step in by[1:].split("/")), seed)


def normal_form(row: Row) -> bytes:
    """Return the text of a row without white space, case and punctuation.

    Of a chat row only the roles and the text of its messages count, of a text completion row only its two columns, of
    any other row everything except the order of its keys. The check also ignores punctuation when it looks for rows of
    a validation set in the training set, so it finds none in the parts of a split. Raises RecursionError for a row that
    is nested too deeply.
    """
    schema = next((each for each in schemas(None) if each.fits(row)), None)
    if schema is None:
        return _form(row)
    if schema is not CHAT:
        return b"text" + b"|".join(_form(row[column]) for column in schema.columns)
    messages = row["messages"]
    turns = [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []
    if not isinstance(messages, list) or len(turns) < len(messages):
        return _form(row)
    return b"chat" + b"|".join(_form(turn.get("role")) + b":" + _words(text_of(turn.get("content"))) for turn in turns)


def _form(value: Json) -> bytes:
    """Write a value's text; brackets and separators are unambiguous because the text contains none."""
    if isinstance(value, str):
        return _words(value)
    if isinstance(value, dict):
        return b"{" + b",".join(sorted(_words(key) + b":" + _form(each) for key, each in value.items())) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(_form, value)) + b"]"
    return _words(str(value))


def _words(text: str) -> bytes:
    if not text.isascii():  # ASCII text takes a fifth of the time
        text = "".join(text.split()).casefold()
    return text.encode("utf-8", "surrogatepass").translate(_LOWER, _SPACES_AND_MARKS)


def _value_at(row: Row, path: tuple[str, ...]) -> Json:
    """Return the value at a path; None if it is missing or null."""
    value: Json = row
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdecimal() and str(int(step)) == step:
            value = value[int(step)] if int(step) < len(value) else None
        else:
            return None
    return value
