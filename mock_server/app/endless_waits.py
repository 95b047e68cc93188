"""Ends a wait that nothing will end, with an error that says why: in a test it would hang silently.

A wait is a request that is repeated because its response shows something unfinished. Nothing will end it if the virtual
clock stands still, if a fault rule holds the job without end, or if a rule makes every poll fail.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from starlette.responses import Response

from mock_server.app.dispatch import DispatchedRequest
from mock_server.app.poll_clock import FOUNDRY_CHATS, UNFINISHED_CHECKS, document_of, is_unfinished
from mock_server.core.errors import ServiceError
from mock_server.core.json_values import Json, child, is_array, is_object, text
from mock_server.faults.rule import Rule
from mock_server.resources import foundry_deployments, foundry_jobs, jobs
from mock_server.state.world import World
from mock_server.training import foundry_course, pipeline_course, simulation
from mock_server.training.foundry_course import FINAL
from mock_server.training.job import Job
from mock_server.training.pipeline_course import Course
from mock_server.training.simulation import TERMINAL, Plan

YEAR = 365 * 86400.0
HOLDS = frozenset({"Queued", "NotResponding", "Paused"})
LISTS = {"jobs.list": "value", "foundry.jobs.list": "data"}
"""The member that has the jobs, of the operations that list them."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a poll's result cannot change; `key` is the same for as long as that holds."""

    key: Hashable
    sentence: str


def error_for_poll(world: World, dispatched: DispatchedRequest, response: Response | None) -> ServiceError | None:
    """Record a request and return the error that ends its wait; `response` is None if a rule drops the response."""
    polls = world.repeated_polls
    if polls.limit is None:
        return None
    cause = _cause(world, dispatched, response)
    if not polls.is_in_vain(dispatched.target, cause and cause.key) or cause is None:
        return None
    return ServiceError(
        400,
        "MockWaitNeverEnds",
        f"{dispatched.operation} was polled for {polls.limit:g} seconds of real time, and {cause.sentence} "
        "A test that means to poll for longer calls maas_server.end_waits_after(None).",
    )


def _cause(world: World, dispatched: DispatchedRequest, response: Response | None) -> Cause | None:
    rule = dispatched.rule
    if rule is not None and rule.count is None and _fails(rule) and dispatched.operation in UNFINISHED_CHECKS:
        return Cause(
            ("rule", rule.status, rule.drop),
            "a fault rule without a limit (count=None) makes each of these requests fail. Give the rule a count, or "
            "use maas_env, maas or async_maas, whose retries take no real time.",
        )
    if response is None or not is_unfinished(dispatched.operation, response):
        return None
    if held := _held_jobs(world, dispatched, response):
        named = " and ".join(f"job {name!r}" for name in held)
        return Cause(
            ("held", *held),
            f"a fault rule, a pause or a cluster without nodes keeps {named} from ever ending. Give the rule "
            "`seconds`, cancel or resume the job, or give the wait a timeout.",
        )
    if refused := _refused_deployments(world, dispatched):
        names = " and ".join(f"deployment {name!r}" for name in refused)
        return Cause(
            ("refused", *refused),
            f"a fault rule keeps {names} from ever answering. Give the rule `seconds` or `calls`, or give the wait a "
            "timeout.",
        )
    if world.clocks.stands_still(dispatched.workspace):
        return Cause(
            ("clock", world.now(dispatched.workspace)),
            "the server's virtual clock stood still, so nothing can ever end. Use the fixture maas_env, maas or "
            "async_maas, whose clients advance the clock where they would sleep; or call maas_clock.advance(seconds) "
            "in the test, or maas_server.advance_on_poll(seconds) before the wait.",
        )
    return None


def _fails(rule: Rule) -> bool:
    return rule.probability >= 1 and (rule.drop is not None or (rule.status or 0) >= 408)


def _held_jobs(world: World, dispatched: DispatchedRequest, response: Response) -> list[str]:
    """Return the unfinished jobs in a response if each of them is held for years, else none."""
    document = document_of(response) or {}
    member = LISTS.get(dispatched.operation)
    shown: object = [document] if member is None else document.get(member)
    found = [job for job in shown if is_object(job)] if is_array(shown) else []
    unfinished = [job for job in found if _status(job) not in TERMINAL | FINAL]
    held = [_name(job) for job in unfinished if _is_held(world, dispatched, job)]
    return held if len(held) == len(unfinished) else []


def _refused_deployments(world: World, dispatched: DispatchedRequest) -> list[str]:
    """Return the Foundry deployments that a fault rule lets refuse chats without end, if the request is a chat."""
    if dispatched.operation not in FOUNDRY_CHATS:
        return []
    return [one.name for one in foundry_deployments.list_all(world, world.now("")) if one.is_refusing_without_end]


def _name(job: Json) -> str:
    return text(job, "runId") or text(job, "name") or text(job, "id")


def _status(job: Json) -> str:
    return text(job, "status") or text(child(job, "properties"), "status")


def _is_held(world: World, dispatched: DispatchedRequest, shown: Json) -> bool:
    if isinstance(dispatched.resolved, ServiceError):
        return False
    call, name = dispatched.resolved[1], _name(shown)
    if dispatched.operation.startswith("foundry."):
        job = foundry_jobs.find(world, name, world.now(""))
        return job is not None and job.elapsed is not None and foundry_course.is_held(job.course, job.elapsed, YEAR)
    if not dispatched.operation.startswith(("jobs.", "history.")):
        return False
    run = jobs.find(world, call.scope.guid, name, world.now(dispatched.workspace))
    if run is None:
        return False
    if run.course is not None:
        return _is_pipeline_held(run, run.course)
    return _status(shown) in HOLDS and _is_endless(run.plan)


def _is_pipeline_held(pipeline: Job, course: Course) -> bool:
    """Return whether the step that a pipeline is at will never end."""
    last = pipeline_course.begun(course, pipeline.elapsed, pipeline.canceled)[-1:]
    status = simulation.state_at(last[0].plan, pipeline.elapsed - last[0].begin).status if last else ""
    return pipeline.canceled is None and status in HOLDS and _is_endless(last[0].plan)


def _is_endless(plan: Plan) -> bool:
    return plan.waits > YEAR or (plan.hold is not None and plan.hold.seconds > YEAR)
