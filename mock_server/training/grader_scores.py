"""What a grader gives a sample: exact for checks of strings, a stand-in for graders that need a model or run code.

No code of a request is executed here; a grader of the type python scores 1 if it defines `grade`.
"""

import ast
import hashlib
import math
import re
import warnings
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

from mock_server.core.json_values import Json, child, is_array, is_object, number, parse, text

TEMPLATE = re.compile(r"\{\{\s{0,4}([\w.]{1,200})\s{0,4}\}\}")
FORMULA = re.compile(r"[\w\s.,+*/^()-]{1,1000}\Z")
MAX_COMPARED = 5_000  # characters of a text that similarity looks at
_BINARY: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right,
    ast.Pow: math.pow,
}
_FUNCTIONS: Mapping[str, Callable[[list[float]], float]] = {
    "min": min,
    "max": max,
    "abs": lambda values: abs(*values),
    "floor": lambda values: math.floor(*values),
    "ceil": lambda values: math.ceil(*values),
    "exp": lambda values: math.exp(*values),
    "sqrt": lambda values: math.sqrt(*values),
    "log": lambda values: math.log(*values),
}


class FormulaError(ValueError):
    """A formula that cannot be computed."""


def score(grader: Json, sample: str, item: Json) -> float:
    """Return the reward of a sample; a key of the item that does not exist counts as an empty text.

    Raises:
        FormulaError: the formula of a grader of the type multi cannot be computed.
    """
    kind = text(grader, "type")
    if kind == "multi":
        return calculate(text(grader, "calculate_output"), sub_scores(grader, sample, item))
    if kind == "python":
        return 1.0 if re.search(r"def\s+grade\s*\(", text(grader, "source")) else 0.0
    given, reference = (filled(text(grader, name), sample, item) for name in ("input", "reference"))
    if kind == "string_check":
        return 1.0 if _matches(text(grader, "operation"), given, reference) else 0.0
    if kind == "text_similarity":
        matcher = SequenceMatcher(None, given[:MAX_COMPARED], reference[:MAX_COMPARED], autojunk=True)
        return round(matcher.ratio(), 4)
    return _in_range(grader, sample)


def sub_scores(grader: Json, sample: str, item: Json) -> dict[str, float]:
    """Return the rewards of a multi grader's children."""
    found = child(grader, "graders").items()
    return {name: score(one, sample, item) for name, one in found if is_object(one)}


def filled(template: str, sample: str, item: Json) -> str:
    """Return a text with its templates replaced."""

    def value(match: re.Match[str]) -> str:
        first, _, path = match[1].partition(".")
        if first == "item":
            return _dig(item, path)
        if path == "output_text":
            return sample
        return _dig(_decoded(sample), path.partition(".")[2]) if path.startswith("output_json") else ""

    return TEMPLATE.sub(value, template)


def calculate(formula: str, values: Mapping[str, float]) -> float:
    """Return the value of a formula of numbers, the names of `values`, `+ - * / ^` and a few functions."""
    if not FORMULA.match(formula):
        raise FormulaError("it may contain names, numbers, commas, parentheses and + - * / ^ only")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the parser, about numbers that run into names
            parsed = ast.parse(formula.replace("^", "**"), mode="eval")
        result = _value(parsed.body, values)
    except (SyntaxError, RecursionError, MemoryError, ArithmeticError, ValueError, TypeError) as error:
        raise FormulaError(str(error) or type(error).__name__) from error
    if not math.isfinite(result):
        raise FormulaError("its value is not finite")
    return result


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.Name) and node.id in values:
        return values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, values)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return float(_BINARY[type(node.op)](_value(node.left, values), _value(node.right, values)))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        arguments = [_value(argument, values) for argument in node.args]
        return float(_FUNCTIONS[node.func.id](arguments))
    raise FormulaError(f"it contains {ast.unparse(node)[:80]!r}")


def _matches(operation: str, given: str, reference: str) -> bool:
    if operation == "ilike":
        return reference.lower() in given.lower()
    if operation == "like":
        return reference in given
    return (given == reference) == (operation == "eq")


def _in_range(grader: Json, sample: str) -> float:
    """Return a number in the grader's range that is the same for the same sample."""
    bounds: object = grader.get("range")
    limits = [number(bound) for bound in bounds] if is_array(bounds) and len(bounds) == 2 else [0.0, 1.0]
    low, high = limits[0] or 0.0, 1.0 if limits[1] is None else limits[1]
    share = hashlib.blake2b(sample.encode("utf-8", "replace"), digest_size=1).digest()[0] / 255
    return round(low + (high - low) * share, 4)


def _decoded(sample: str) -> Json:
    try:
        value = parse(sample)
    except ValueError:
        return {}
    return value if is_object(value) else {}


def _dig(value: object, path: str) -> str:
    for name in path.split(".") if path else []:
        value = value.get(name) if is_object(value) else None
    return value if isinstance(value, str) else "" if value is None else str(value)
