"""How many requests the deployments of an online endpoint had lately, from Azure Monitor.

The metric is `RequestsPerMinute` of Microsoft's page "Supported metrics for Microsoft.MachineLearningServices/
workspaces/onlineEndpoints", which has a dimension `deployment`; the request is `Metrics - List` of 2018-01-01. Azure
Monitor is some minutes behind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from math import floor

from ..azure.arm import Arm
from ..core.api_versions import MONITOR
from ..core.errors import ServiceError
from ..core.json_fields import Document, first, is_object, items, text
from ..core.url_paths import segment

_INTERVALS = ((3_600.0, "PT1M", 1), (86_400.0, "PT1H", 60), (float("inf"), "P1D", 1440))
"""Up to which length of time which interval of data points is asked for, and the minutes that it has."""

MOST_PER_MINUTE = 1e12
"""More than any endpoint is asked: a larger average is cut, and not lost."""


async def requests_lately(arm: Arm, endpoint: str, *, seconds: float) -> Mapping[str, float] | None:
    """Return the number of requests by deployment in the last `seconds`; None where Azure Monitor has no count.

    A deployment that is missing had none.
    """
    interval, minutes = next((name, minutes) for most, name, minutes in _INTERVALS if seconds <= most)
    query = {
        "metricnames": "RequestsPerMinute",
        "timespan": timespan_until(arm.wire.now(), seconds),
        "interval": interval,
        "aggregation": "Average",
        "$filter": "deployment eq '*'",
        "api-version": MONITOR.value,
    }
    path = f"/onlineEndpoints/{segment(endpoint)}/providers/Microsoft.Insights/metrics"
    try:
        document = await arm.get(path, query)
    except ServiceError:
        return None  # the identity may lack Monitoring Reader, or the region the metric: nothing is known then
    return counted(document, minutes)


def timespan_until(now: float, seconds: float) -> str:
    """Return the timespan of the last `seconds`, which ends after now: its end is not part of it.

    Otherwise a request in the first second of a minute would be missing until the next second.
    """
    return f"{_time(max(now - seconds, 0.0))}/{_time(floor(now) + 1)}"


def counted(document: Document, minutes: int) -> Mapping[str, float] | None:
    """Return the requests by deployment in an answer whose data points are averages over this many minutes each."""
    if not items(document, "value"):
        return None
    found: dict[str, float] = defaultdict(float)
    for series in items(document, "value"):
        for one in items(series, "timeseries"):
            name = text(first(one, "metadatavalues"), "value").lower()
            # Assumption: The average of `RequestsPerMinute` over an interval, times its minutes, is the number of
            #   requests in it.
            # Shown wrong by: A series of an endpoint with requests whose averages are null, or a deployment whose name
            #   is not in `metadatavalues`.
            # Verified by: running costs
            # If wrong: A deployment that is used counts as idle, or one that is idle as used.
            found[name] += sum(_average(point) for point in items(one, "data")) * minutes
    return dict(found)


def _average(point: object) -> float:
    value = point.get("average") if is_object(point) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return 0.0
    return float(min(value, MOST_PER_MINUTE))


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
