"""How long a way takes: the steps of an epoch, each as long as its estimate, or a rough guess where it is hosted."""

from __future__ import annotations

from math import ceil

from ..catalog.architecture import architecture_of
from ..catalog.model_facts import ModelFacts
from ..datasets.cost.training_time import rough_time
from ..gpu_estimates.step_time import step_time_of
from .candidates import Candidate
from .estimating import training_way
from .machine import Machine
from .training import Training
from .way import Hours

_SECONDS = 3600.0


def hours_on(candidate: Candidate, machine: Machine, training: Training, facts: ModelFacts) -> Hours:
    """Return the hours of one epoch on a machine, without its start.

    Alone in a step, a row is not padded; several are as long as the longest.
    """
    size, accumulation = training.size, training.accumulation(machine.gpus)
    length = min(size.mean if training.batch_size == 1 else size.longest, size.sequence_length)
    way = training_way(candidate, training, batch_size=training.batch_size, length=length)
    step = step_time_of(architecture_of(facts.name), machine.gpu, way)
    steps = ceil(size.rows / (training.batch_size * accumulation * machine.gpus))
    return Hours(steps * step.low / _SECONDS, steps * step.high / _SECONDS)


def hours_hosted(training: Training) -> Hours | None:
    """Return a rough guess of one epoch's hours on the service's machines; None for a model of unknown size."""
    if not isinstance(training.model, ModelFacts):
        return None
    guess = rough_time(training.model, tokens=training.size.tokens, steps=training.size.rows)
    return Hours(guess.least / _SECONDS, guess.most / _SECONDS)


def all_epochs(hours: Hours, epochs: int) -> Hours:
    """Return the hours of all epochs."""
    return Hours(hours.low * epochs, hours.high * epochs)
