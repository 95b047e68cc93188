"""What roles allow: patterns as Azure writes them, and what one role takes away another may give."""

from __future__ import annotations

from hypothesis import given, strategies as st

from maas_client.azure.permissions import NEEDED, PermissionGrant, grants_of, missing

JOBS = "Microsoft.MachineLearningServices/workspaces/jobs/write"


def test_an_owner_may_do_everything() -> None:
    assert missing([PermissionGrant(("*",))]) == []


def test_a_data_scientist_may_do_the_job_despite_not_actions() -> None:
    workspaces = "Microsoft.MachineLearningServices/workspaces/"
    given_ = (f"{workspaces}*/read", f"{workspaces}*/action", f"{workspaces}*/delete", f"{workspaces}*/write")
    taken = (f"{workspaces}delete", f"{workspaces}write", f"{workspaces}computes/*/write", f"{workspaces}listKeys/*")
    assert missing([PermissionGrant(given_, taken)]) == []


def test_a_reader_lacks_all_of_it() -> None:
    assert missing([PermissionGrant(("*/read",))]) == list(NEEDED)
    assert missing([]) == list(NEEDED)


def test_what_one_role_excludes_another_may_give() -> None:
    assert JOBS in missing([PermissionGrant(("*",), (JOBS,))])
    assert missing([PermissionGrant(("*",), (JOBS,)), PermissionGrant((JOBS.upper(),))]) == []


def test_a_pattern_means_its_other_characters_as_they_are() -> None:
    assert not PermissionGrant(("Microsoft.MachineLearningServices/workspaces/jobs/writ.",)).allows(JOBS)
    assert not PermissionGrant((f"{JOBS}/more",)).allows(JOBS)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["value", "actions", "notActions"]), inner),
    )
)
def test_any_answer_can_be_read(document: object) -> None:
    grants = grants_of({"value": document})
    assert all(isinstance(pattern, str) for grant in grants for pattern in grant.actions + grant.excluded)
    assert set(missing(grants)) <= set(NEEDED)
