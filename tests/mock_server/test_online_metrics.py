"""The metrics of managed online endpoints over the wire, as Azure Monitor shows them."""

import pytest

from tests.mock_server.driver import Azure, Json
from tests.mock_server.online_driver import Online

METRICS = "/providers/microsoft.insights/metrics"


@pytest.fixture
def online(azure: Azure) -> Online:
    """Return the workspace's online endpoints, with one that answers."""
    online = Online(azure)
    azure.server.set_quota({"gpu": 1000})
    online.served()
    return online


def metric(online: Online, names: str, path: str = "/onlineEndpoints/online", **query: str) -> Json:
    """Return the first metric of a response."""
    answer = online.azure.get(path + METRICS, metricnames=names, **query)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()["value"][0]
    return found


def total(shown: Json) -> float:
    """Return the sum of a series."""
    return float(sum(point["total"] for point in shown["timeseries"][0]["data"]))


def test_answered_requests_are_counted_by_the_minute(online: Online) -> None:
    for _ in range(3):
        online.score()
    online.azure.server.advance(120)
    online.score()
    online.azure.server.advance(60)
    shown = metric(online, "RequestsPerMinute", aggregation="total,average")
    assert (shown["unit"], total(shown)) == ("Count", 4)
    assert max(point["average"] for point in shown["timeseries"][0]["data"]) == 3
    assert len(shown["timeseries"][0]["data"]) in (60, 61)  # the last minute may have begun
    by_hour = metric(online, "RequestsPerMinute", aggregation="average", interval="PT1H", timespan="PT1H")
    assert sum(point["average"] for point in by_hour["timeseries"][0]["data"]) == 4 / 60


def test_an_endpoint_that_no_one_asks_shows_zeros(online: Online) -> None:
    assert total(metric(online, "RequestsPerMinute", aggregation="total")) == 0


def test_requests_can_be_filtered_and_split(online: Online) -> None:
    online.score()
    online.score(pinned="nowhere")
    online.azure.server.advance(60)
    split = metric(online, "RequestsPerMinute", aggregation="total", **{"$filter": "statusCode eq '*'"})
    assert {series["metadatavalues"][0]["value"] for series in split["timeseries"]} == {"200", "404"}
    blue = metric(online, "requestsperminute", aggregation="total", **{"$filter": "deployment eq 'blue'"})
    assert total(blue) == 1


def test_the_time_of_answers_is_averaged_over_requests(online: Online) -> None:
    online.score()
    online.azure.server.advance(60)
    latencies = metric(online, "RequestLatency")["timeseries"][0]["data"]
    assert max(point["average"] for point in latencies) > 0


def test_a_deployment_shows_its_instances(online: Online) -> None:
    shown = metric(online, "DeploymentCapacity", "/onlineEndpoints/online/deployments/blue", aggregation="average")
    assert {point["average"] for point in shown["timeseries"][0]["data"]} == {1}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"metricnames": "Nothing"},
        {"metricnames": "RequestsPerMinute", "interval": "PT7M"},
        {"metricnames": "RequestsPerMinute", "timespan": "yesterday"},
        {"metricnames": "RequestsPerMinute", "timespan": "2026-01-01T00:00:00Z/2025-01-01T00:00:00Z"},
        {"metricnames": "RequestsPerMinute", "timespan": "2020-01-01T00:00:00Z/2026-01-01T00:00:00Z"},
        {"metricnames": "RequestsPerMinute", "aggregation": "median"},
        {"metricnames": "RequestsPerMinute", "$filter": "colour eq 'red'"},
    ],
)
def test_what_is_not_known_of_metrics_is_refused(online: Online, query: dict[str, str]) -> None:
    assert online.azure.get("/onlineEndpoints/online" + METRICS, **query).status_code == 400


def test_mirrored_requests_are_counted_too(online: Online) -> None:
    online.deployment("green")
    online.azure.server.advance(60)
    online.endpoint(traffic={"blue": 100}, mirrorTraffic={"green": 10})
    online.azure.server.advance(60)
    key = online.key()
    for _ in range(100):
        online.send("/score", {"input_data": ["Hello"]}, key=key)
    online.azure.server.advance(60)
    copied = metric(online, "RequestsPerMinute", aggregation="total", **{"$filter": "deployment eq 'green'"})
    assert total(copied) == 10
