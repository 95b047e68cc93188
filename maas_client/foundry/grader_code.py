"""The code in graders: the Python source of one grader, and the expression that combines several."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection
from difflib import get_close_matches

from ..core.errors import InvalidInput

LARGEST_SOURCE = 256 * 1024
"""Bytes of a grader's Python source (reinforcement-fine-tuning.md, 2026-03-19)."""

_FUNCTIONS = frozenset({"min", "max", "abs", "floor", "ceil", "exp", "sqrt", "log"})
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.BitXor, ast.UAdd, ast.USub)
"""`^` is the power, which Python reads as an operator of its own."""

_LONGEST_EXPRESSION = 10_000


def check_source(source: str, where: str) -> None:
    """Raise InvalidInput for Python source that is too large, cannot be read, or has no `grade(sample, item)`."""
    if (size := len(source.encode("utf-8", "replace"))) > LARGEST_SOURCE:
        raise InvalidInput(f"{where}: source has {size:,} bytes; the service takes at most {LARGEST_SOURCE:,}")
    functions = [node for node in _parsed(source, where).body if isinstance(node, ast.FunctionDef)]
    grade = next((node for node in functions if node.name == "grade"), None)
    if grade is None:
        raise InvalidInput(f"{where}: source must define the function grade(sample, item), which returns the score")
    taken = len(grade.args.posonlyargs) + len(grade.args.args)
    most = taken if grade.args.vararg is None else max(taken, 2)
    if not taken - len(grade.args.defaults) <= 2 <= most:
        raise InvalidInput(f"{where}: grade is called with two arguments, sample and item, and does not take two")


def _parsed(source: str, where: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that Python doubts is the user's business
            return ast.parse(source)
    except SyntaxError as error:
        line = f"line {error.lineno}: " if error.lineno else ""
        raise InvalidInput(f"{where}: source is not Python: {line}{error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise InvalidInput(f"{where}: source cannot be read: {str(error) or type(error).__name__}") from None


def check_expression(expression: str, graders: Collection[str], where: str) -> frozenset[str]:
    """Return the graders that an expression such as `0.5 * a + 0.5 * b` uses; raise InvalidInput if it is not one."""
    if len(expression) > _LONGEST_EXPRESSION:
        raise InvalidInput(f"{where}: calculate_output has more than {_LONGEST_EXPRESSION:,} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python doubts `1(2)`, which is refused below
            nodes = list(ast.walk(ast.parse(expression.strip(), mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise InvalidInput(
            f"{where}: calculate_output is {expression[:100]!r}, which is not an expression of numbers, names of "
            f"graders, + - * / ^, parentheses and {', '.join(sorted(_FUNCTIONS))}"
        ) from None
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    used: set[str] = set()
    for node in nodes:
        _check_node(node, where)
        if isinstance(node, ast.Name):
            used.add(_checked_name(node.id, graders, id(node) in called, where))
    return frozenset(used)


def _check_node(node: ast.AST, where: str) -> None:
    match node:
        case ast.Pow():
            raise InvalidInput(f"{where}: calculate_output writes a power as ^, not **")
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()):
            return
        case ast.Call(func=ast.Name(), keywords=[]):
            return
        case ast.Expression() | ast.BinOp() | ast.UnaryOp() | ast.Name() | ast.Load():
            return
        case ast.operator() | ast.unaryop() if isinstance(node, _OPERATORS):
            return
        case _:
            pass
    raise InvalidInput(
        f"{where}: calculate_output takes numbers, names of graders, + - * / ^, parentheses and the functions "
        f"{', '.join(sorted(_FUNCTIONS))}, and nothing else"
    )


def _checked_name(name: str, graders: Collection[str], is_called: bool, where: str) -> str:
    known = _FUNCTIONS if is_called else graders
    if name in known:
        return name
    nearest = get_close_matches(name, list(known), 1, 0.5)
    what = "function" if is_called else "grader"
    hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(sorted(known))}"
    raise InvalidInput(f"{where}: calculate_output uses the {what} {name!r}, which does not exist; {hint}")
