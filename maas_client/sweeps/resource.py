"""Sweeps: a job per combination of hyperparameters, with limited parallelism, within a budget, resumable."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from ..catalog.model_id import plain_name
from ..core.arguments import AMOUNT, COUNT, SECONDS, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import InvalidInput, MaasError
from ..core.local_files import reports_file_errors
from ..core.names import slug
from ..core.plain_values import PlainValue
from ..http.retry import poll_intervals
from ..jobs.backend import JobBackend, PreparedJob
from ..jobs.job import Job
from ..jobs.spec import JobSpec
from ..jobs.training_rows import with_files
from .grid import GridCell, Slots, Sweep, SweepOutcome, affordable, best_first, grid, losses

if TYPE_CHECKING:
    from ..http.outage import OnOutage
    from ..http.polling import Wait
    from ..transfers.progress import OnProgress
    from .costs import Costs

PARALLEL = 2
"""Jobs that have not ended, at once."""

TAG = "sweep"
"""The tag of a sweep's jobs; its value is what their names begin with."""

logger = logging.getLogger("maas_client")


@dataclass(frozen=True, slots=True)
class SweepPlan(PlainValue):
    """The jobs of a sweep in the order in which they are made; `costs` is None without prices.

    The first `within` of them are made, the others would exceed the budget.
    """

    cells: tuple[GridCell, ...]
    within: int
    costs: Costs | None = None

    def cost(self, position: int) -> float | None:
        """Return the most that a job may cost."""
        return None if self.costs is None else self.costs.each[position]


class AsyncSweeps:
    """Sweeps over hyperparameters. Their only state is their jobs, whose names follow from the parameters."""

    def __init__(self, backend: JobBackend) -> None:
        self._backend = backend

    @takes_numbers(max_cost=AMOUNT)
    async def plan(
        self, spec: JobSpec, *, prices: str | PathLike[str] | None = None, max_cost: float | None = None
    ) -> SweepPlan:
        """Return the jobs that a sweep consists of, and which of them the budget allows. No request is sent.

        Args:
            spec: the job; a hyperparameter that is a list or tuple has several values. Its name is what the jobs' names
                begin with.
            prices: a file of prices, for the costs.
            max_cost: what all jobs together may cost at most, in the currency of the prices.

        Raises:
            InvalidInput: a value is invalid, a budget has no prices, or the data cannot be counted here.
        """
        if max_cost is not None and prices is None:
            raise InvalidInput("a budget requires prices: none are built in")
        cells = grid(
            _base(spec),
            _values(spec),
            lambda chosen: self._backend.hyperparameters(replace(spec, hyperparameters=chosen)),
        )
        if prices is None:
            return SweepPlan(cells, len(cells))
        from .costs import costs_of

        async with with_files(self._backend.wire, spec) as named:
            costs = await self._backend.wire.call(partial(costs_of, cells, named, prices))
        return SweepPlan(cells, affordable(costs.each, max_cost), costs)

    @takes_numbers(parallel=COUNT, max_cost=AMOUNT, patience=SECONDS)
    @reports_file_errors
    async def run(
        self,
        spec: JobSpec,
        *,
        parallel: int = PARALLEL,
        prices: str | PathLike[str] | None = None,
        max_cost: float | None = None,
        patience: float = 600.0,
        on_update: Callable[[Job], object] | None = None,
        on_outage: OnOutage | None = None,
        on_progress: OnProgress | None = None,
    ) -> Sweep:
        """Create a job per combination and wait for all of them; the same call resumes after any interruption.

        Jobs are created in the order of the values. An existing one is reused, so that no
        parameters are trained twice; Ctrl-C does not stop the running ones.

        Args:
            spec: the job; a hyperparameter that is a list or tuple has several values. Its name is what the jobs' names
                begin with, `sweep-MODEL` without one.
            parallel: jobs that have not ended, at most.
            prices: a file of prices.
            max_cost: what all jobs together may cost at most, in the currency of the prices; the first that might
                exceed it, and all after it, are not created.
            patience: seconds to wait for jobs that are NotResponding or Paused when no other job is running.
            on_update: called with a job when it has been created or found, and whenever its status has changed.
            on_outage: called with an Outage for each failed poll that the wait tolerates, and once the service answers
                again.
            on_progress: called with a TransferProgress (bytes) while a file is uploaded, once for all jobs.

        Returns:
            Every combination, the best first. Those without a job were beyond the budget, or were not reached.

        Raises:
            InvalidInput: as for `plan`.
            Conflict: a job of one of these names exists with other data or another model.
            UnknownModel, ModelRetired, DatasetRefused: as for `jobs.create`.
        """
        async with with_files(self._backend.wire, spec) as named:
            return await self._run(named, parallel, prices, max_cost, patience, on_update, on_outage, on_progress)

    async def _run(
        self,
        spec: JobSpec,
        parallel: int,
        prices: str | PathLike[str] | None,
        max_cost: float | None,
        patience: float,
        on_update: Callable[[Job], object] | None,
        on_outage: OnOutage | None,
        on_progress: OnProgress | None,
    ) -> Sweep:
        plan = await self.plan(spec, prices=prices, max_cost=max_cost)
        todo = plan.cells[: plan.within]
        jobs: dict[str, Job] = {}

        def saw(job: Job, changed: bool) -> None:
            jobs[job.name] = job
            if changed and on_update is not None:
                on_update(job)

        if todo:
            request = await self._backend.prepare(_of_cell(spec, todo[0]), on_progress=on_progress)
            requests = [_with_cell(request, spec, cell) for cell in todo]
            await self._follow(_base(spec), requests, Slots(parallel), patience, saw, on_outage)
        ended = [job.name for job in jobs.values() if job.status.is_final]
        measured = await self._backend.wire.gather((partial(self._losses, name) for name in ended), limit=4)
        known = dict(zip(ended, measured, strict=True))
        outcomes = [
            SweepOutcome(cell, jobs.get(cell.name), *known.get(cell.name, (None, None)), plan.cost(position))
            for position, cell in enumerate(plan.cells)
        ]
        return Sweep(best_first(outcomes), plan.costs.currency if plan.costs else "")

    async def _follow(
        self,
        base: str,
        requests: Sequence[PreparedJob],
        slots: Slots,
        patience: float,
        saw: Callable[[Job, bool], None],
        on_outage: OnOutage | None,
    ) -> None:
        """Create the jobs, limited by the slots, and poll the running ones until they have ended or are stalled."""
        from ..http.outage import OutageReports
        from ..http.polling import OUTAGE, Polling, Wait, resume_note, start_clock

        wire, todo, intervals = self._backend.wire, deque(requests), poll_intervals()
        wait = Wait(f"the sweep {base!r}", "the same call, which creates no job twice", start_clock(wire), seen=True)

        async def look() -> tuple[list[Job], float | None]:
            found = await self._look(tuple(slots.running))
            return [job for job, _ in found], max((asked or 0.0 for _, asked in found), default=None)

        reports, answered_at = OutageReports(base, on_outage), wait.good

        def pause(asked: float | None) -> float:
            seconds = wait.pause(next(intervals), asked)
            if (error := wait.last_error) is not None:
                reports.failed(error, silent=wait.seconds - wait.good, retry_in=seconds, longest=OUTAGE)
            return seconds

        with resume_note(wait.what, wait.resume):
            await self._fill(todo, slots, wait, saw)
            if not slots.running:
                return
            async for jobs in Polling(wire, wait, look, pause, delay=pause(None)):
                if jobs is not None:
                    reports.answered(silent=wait.good - answered_at)
                    answered_at = wait.good
                for job in jobs or ():
                    saw(job, slots.saw(job, wait.seconds))
                await self._fill(todo, slots, wait, saw)
                if not slots.running or slots.stuck(wait.seconds, patience):
                    return

    async def _fill(self, todo: deque[PreparedJob], slots: Slots, wait: Wait, saw: Callable[[Job, bool], None]) -> None:
        """Create jobs while there are free slots."""
        while todo and slots.free:
            job = await self._backend.put(todo.popleft(), may_exist=True)
            saw(job, slots.saw(job, wait.seconds))

    async def _look(self, names: Sequence[str]) -> list[tuple[Job, float | None]]:
        """Poll each job once; return them, each with the seconds to wait that the service asks for."""
        return await self._backend.wire.gather((partial(self._backend.poll, name) for name in names), limit=4)

    async def _losses(self, name: str) -> tuple[float | None, float | None]:
        """Return a job's losses; an error in reading them does not end the sweep."""
        try:
            return losses(await self._backend.metrics(name))
        except MaasError as error:
            logger.warning("the losses of job %r could not be read; run the same sweep again to retry: %s", name, error)
            return None, None


class Sweeps(Blocking[AsyncSweeps]):
    """Sweeps over hyperparameters."""

    plan = blocking(AsyncSweeps.plan)
    run = blocking(AsyncSweeps.run)


def _base(spec: JobSpec) -> str:
    return spec.name or slug(f"sweep-{plain_name(spec.model)}")


def _values(spec: JobSpec) -> Mapping[str, object]:
    """Return the hyperparameters with their several values; those of a typed value have one each."""
    chosen = spec.hyperparameters or {}
    return chosen if isinstance(chosen, Mapping) else chosen.model_dump(exclude_none=True)


def _of_cell(spec: JobSpec, cell: GridCell) -> JobSpec:
    tags = {TAG: _base(spec), **spec.tags}
    return replace(spec, name=cell.name, hyperparameters=dict(cell.hyperparameters), tags=tags)


def _with_cell(request: PreparedJob, spec: JobSpec, cell: GridCell) -> PreparedJob:
    """Return the request for one combination; model and data are what they are for all of them."""
    output = f"{spec.output_name}-{cell.digest}" if spec.output_name else f"{cell.name}-model"
    return request.variant(name=cell.name, hyperparameters=cell.hyperparameters, output_name=output)
