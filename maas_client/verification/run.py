"""One run of a plan: the steps in their order, what is seen of them, and the clean-up that always follows."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from .._version import __version__
from ..core.errors import MaasError, NotOffered, ServiceError, SettingsError, UntrustedHost
from .actions import action_of
from .between_answers import BetweenAnswers
from .cleanup import Leftover, remove_all
from .findings import findings_of, shared
from .foreign_addresses import foreign_address
from .observation import Observation, observe, path_of
from .plan import CLEAN_UP, VerificationPlan
from .refusals import named_failure
from .report import (
    Ending,
    State,
    VerificationReport,
    VerificationStep,
    fields_of,
    outages_of,
    remainder_of,
    times_of,
)
from .sharing import Sharing
from .slowness import slowness
from .step import Step
from .step_context import SLOW, NotPossible, StepContext, Violation
from .steps import STEPS
from .watching_wire import Exchange, OutOfTime, WatchingWire

if TYPE_CHECKING:
    from ..settings_choice import AnySettings

CLEANING = "clean-up"
"""The name under which the exchanges of the clean-up are counted."""

POINTLESS: Mapping[str, str] = {
    "CredentialError": "there is no token",
    "ConnectionFailed": "there is no server that answers",
}
"""Errors of the first steps after which no other one can be done, and why."""

SLOW_ANSWER = 60.0
"""Seconds within which one answer is expected."""

_CODE = re.compile(r"\A[A-Za-z][A-Za-z0-9_.]{0,60}\Z")


class Run:
    """One run; `see` is called with every exchange."""

    def __init__(
        self,
        plan: VerificationPlan,
        on_step: Callable[[VerificationStep], object],
        on_removal: Callable[[str], object],
    ) -> None:
        self._plan, self._on_step, self._on_removal = plan, on_step, on_removal
        self._observations: list[Observation] = []
        self._steps: list[VerificationStep] = []
        self._removed, self._step = 0, ""
        self._urls: set[str] = set()
        self._last: Exchange | None = None
        self._between = BetweenAnswers()

    def see(self, exchange: Exchange) -> None:
        """Hold an exchange to the contract."""
        self._last = exchange
        self._urls.add(exchange.url)
        try:
            seen = observe(self._step, exchange)
            between = [] if self._step == CLEANING else list(self._between.see(self._step, exchange))
        except Exception as error:  # what cannot be compared must not end the request that it is of
            where = f"an answer to {exchange.method} {path_of(exchange.url)}"
            found = f"it cannot be compared ({type(error).__name__})"
            self._context.violations.append(Violation(self._step, where, "an answer that can be compared", found))
        else:
            self._observations.append(seen)
            self._violated(between)

    def _violated(self, found: Iterable[Violation | None]) -> None:
        known = self._context.violations
        known += [one for one in dict.fromkeys(found) if one is not None and one not in known]

    async def go(self, context: StepContext, wire: WatchingWire, settings: AnySettings) -> VerificationReport:
        """Take the steps, clean up, and report."""
        self._context, self._wire = context, wire
        started_at, started = self._wire.now(), self._wire.clock()
        self._wire.deadline = started + self._plan.timeout
        ended: Ending = ""
        stop: BaseException | None = None
        try:
            ended = await self._walk()
        except KeyboardInterrupt:
            ended = "interrupted"
        except GeneratorExit:  # nothing can be awaited any more
            raise
        except BaseException as error:  # an event loop that ends: what was made is removed first
            stop = error
        left = await self._clean_up()
        if stop is not None:
            for one in left:
                stop.add_note(f"still there: {one.kind} {one.name}; {remainder_of(one).command}")
            raise stop
        sharing = Sharing(settings, self._urls)
        findings = findings_of(self._observations, [*self._context.violations, *self._slow_answers()])
        return VerificationReport(
            surfaces=self._plan.surfaces,
            level=self._plan.level,
            name=self._context.prefix,
            model=self._plan.model,
            version=__version__,
            api_versions=tuple(sorted({one.api_version for one in self._observations if one.api_version})),
            started_at=started_at,
            seconds=round(self._wire.clock() - started, 3),
            price=self._plan.price,
            steps=tuple(replace(one, code=sharing.text(one.code)) for one in self._steps),
            findings=tuple(shared(one, sharing.text) for one in findings),
            times=times_of(self._observations),
            fields=fields_of(self._observations),
            outages=outages_of(self._observations),
            removed=self._removed,
            remainders=tuple(remainder_of(one) for one in left),
            ended=ended,
            is_mock=settings.is_loopback,
            cloud=settings.cloud.name,
            platform=f"{platform.python_version()} on {platform.system()}",
        )

    async def _walk(self) -> Ending:
        by_name = {step.name: step for step in STEPS}
        ended: Ending = ""
        over = ""
        for name in self._plan.steps:
            step = by_name[name]
            states = {one.name: one.state for one in self._steps}
            if over:
                self._end(_result(step, "skipped", reason=over))
            elif lacking := [before for before in step.after if states.get(before) != "done"]:
                self._end(_result(step, "skipped", reason=f"it needs {' and '.join(lacking)}"))
            else:
                self._end(result := await self._take(step))
                if self._is_late():
                    ended, over = "time limit", "the time limit had passed"
                elif result.error in POINTLESS and "done" not in states.values():
                    over = POINTLESS[result.error]
        return ended

    def _end(self, result: VerificationStep) -> None:
        self._steps.append(result)
        self._on_step(result)

    def _is_late(self) -> bool:
        return self._wire.clock() >= self._wire.deadline

    async def _take(self, step: Step) -> VerificationStep:
        self._step = self._context.step = step.name
        started, seen = self._wire.clock(), len(self._observations)
        self._on_step(_result(step, "running"))
        state: State = "done"
        error: Exception | None = None
        try:
            await action_of(step)(self._context)
        except (NotPossible, NotOffered, SettingsError) as reason:
            state, error = "skipped", reason
        except Exception as raised:  # whatever it is: the steps that do not need this one are still taken
            state, error = "failed", raised
        seconds = self._wire.clock() - started
        if error is not None and self._is_late():
            error = OutOfTime(f"the time limit of {self._plan.timeout:,.0f} s has passed")
        states = {name: spent for (of, name), spent in self._context.spent.items() if of == step.name}
        self._violated(self._of_step(step, error if state == "failed" else None, self._observations[seen:]))
        if seconds > step.expected and state != "skipped":
            self._violated([slowness(step, seconds, self._observations[seen:], states)])
        return _result(
            step,
            state,
            seconds=round(seconds, 3),
            requests=len(self._observations) - seen,
            error=error,
            states={name: round(spent, 3) for name, spent in states.items()},
        )

    def _of_step(
        self, step: Step, error: Exception | None, observations: Sequence[Observation]
    ) -> Iterator[Violation | None]:
        """Yield which answer made a step fail, unless that is known."""
        if error is None or isinstance(error, OutOfTime):
            return
        if any(one.step == step.name and one.operation for one in self._context.violations):
            return
        if isinstance(error, UntrustedHost):
            yield foreign_address(step.name, error, self._last)
        yield named_failure(step.name, error, observations)

    async def _clean_up(self) -> tuple[Leftover, ...]:
        self._step, self._wire.deadline = CLEANING, self._wire.clock() + CLEAN_UP
        made = len(self._context.made)
        try:
            left = await remove_all(self._context.made, lambda one: self._on_removal(f"{one.kind} {one.name}"))
        finally:
            self._wire.deadline = inf
        self._removed = made - len(left)
        return left

    def _slow_answers(self) -> list[Violation]:
        slowest: dict[tuple[str, str], float] = {}
        for one in self._observations:
            if one.operation and one.seconds > SLOW_ANSWER:
                key = (one.step, one.operation)
                slowest[key] = max(slowest.get(key, 0.0), one.seconds)
        return [
            Violation(
                step, f"the time of an answer to {name}", f"at most {SLOW_ANSWER:.0f} s", f"{seconds:,.0f} s", SLOW
            )
            for (step, name), seconds in slowest.items()
        ]


def _result(
    step: Step,
    state: State,
    *,
    reason: str = "",
    seconds: float = 0.0,
    requests: int = 0,
    error: Exception | None = None,
    states: Mapping[str, float] | None = None,
) -> VerificationStep:
    service = error if isinstance(error, ServiceError) else None
    code = service.code if service is not None and _CODE.match(service.code) else ""
    return VerificationStep(
        name=step.name,
        surface=step.surface,
        level=step.level,
        state=state,
        expected=step.expected,
        seconds=seconds,
        requests=requests,
        reason=reason or ("" if error is None else _text(error)),
        note=reason or (str(error) if isinstance(error, NotPossible | OutOfTime) else ""),
        error="" if error is None or state == "skipped" else type(error).__name__,
        status=None if service is None else service.status,
        code=code,
        states=states or {},
    )


def _text(error: Exception) -> str:
    return str(error) if isinstance(error, MaasError) else f"{type(error).__name__}: {error}"
