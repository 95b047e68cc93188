"""What an unquoted word of YAML means, by YAML 1.2's core schema (yaml.org/spec/1.2.2, section 10.3.2).

PyYAML speaks YAML 1.1, where `no` is false, `1e-4` is text, `012` is ten and `1:30` is ninety.
"""

from __future__ import annotations

import re

from ..job_files.located import Scalar

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INT = re.compile(r"[-+]?[0-9]{1,400}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


def meaning(word: str) -> Scalar:
    """Return what an unquoted word means: nothing, true or false, a number, or itself.

    Infinity and not-a-number stay words: no key of a job takes them.
    """
    if word in _NULL:
        return None
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    if _INT.fullmatch(word):
        return int(word)
    return float(word) if _FLOAT.fullmatch(word) else word
