"""Replacing `${VAR}` and `${VAR:-default}` in a file's values from the environment; `$${` is a literal `${`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .located import Located

_VARIABLE = re.compile(r"\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^{}]*))?\})?")


def substituted(node: Located, environ: Mapping[str, str]) -> Located:
    """Return the value with every variable in its strings replaced; keys are unchanged.

    As in a shell, the default is used if the variable is unset or empty. Raises InvalidInput, with the line, for an
    unset variable without a default, and for a `${` that does not start a variable.
    """
    if isinstance(node.value, dict):
        return Located({key: substituted(item, environ) for key, item in node.value.items()}, node.where)
    if isinstance(node.value, list):
        return Located([substituted(item, environ) for item in node.value], node.where)
    if not isinstance(node.value, str) or "${" not in node.value:
        return node

    def replacement(found: re.Match[str]) -> str:
        literal, name, has_default, default = found.groups()
        if literal:
            return "${"
        if name is None:
            raise node.wrong("`${` does not start ${NAME} or ${NAME:-default}; write $${ for a literal ${")
        value = environ.get(name)
        if has_default:
            return value or default
        if value is None:
            raise node.wrong(
                f"the environment variable {name} is not set; set it, or write ${{{name}:-…}} with a default after :-"
            )
        return value

    text = _VARIABLE.sub(replacement, node.value)
    return Located(text, node.where, text)


def escaped(text: str) -> str:
    """Escape a text so that substitution returns it unchanged."""
    return text.replace("${", "$${")
