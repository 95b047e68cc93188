"""What Foundry's metrics are called here: by the names that Azure ML's trainer uses, as alarms and curves expect them.

The names in results.csv differ by method and by page of the documentation (learn.microsoft.com/azure/foundry/openai/
how-to/fine-tuning, reinforcement-fine-tuning; microsoft-foundry/fine-tuning on GitHub, outputs of its notebooks); those
in events are words, such as `training loss`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..core.metrics import MetricPoint
from ..core.text import one_line

Metrics = Mapping[str, Sequence[MetricPoint]]

LONGEST_NAME = 100
"""Characters of a metric's name that are kept."""

_PREFIXES: Mapping[str, str] = {
    "train": "",
    "training": "",
    "valid": "eval_",
    "validation": "eval_",
    "eval": "eval_",
    "full_valid": "full_eval_",
    "full_validation": "full_eval_",
    "full_eval": "full_eval_",
}
_MEASURES: Mapping[str, str] = {
    "loss": "loss",
    "accuracy": "mean_token_accuracy",
    "mean_token_accuracy": "mean_token_accuracy",
    "reward": "reward",
    "mean_reward": "reward",
    "reward_mean": "reward",
}
_SYNONYMS: Mapping[str, str] = {
    f"{prefix}_{measure}": f"{renamed}{name}"
    for prefix, renamed in _PREFIXES.items()
    for measure, name in _MEASURES.items()
}
_BETWEEN_WORDS = re.compile(r"[\s-]+")


def metric_name(given: str) -> str:
    """Return the name of a metric of a column or an event: `train_loss` is `loss`, `valid_loss` is `eval_loss`.

    A name that is not known is kept.
    """
    name = one_line(given[:LONGEST_NAME]).strip()
    return _SYNONYMS.get(_BETWEEN_WORDS.sub("_", name).lower(), name)


def with_eval_loss(metrics: dict[str, tuple[MetricPoint, ...]]) -> dict[str, tuple[MetricPoint, ...]]:
    """Return metrics in which the evaluation on all validation rows is `eval_loss`, if there is no other one."""
    full = metrics.get("full_eval_loss")
    return metrics if not full or metrics.get("eval_loss") else {**metrics, "eval_loss": full}


def merged(events: Metrics, table: Metrics) -> dict[str, tuple[MetricPoint, ...]]:
    """Return what a job's events and its results table say together, each metric in the order of steps.

    The table has more steps and more digits, so its values count; only events have times.
    """
    times = {point.step: point.at for points in events.values() for point in points if point.at}
    found: dict[str, tuple[MetricPoint, ...]] = {}
    for name in dict.fromkeys((*table, *events)):
        points = {point.step: point for point in events.get(name, ())}
        for point in table.get(name, ()):
            points[point.step] = MetricPoint(point.step, point.value, times.get(point.step, point.at))
        found[name] = tuple(points[step] for step in sorted(points))
    return found
