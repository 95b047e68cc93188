"""The journal: no secret that passes through the server is in it."""

import json
import secrets

import httpx
import pytest

from mock_server.journal.journal import is_secret, safe_body, safe_headers, safe_url
from tests.mock_server.driver import Azure


@pytest.fixture
def canary() -> str:
    """Return a secret that occurs nowhere else."""
    return secrets.token_hex(16)


def written(azure: Azure) -> str:
    """Return everything that the journal and the verdict contain."""
    return json.dumps([azure.server.requests(), azure.server.verdict()])


@pytest.mark.parametrize(
    "header",
    [
        "Authorization: Bearer {}",
        "Authorization: bearer {}",
        "Authorization: Basic {}",
        "Authorization: SharedKey mockstore:{}",
        "Authorization: {}",
        "Authorization: odd {} words",
        "Proxy-Authorization: Basic {}",
        "api-key: {}",
        "X-Api-Key: {}",
        "Ocp-Apim-Subscription-Key: {}",
        "x-ms-encryption-key: {}",
        "x-ms-copy-source-authorization: Bearer {}",
        "x-ms-copy-source: https://a.blob.core.windows.net/c/b?sv=1&sig={}",
        "Referer: https://a/b?x=1&sig={}&y=2",
        "Cookie: session={}",
        "X-Mock-Token: {}",
        "X-Anything: Bearer {}",
    ],
)
def test_no_header_reveals_its_secret(azure: Azure, canary: str, header: str) -> None:
    name, _, value = header.format(canary).partition(": ")
    azure.http.get(azure.ws, headers={name: value})
    assert canary not in written(azure)
    assert any(key.lower() == name.lower() for key in azure.server.requests()[0]["request_headers"])


@pytest.mark.parametrize(
    "query", ["sig={}", "SIG={}", "%73ig={}", "a=1&sig={}'x{}", "sig={};{}", "code={}", "access_token={}", "api-key={}"]
)
def test_no_query_reveals_its_secret(azure: Azure, canary: str, query: str) -> None:
    azure.plain.get(f"{azure.server.endpoint}{azure.ws}?{query.format(canary, canary)}")
    azure.plain.get(f"{azure.server.endpoint}/container/blob?{query.format(canary, canary)}&sv=1")
    assert canary not in written(azure)
    assert len(azure.server.requests()) == 2


@pytest.mark.parametrize(
    "body",
    [
        {"keyType": "Primary", "keyValue": "{}"},
        {"properties": {"credentials": {"secrets": {"clientSecret": "{}", "values": ["{}"]}}}},
        {"properties": {"description": "see https://a/b?sv=1&sig={}&x=1"}},
        {"properties": {"connection": "AccountName=a;AccountKey={};EndpointSuffix=b"}},
        {"properties": {"note": "curl -H 'Authorization: Bearer {}'"}},
        {"primaryKeys": ["{}"], "sasToken": "sv=1&sig={}", "password": "{}"},
    ],
)
def test_no_body_reveals_its_secret(azure: Azure, canary: str, body: object) -> None:
    sent = json.loads(json.dumps(body).replace("{}", canary))
    azure.http.post(f"{azure.ws}/serverlessEndpoints/ep/regenerateKeys", json=sent)
    assert canary not in written(azure)
    assert azure.server.requests()[0]["request_body"]


def test_no_response_reveals_its_secret(azure: Azure) -> None:
    azure.endpoint()
    azure.server.advance(60)
    keys = azure.post("/serverlessEndpoints/ep/listKeys").json()
    renewed = azure.post("/serverlessEndpoints/ep/regenerateKeys", {"keyType": "Primary"})
    azure.server.advance(60)
    keys |= {"new": azure.follow(renewed.headers["location"]).json()["primaryKey"]}
    azure.job()
    azure.server.advance(20)
    sas = httpx.QueryParams(azure.sas())["sig"]
    azure.http.post("/_mock/state", json={"settings": {"datastore_credentials": "key"}})
    account = azure.post("/datastores/workspaceblobstore/listSecrets", {}).json()["key"]
    azure.chat("Hello", key=keys["secondaryKey"])
    azure.server.fault(operation="workspaces.get", headers={"Location": f"https://a/b?sig={keys['new']}"})
    azure.get("")
    log = azure.http.get(f"/history/v1.0{azure.ws}/runs/job/details").json()["logFiles"]["user_logs/std_log.txt"]
    azure.plain.get(log)
    everything = written(azure)
    for secret in (*keys.values(), sas, account, httpx.URL(log).params["sig"]):
        assert secret not in everything


def test_what_is_not_secret_stays_readable(azure: Azure) -> None:
    azure.get("/jobs", metric_key="loss", **{"$skipToken": "next", "continuationToken": "page"})
    azure.http.post(f"/metric/v2.0{azure.ws}/runs/j/full", json={"metricName": "loss", "max_tokens": 5})
    first, second = azure.server.requests()
    assert all(word in first["url"] for word in ("metric_key=loss", "=next", "continuationToken=page"))
    assert second["request_body"] == {"metricName": "loss", "max_tokens": 5}


def test_credential_schemes_stay_visible_and_equal_ones_match(azure: Azure) -> None:
    azure.get("")
    azure.get("/jobs")
    azure.http.get(azure.ws, headers={"Authorization": "Bearer another"})
    entries = azure.server.requests()
    assert {entry["request_headers"]["authorization"] for entry in entries} == {"Bearer REDACTED"}
    first, second, third = (entry["credential"] for entry in entries)
    assert first == second != third


def test_the_parts_of_a_url_around_a_secret_stay() -> None:
    assert safe_url("https://a/b?sv=1&sig=x%3D&se=2") == "https://a/b?sv=1&sig=REDACTED&se=2"
    assert dict(safe_headers([("X-A", "b")])) == {"X-A": "b"}
    assert safe_body("text/plain", b"{}") is None
    assert [is_secret(name) for name in ("Primary_Key", "keyType", "skoid")] == [True, False, True]


def test_a_number_beyond_all_floats_leaves_the_journal_readable(azure: Azure) -> None:
    content, headers = b'{"properties":{"displayName":1e400}}', {"Content-Type": "application/json"}
    refused = azure.http.put(f"{azure.ws}/jobs/j", content=content, headers=headers)
    assert refused.status_code == 400
    assert azure.server.requests()[-1]["request_body"] is None
    assert azure.server.verdict()["verdict"] == "clean"
