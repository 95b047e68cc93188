"""Names are put into a recorded text and found in it again, whatever they are; and hostile requests break nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, strategies as st

from mock_server.replay.addresses import address_of, own_url
from mock_server.replay.answers import Answer
from mock_server.replay.placeholders import Bindings, filled, unified
from mock_server.replay.player import Lost, Player
from mock_server.replay.requests import ReplayRequest
from tests.mock_server.cassettes import BASE, cassette, line

NAMES = st.text(st.characters(exclude_characters=":/.", codec="utf-8"), min_size=1)
TEMPLATES = (
    "job-1",
    "azureml:data-1:version-1",
    "/subscriptions/subscription-1/resourceGroups/group-1/workspaces/group-1/jobs/job-1",
    "azureml://jobs/job-1/outputs/name-1.jsonl",
)


@given(st.sampled_from(TEMPLATES), st.lists(NAMES, min_size=8, max_size=8))
def test_names_that_were_put_in_are_found_again(template: str, names: list[str]) -> None:
    keys = ("job-1", "data-1", "version-1", "name-1", "subscriptions:subscription-1", "resourcegroups:group-1")
    bindings = Bindings(dict(zip((*keys, "workspaces:group-1"), names, strict=False)))
    text = filled(template, bindings)
    found = unified(template, text, Bindings())
    assert found is not None
    assert filled(template, found) == text
    assert unified(template, text, bindings) == bindings
    assert unified(template, f"{text}/more:than.that", found) is None


@given(st.text(), st.text())
def test_a_text_without_placeholders_is_only_itself(text: str, other: str) -> None:
    template = text.replace("-", "")
    assert unified(template, template, Bindings()) == Bindings()
    assert (unified(template, other, Bindings()) is not None) == (template.lower() == other.lower()) or not (
        template.isascii() and other.isascii()
    )


@given(st.text(), st.sampled_from(["GET", "PUT", "POST", "HEAD", "DELETE"]), st.binary())
def test_any_request_is_answered_or_fits_none(path: str, method: str, body: bytes) -> None:
    request = ReplayRequest(method, address_of(f"{BASE}/{path}"), BASE, "multipart/form-data; boundary=x", body=body)
    _, played = PLAYER.play(PLAYER.start, request)
    assert isinstance(played, Answer | Lost) or played.sentence.startswith(f"{method} /")


@given(st.text())
def test_any_recorded_url_is_one_of_this_server_or_itself(text: str) -> None:
    for url in (f"https://{text}", f"http://localhost/{text}", f"https://account-1.blob.core.windows.net/{text}"):
        assert own_url(url, BASE) == url or own_url(url, BASE).startswith(BASE)


def _player() -> Player:
    with TemporaryDirectory() as folder:
        listed = line("GET", "http://localhost/file-1", 200, {"value": []})
        form = {"form": [{"name": "file", "filename": "file-1.jsonl", "data": {"bytes": 3}}]}
        return Player(cassette(Path(folder), listed, line("POST", "http://localhost/file-1", 200, {}, sent=form)))


PLAYER = _player()
