"""A job is named by its name, its ARM id or a Studio URL; one of another workspace is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from maas_client.azure.settings import Settings
from maas_client.errors import InvalidInput
from maas_client.jobs.job_reference import is_reference, job_name

SETTINGS = Settings("5b1", "Team-RG", "shop")
WORKSPACE = "/subscriptions/5b1/resourceGroups/Team-RG/providers/Microsoft.MachineLearningServices/workspaces/shop"
SHORT = "/subscriptions/5b1/resourcegroups/team-rg/workspaces/SHOP"
STUDIO = "https://ml.azure.com"


@pytest.mark.parametrize(
    "reference",
    [
        "ft-7",
        f"{WORKSPACE}/jobs/ft-7",
        f"{WORKSPACE.upper()}/JOBS/ft-7/",
        f"azureml:{WORKSPACE}/jobs/ft-7",
        "azureml:ft-7",
        f"{WORKSPACE}/experiments/Default/runs/ft-7",
        f"azureml:/{SHORT}/jobs/ft-7",
        "azureml://jobs/ft-7/outputs/artifacts/paths/jobs/x",
        f"https://management.azure.com{WORKSPACE}/jobs/ft-7?api-version=2024-10-01-preview",
        f"{STUDIO}/runs/ft-7?wsid={WORKSPACE}&tid=72f988bf",
        f"{STUDIO}/runs/ft-7?tid=72f988bf&wsid={SHORT}",
        f"{STUDIO}/runs/ft-7?wsid=%2Fsubscriptions%2F5b1%2FresourceGroups%2Fteam-rg%2Fworkspaces%2Fshop",
        f"{STUDIO}/runs/ft-7/overview?wsid={WORKSPACE}#logs",
        f"{STUDIO}/experiments/id/0c1d/runs/ft-7?wsid={WORKSPACE}",
        f"https://ml.azure.us/runs/ft-7?wsid={WORKSPACE}",
        "https://ml.azure.com/runs/ft-7",
        "http://127.0.0.1:8765/runs/ft%2D7",
    ],
)
def test_every_form_names_the_same_job(reference: str) -> None:
    assert job_name(reference, SETTINGS) == "ft-7"


@pytest.mark.parametrize("wrong", [("5b1", "9c9"), ("Team-RG", "other"), ("/shop", "/depot")])
@pytest.mark.parametrize("form", ["{}/jobs/ft-7", STUDIO + "/runs/ft-7?wsid={}", "azureml:{}/jobs/ft-7"])
def test_another_workspace_is_refused_and_named(wrong: tuple[str, str], form: str) -> None:
    with pytest.raises(InvalidInput, match=r"^job 'ft-7' is in workspace .* but the settings select") as error:
        job_name(form.format(WORKSPACE.replace(*wrong)), SETTINGS)
    assert wrong[1].strip("/") in str(error.value)
    assert "--workspace" in str(error.value)


@pytest.mark.parametrize(
    "reference",
    [
        STUDIO,
        f"{STUDIO}/home?wsid={WORKSPACE}",
        f"{WORKSPACE}/data/runs-of-may/versions/1",
        "/subscriptions/5b1/resourceGroups/jobs/providers/Microsoft.MachineLearningServices/workspaces/shop/models/m",
        f"{STUDIO}/runs/?wsid={WORKSPACE}",
        "azureml://registries/azureml/models/Phi-4/versions/1",
        "https://[2001:db8::1/runs/ft-7",
        "azureml://[",
    ],
)
def test_what_does_not_name_a_job_is_refused_with_the_forms(reference: str) -> None:
    with pytest.raises(InvalidInput, match="does not name a job: use its name, its ARM id"):
        job_name(reference, SETTINGS)


def test_a_group_called_jobs_is_not_taken_for_a_job() -> None:
    settings = Settings("5b1", "jobs", "runs")
    arm = settings.workspace_path
    assert job_name(f"{arm}/jobs/ft-7", settings) == "ft-7"


def test_a_signature_in_a_url_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as caught:
        job_name("https://store.blob.core.windows.net/c/x?sv=1&sig=c2VjcmV0LXNpZ25hdHVyZQ%3D%3D", SETTINGS)
    assert "c2VjcmV0" not in str(caught.value)


@given(st.text(max_size=20))
def test_any_other_text_is_a_name(text: str) -> None:
    if not is_reference(text):
        assert job_name(text, SETTINGS) == text
