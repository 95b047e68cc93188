"""Components of the registry: their documents, and that their inputs are those that Microsoft has published."""

import json
from pathlib import Path
from typing import Any

import pytest

from mock_server.resources import components
from tests.mock_server.driver import Azure, Json

REGISTRY = (
    "/mferp/managementfrontend/subscriptions/s/resourceGroups/g/providers"
    "/Microsoft.MachineLearningServices/registries/azureml/components"
)


def facts(value: Json) -> tuple[Any, ...]:  # Any: a fact of an input is a string, a number or a list
    """Return what is compared of an input: numbers by their value."""
    default, least = value.get("default"), value.get("min")
    if default is not None and value["type"] in ("integer", "number"):
        default = float(default)
    return (
        value["type"],
        default,
        value["optional"],
        value.get("enum"),
        None if least is None else int(least),
        value.get("mode"),
    )


def test_inputs_are_those_that_were_published(shared: Path) -> None:
    published = json.loads((shared / "wire" / "maap-components.json").read_text("utf-8"))["components"]
    for name, expected in published.items():
        component = components.COMPONENTS[name]
        spec = components.document(component)["properties"]["componentSpec"]
        assert (component.version, component.title) == (expected["version"], expected["display_name"])
        assert {key: facts(value) for key, value in spec["inputs"].items()} == {
            key: facts(value) for key, value in expected["inputs"].items()
        }
        assert {key: value["type"] for key, value in spec["outputs"].items()} == {
            key: value["type"] for key, value in expected["outputs"].items()
        }
        for step, given in expected.get("jobs", {}).items():
            shown = spec["jobs"][step]
            wanted = given["component"].split(":")
            assert shown["componentId"].split("/")[-3::2] == wanted[1:]
            assert (shown["computeId"], shown["resources"]) == (given["compute"], given["resources"])
            assert (shown["distribution"] or None) == given["distribution"]


@pytest.mark.parametrize("name", list(components.COMPONENTS))
def test_each_component_is_found_by_its_version(azure: Azure, name: str) -> None:
    [newest] = azure.http.get(f"{REGISTRY}/{name}/versions", params={"$top": "1"}).json()["value"]
    assert azure.http.get(f"{REGISTRY}/{name}/versions/{newest['name']}").json() == newest
    container = azure.http.get(f"{REGISTRY}/{name}").json()
    assert container["properties"]["latestVersion"] == newest["properties"]["componentSpec"]["version"]


def test_what_is_not_there_is_not_found(azure: Azure) -> None:
    for path, message in (
        (f"{REGISTRY}/absent", "absent container was not found"),
        (f"{REGISTRY}/chat_completion_pipeline/versions/9", "chat_completion_pipeline:9 (componentContainerName"),
        (REGISTRY.replace("azureml/", "other/"), "Registry other was not found"),
    ):
        answer = azure.http.get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "UserError")
        assert message in answer.json()["error"]["message"]


def test_the_list_has_every_component(azure: Azure) -> None:
    names = [one["name"] for one in azure.http.get(REGISTRY).json()["value"]]
    assert names == list(components.COMPONENTS)
