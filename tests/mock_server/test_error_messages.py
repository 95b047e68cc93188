"""Error messages: each names what is known, what was received and what to change."""

import pytest

from mock_server.http import route_hints
from mock_server.surfaces import admin
from tests.mock_server.driver import Azure


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("{ws}/jbos/a", ["jbos/a", "jobs", "serverlessEndpoints", "Correct the path"]),
        ("/nowhere", ["'/nowhere'", "/subscriptions/", "/maas", "/_mock"]),
        ("/_mock/fault", ["'/_mock/fault'", "GET, POST, DELETE /_mock/faults"]),
        ("/history/v1.0/x", ["/history/v1.0", "details"]),
        ("/maas/e/v2/chat", ["/maas/e/v2/chat", "v1/chat/completions"]),
        ("/mir/e/v2/chat", ["/mir/e/v2/chat", "v1/chat/completions"]),
        ("/registrymanagement/v2", ["/registrymanagement/v1.0/registries"]),
    ],
)
def test_an_unknown_path_is_answered_with_the_known_ones(azure: Azure, path: str, words: list[str]) -> None:
    answer = azure.http.get(path.format(ws=azure.ws))
    assert answer.status_code == 404
    message = answer.text  # the gateway of online endpoints answers in plain text
    assert [word for word in words if word not in message] == []


def test_every_admin_route_is_among_the_known_ones() -> None:
    sentence, _, page = route_hints.KNOWN_PATHS["admin"].partition(". ")
    listed = sentence.removeprefix("Known: ").split("; ")
    known = {
        (method, path) for methods, path in (one.rsplit(" ", 1) for one in listed) for method in methods.split(", ")
    }
    assert known == {(route.method, route.pattern.pattern.removesuffix("/?")) for route in admin.ROUTES}
    assert page == "Its page is /_mock/ui."


@pytest.mark.parametrize(
    "word",
    [
        "data",
        "datastores",
        "environments",
        "jobs",
        "models",
        "computes",
        "onlineEndpoints",
        "serverlessEndpoints",
        "marketplaceSubscriptions",
    ],
)
def test_the_known_paths_exist(azure: Azure, word: str) -> None:
    assert word in route_hints.KNOWN_PATHS["management"]
    assert azure.get(f"/{word}").status_code == 200


def test_a_wrong_method_is_answered_with_the_right_ones(azure: Azure) -> None:
    for path, allowed in (("/_mock/verdict", "GET"), (f"{azure.ws}/jobs/j", "DELETE, GET, PUT")):
        answer = azure.http.patch(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        message = answer.json()["error"]["message"]
        assert "'PATCH'" in message
        assert allowed in message


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("clock", {"speed": 1}, ["advance", "step_on_poll", "got ['speed']", "remove it"]),
        ("clock", {"mode": "wild"}, ["real", "scaled", "virtual", "got 'wild'"]),
        ("clock", {"advance": -1}, ["never negative", "got '-1'"]),
        ("clock", {"mode": "scaled", "scale": "x"}, ["seconds per real second", "got 'x'"]),
        ("faults", {"faults": 1}, ["one rule, or {'faults': [rules]}", "got {'faults': 1}"]),
        ("state", {"settings": {"blob_addressing": "x"}}, ["path", "host", "got 'blob_addressing': 'x'", "change it"]),
    ],
)
def test_a_misused_admin_route_says_how_it_is_used(azure: Azure, path: str, body: object, words: list[str]) -> None:
    answer = azure.http.post(f"/_mock/{path}", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "MockMisuse")
    message = answer.text  # the gateway of online endpoints answers in plain text
    assert [word for word in words if word not in message] == []


def test_a_missing_rule_cannot_be_removed(azure: Azure) -> None:
    answer = azure.http.delete("/_mock/faults", params={"id": "7"})
    assert "no fault rule '7'; GET /_mock/faults lists the active rules" in answer.json()["error"]["message"]


def test_an_invalid_host_is_rejected_with_a_correction(azure: Azure) -> None:
    message = azure.http.get(azure.ws, headers={"Host": "a b"}).json()["error"]["message"]
    assert "got 'a b'" in message
    assert "send a host name" in message
