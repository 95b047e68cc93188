"""Foundry's four bases: credentials, api-versions, error bodies and the headers of every response."""

import base64
import json

import httpx
import pytest

from mock_server.server import Server
from tests.mock_server.foundry_driver import DATED, PROJECT, PROJECT_DATED, V1, Foundry


def _jwt(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"Bearer e30.{body}.x"


@pytest.mark.parametrize("base", [V1, PROJECT, PROJECT_DATED, DATED])
@pytest.mark.parametrize(
    "headers",
    [
        {"api-key": "key"},
        {"Authorization": "Bearer key"},
        {"Authorization": _jwt(aud="https://ai.azure.com", exp=4e9)},
        {"Authorization": _jwt(aud="https://cognitiveservices.azure.com")},
    ],
)
def test_a_key_or_a_token_opens_every_base(foundry: Foundry, base: str, headers: dict[str, str]) -> None:
    other = foundry.by(base)
    answer = httpx.get(f"{foundry.server.endpoint}{base}/files", params=other.query, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["apim-request-id"] == answer.headers["x-request-id"]
    assert answer.headers["x-ms-region"]


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, {"statusCode": 401}),
        ({"api-key": ""}, {"statusCode": 401}),
        ({"Authorization": "Basic eA=="}, {"statusCode": 401}),
        ({"Authorization": _jwt(aud="https://management.azure.com")}, {"error": {"code": "401"}}),
        ({"Authorization": _jwt(exp=1)}, {"error": {"code": "401"}}),
    ],
)
def test_a_missing_or_wrong_credential_is_refused(maas_server: Server, headers: dict[str, str], body: object) -> None:
    answer = httpx.get(f"{maas_server.endpoint}{V1}/files", headers=headers)
    assert answer.status_code == 401
    found = answer.json()
    assert "Access denied" in (found.get("error") or found)["message"]
    assert {"statusCode": found.get("statusCode")} == body or {"error": {"code": found["error"]["code"]}} == body


@pytest.mark.parametrize(
    ("base", "version", "status"),
    [
        (V1, "v1", 200),
        (V1, "preview", 200),
        (V1, "2025-04-01-preview", 400),
        (PROJECT, "2024-10-21", 400),
        (DATED, "2024-10-21", 200),
        (DATED, "", 404),
        (PROJECT_DATED, "v1", 404),
    ],
)
def test_each_base_takes_its_own_versions(foundry: Foundry, base: str, version: str, status: int) -> None:
    answer = foundry.http.get(f"{base}/files", params={"api-version": version})
    assert answer.status_code == status
    if status == 404:
        assert answer.json() == {"error": {"code": "404", "message": "Resource not found"}}
    if status == 400:
        assert "not allowed when using /v1 path" in answer.json()["error"]["message"]


def test_a_base_without_a_version_is_not_found(foundry: Foundry) -> None:
    answer = foundry.http.get(f"{DATED}/files")
    assert answer.json()["error"]["message"] == "Resource not found"
    assert answer.headers["x-mock-hint"].startswith("this base needs a dated api-version")


def test_errors_have_the_shape_of_their_base(foundry: Foundry) -> None:
    v1 = foundry.get("/files/file-none").json()["error"]
    assert (v1["code"], v1["type"], v1["inner_error"]) == ("notFound", "error", {})
    dated = foundry.by(DATED).get("/files/file-none").json()["error"]
    assert (dated["code"], dated["details"], dated["innererror"]) == ("notFound", [], {})


def test_an_unknown_path_is_the_gateways_404(foundry: Foundry) -> None:
    for answer in (foundry.get("/nowhere"), foundry.http.put(f"{V1}/files"), foundry.post("/uploads", {})):
        assert "uploads, files/import and DELETE of jobs only without v1" in answer.headers["x-mock-hint"]
        assert answer.json() == {"error": {"code": "404", "message": "Resource not found"}}
