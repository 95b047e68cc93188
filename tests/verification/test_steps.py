"""The table of steps: it names operations of the contract, and every operation that the client needs has a step."""

from __future__ import annotations

import itertools

from maas_client.contract.operation import Level, Surface
from maas_client.contract.table import OPERATIONS
from maas_client.verification.step import FREE, LEVELS, SURFACES
from maas_client.verification.steps import STEPS, steps_of

NO_STEP = {
    "foundry.checkpoints.copy": "needs another account",
    "foundry.checkpoints.copy_status": "needs another account",
    "foundry.files.import": "needs a file that is on the web",
    "foundry.jobs.pause": "a job over 20 rows may have ended before",
    "foundry.jobs.resume": "a job over 20 rows may have ended before",
    "foundry.uploads.cancel": "large files only",
    "foundry.uploads.complete": "large files only",
    "foundry.uploads.create": "large files only",
    "foundry.uploads.part": "large files only",
    "foundry.webhooks.create": "would send the account's events to an outside address",
    "foundry.webhooks.delete": "there is none of ours to delete",
    "online_deployments.scale": "would take a second machine",
}


def test_steps_have_names_of_their_own() -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)


def test_steps_name_operations_of_the_contract() -> None:
    assert {name for step in STEPS for name in step.operations} <= OPERATIONS.keys()


def test_every_operation_has_a_step_or_a_reason() -> None:
    named = {name for step in STEPS for name in step.operations}
    assert OPERATIONS.keys() - named == NO_STEP.keys()


def test_no_step_does_more_than_its_level() -> None:
    for step in STEPS:
        for name in step.operations:
            assert LEVELS.index(OPERATIONS[name].level) <= LEVELS.index(step.level), (step.name, name)


def test_a_step_comes_after_those_that_it_needs() -> None:
    names = [step.name for step in STEPS]
    for step in STEPS:
        for before in step.after:
            assert names.index(before) < names.index(step.name)
            assert STEPS[names.index(before)].surface == step.surface


def test_reading_is_free() -> None:
    assert {step.price for step in STEPS if step.level == Level.READ} == {FREE}


def test_each_level_includes_those_before_it() -> None:
    surfaces = (Surface.AZURE_ML, Surface.OWN_COMPUTE)
    by_level = [set(steps_of(surfaces, level)) for level in LEVELS]
    assert by_level == sorted(by_level, key=len)
    assert all(less < more for less, more in itertools.pairwise(by_level))
    assert by_level[-1] == {step for step in STEPS if step.surface != Surface.FOUNDRY}


def test_every_surface_has_steps_of_every_level() -> None:
    for surface in SURFACES:
        assert {step.level for step in STEPS if step.surface == surface} >= {Level.READ, Level.JOB, Level.FULL}


def test_every_step_says_in_a_sentence_what_it_does() -> None:
    assert all(step.says.endswith(".") and step.says[0].isupper() for step in STEPS)
