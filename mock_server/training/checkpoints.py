"""What becomes of a job that loses its low-priority nodes, and of the one that continues from its last checkpoint."""

from dataclasses import replace

from mock_server.core.json_values import Json, number
from mock_server.training import simulation
from mock_server.training.simulation import PHASES, RUNNING, Plan

PREEMPTION_ERROR = "PreemptionError"
PREEMPTED = "The low-priority nodes of this job got pre-empted before it had ended."


def evicted(plan: Plan, step: int | None) -> Plan:
    """Return the plan of a job that loses its nodes after a step, by default after half of the training."""
    if plan.failure:
        return plan
    last = plan.steps // 2 if step is None else step
    return replace(plan, failure=PREEMPTED, evicted=simulation.share_of(plan, min(max(last, plan.resumed), plan.steps)))


def saved_steps(plan: Plan, hyperparameters: Json) -> range:
    """Return the steps after which a job keeps a checkpoint: at the end of each epoch, or every `eval_steps`."""
    every = number(hyperparameters.get("eval_steps")) or 500.0
    per_epoch = max(1, -(-plan.rows // plan.batch_size))
    spacing = max(1, int(every)) if hyperparameters.get("evaluation_strategy") == "steps" else per_epoch
    return range(spacing, plan.steps + 1, spacing)


def last_saved(plan: Plan, hyperparameters: Json) -> int:
    """Return the step of the last checkpoint of a job that lost its nodes; 0 if it had none."""
    if plan.evicted is None:
        return 0
    reached = (step for step in saved_steps(plan, hyperparameters) if simulation.share_of(plan, step) <= plan.evicted)
    return max([plan.resumed, *reached])


def resumed(plan: Plan, step: int) -> Plan:
    """Return the plan of a job that continues after a step: what was done already takes no time again."""
    left = 1.0 - min(step, plan.steps - 1) / plan.steps
    queue = PHASES[RUNNING][1]
    return replace(plan, resumed=min(step, plan.steps - 1), seconds=plan.seconds * (queue + (1.0 - queue) * left))
