"""The rules of one service, and what a problem means for its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ...catalog.tuning_methods import TuningMethod
from ...core.surfaces import Surface
from ..rows.schemas import Problem, Task
from .rules import FILE_RULES, Rule


def _no_problems(_size: int, _pictured: int) -> Iterator[Problem]:
    return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """What one service does with every problem.

    `subject` is the service in a sentence, `good` and `lost` say what rows are, and `purpose` what good rows of a task
    and a method are for. `option` is what `maas check` needs to check for the service. `concludes` finds the problems
    of a file by its bytes and its rows with images. `splits` says that the service takes rows of a training file for
    validation if there is no validation file. `by_rule` says that a refusal names one row for each reason.
    """

    surface: Surface
    rules: Mapping[str, Rule]
    purpose: Callable[[Task, TuningMethod], str]
    subject: str = "the service"
    good: str = "kept"
    lost: str = "dropped"
    option: str = ""
    splits: bool = False
    by_rule: bool = False
    concludes: Callable[[int, int], Iterator[Problem]] = _no_problems

    def loses_row(self, rule: str) -> bool:
        """Return whether each finding of this rule means one row fewer for training."""
        return rule not in FILE_RULES and self.rules[rule].severity in {"refused", "dropped"}
