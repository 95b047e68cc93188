"""Replacing `${VAR}` and `${VAR:-default}` in a file's values from the environment; `$${` is a literal `${`.

`${{…}}` is an expression of az ml, which the service evaluates, and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .located import Located
from .mistakes import Mistakes

_VARIABLE = re.compile(r"\$(\$\{)|(\$\{\{[^{}]*\}\})|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^{}]*))?\})?")
_EXPRESSION = re.compile(r"\$\{\{[^{}]*\}\}")


def substituted(node: Located, environ: Mapping[str, str], mistakes: Mistakes) -> Located:
    """Return the value with every variable in its strings replaced; keys are unchanged.

    As in a shell, the default is used if the variable is unset or empty. An unset variable without a default, and a
    `${` that does not start a variable, go to `mistakes`, and their value becomes null.
    """
    if isinstance(node.value, dict):
        return Located({key: substituted(item, environ, mistakes) for key, item in node.value.items()}, node.where)
    if isinstance(node.value, list):
        return Located([substituted(item, environ, mistakes) for item in node.value], node.where)
    if not isinstance(node.value, str) or "${" not in node.value:
        return node
    with mistakes.collected():
        text = _replaced(node, node.value, environ)
        return Located(text, node.where, text)
    return Located(None, node.where)


def _replaced(node: Located, text: str, environ: Mapping[str, str]) -> str:
    """Return a text with its variables replaced; raise InvalidInput, with the line, if one of them cannot be."""

    def replacement(found: re.Match[str]) -> str:
        literal, expression, name, has_default, default = found.groups()
        if literal or expression:
            return expression or "${"
        if name is None and found.string.startswith("{", found.end()):
            raise node.wrong("`${{` starts an expression of az ml, but `}}` is missing")
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

    return _VARIABLE.sub(replacement, text)


def expression_in(text: str) -> str | None:
    """Return the first `${{…}}` of a text, an expression of az ml; None without one."""
    found = _EXPRESSION.search(text)
    return found and found[0]


def escaped(text: str) -> str:
    """Escape a text so that substitution returns it unchanged."""
    return text.replace("${", "$${")
