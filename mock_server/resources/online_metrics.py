"""What Azure Monitor shows of managed online endpoints and their deployments, from the counted requests.

Metrics, units and dimensions are those of the pages "Supported metrics for
Microsoft.MachineLearningServices/workspaces/onlineEndpoints" and ".../deployments"; the format is that of the REST API
`Metrics - List`, 2018-01-01.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mock_server.core import durations
from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, iso, number

INTERVALS = ("PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D")
AGGREGATIONS = ("average", "total", "count", "minimum", "maximum")
DEFAULT_SPAN = 3_600.0  # seconds
MAX_POINTS = 50_000


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric: its unit, and its value in a minute of one deployment and status."""

    name: str
    unit: str
    value: Callable[[Json], float]
    weight: Callable[[Json], float] | None = None  # of an average; None: values of a minute add up


def _requests(counted: Json) -> float:
    return number(counted.get("count")) or 0.0


def _latency(counted: Json) -> float:
    return (number(counted.get("seconds")) or 0.0) * 1_000 / (_requests(counted) or 1.0)


def _capacity(counted: Json) -> float:
    return number(counted.get("capacity")) or 0.0


def _once(counted: Json) -> float:
    del counted
    return 1.0


ENDPOINT_METRICS: Mapping[str, Metric] = {
    "requestsperminute": Metric("RequestsPerMinute", "Count", _requests),
    "requestlatency": Metric("RequestLatency", "Milliseconds", _latency, _requests),
}
DEPLOYMENT_METRICS: Mapping[str, Metric] = {
    "deploymentcapacity": Metric("DeploymentCapacity", "Count", _capacity, _once),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A time from and until which to show, in steps, in seconds."""

    start: float
    end: float
    step: float
    interval: str

    @property
    def steps(self) -> range:
        """Return the number of each step."""
        return range(max(0, math.ceil((self.end - self.start) / self.step)))


def span(timespan: str, interval: str, now: float) -> Span:
    """Read `start/end` or a duration until now, and the interval of data points; raises ServiceError otherwise."""
    interval = interval or "PT1M"
    step = durations.parse(interval)
    if interval not in INTERVALS or step is None:
        raise _bad(f"The interval {interval[:40]!r} is not one of {', '.join(INTERVALS)}.")
    lasting = durations.parse(timespan) if timespan else DEFAULT_SPAN
    start, end = (now - lasting, now) if lasting is not None else _times(timespan)
    found = Span(start // 60 * 60, end, step, interval)
    if end < start or len(found.steps) > MAX_POINTS:
        raise _bad(f"The timespan {timespan[:80]!r} ends before it starts, or has too many data points.")
    return found


def chosen(names: str, known: Mapping[str, Metric]) -> Sequence[Metric]:
    """Return the metrics of a comma-separated list; raises ServiceError for an unknown one."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    unknown = [name for name in wanted if name.lower() not in known]
    if unknown or not wanted:
        valid = ",".join(metric.name for metric in known.values())
        raise _bad(f"Failed to find metric configuration for metric: {names[:80]}. Valid metrics: {valid}")
    return [known[name.lower()] for name in wanted]


def to_json(
    resource: str, metric: Metric, counted: Sequence[Json], shown: Span, aggregations: Sequence[str], split: str | None
) -> Json:
    """Return a metric in the format of Azure Monitor, split by a dimension if one is named."""
    groups: dict[str | None, list[Json]] = {}
    for one in counted:
        groups.setdefault(None if split is None else str(one.get(split)), []).append(one)
    if split is None:
        groups.setdefault(None, [])  # a series of zeros
    return {
        "id": f"{resource}/providers/Microsoft.Insights/metrics/{metric.name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": metric.name, "localizedValue": metric.name},
        "unit": metric.unit,
        "errorCode": "Success",
        "timeseries": [
            {
                "metadatavalues": [] if value is None else [{"name": {"value": split}, "value": value}],
                "data": _data(metric, group, shown, aggregations),
            }
            for value, group in groups.items()
        ],
    }


def _data(metric: Metric, counted: Sequence[Json], shown: Span, aggregations: Sequence[str]) -> list[Json]:
    by_step: dict[int, list[Json]] = {}
    for one in counted:
        minute = number(one.get("minute")) or 0.0
        if shown.start <= minute < shown.end:
            by_step.setdefault(int((minute - shown.start) // shown.step), []).append(one)
    return [
        {
            "timeStamp": iso(shown.start + at * shown.step),
            **_aggregated(metric, by_step.get(at, []), shown.step, aggregations),
        }
        for at in shown.steps
    ]


def _aggregated(metric: Metric, counted: Sequence[Json], step: float, aggregations: Sequence[str]) -> Json:
    weights = [1.0 if metric.weight is None else metric.weight(one) for one in counted]
    values = [metric.value(one) for one in counted]
    total = sum(value * weight for value, weight in zip(values, weights, strict=True))
    samples = step / 60 if metric.weight is None else sum(weights)
    found = {
        "average": total / (samples or 1.0),
        "total": total,
        "count": samples,
        "minimum": min(values, default=0.0),
        "maximum": max(values, default=0.0),
    }
    return {name: found[name] for name in aggregations}


def _times(timespan: str) -> tuple[float, float]:
    start, _, end = timespan.partition("/")
    try:
        read = [datetime.fromisoformat(one.strip()).timestamp() for one in (start, end)]
    except (ValueError, OverflowError) as error:
        raise _bad(f"The timespan {timespan[:80]!r} is not two times with a slash between them.") from error
    return read[0], read[1]


def _bad(message: str) -> ServiceError:
    return ServiceError(400, "BadRequest", message)
