"""A verification of a client's workspace or account: planned, then run, on either wire."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..azure.settings import Settings
from ..computes.fitting import offered_by
from ..contract.operation import Level, Surface
from ..core.arguments import SECONDS, takes_numbers
from ..core.blocking import Blocking, blocking
from ..core.errors import InvalidInput
from ..resources import Resources
from ..wire_choice import over_wire
from .machine_choice import MachineChoice, choose_machine
from .plan import CLEAN_UP, TIMES, VerificationPlan
from .price import price_of, token_prices
from .report import VerificationReport, VerificationStep
from .rows import write_rows
from .run import Run
from .step import LEVELS
from .step_context import StepContext
from .steps import steps_of
from .watching_wire import Exchange, WatchingWire

if TYPE_CHECKING:
    from ..client import AsyncMaasClient, MaasClient

PREFIX = "maas-verify"
"""What every name of what a verification makes begins with."""

MODEL = "Phi-4-mini-instruct"
"""The base model of a workspace by default: a small one."""

FOUNDRY_MODELS = ("gpt-4.1-nano-2025-04-14", "Ministral-3B")
"""Those of Foundry, of which the first one that can still be tuned is taken: the one whose hosting is free, then one
whose weights are open."""


class AsyncVerification:
    """A verification of what a client's settings name; the client itself is not changed.

    Args:
        client: an `AsyncMaasClient`; of a `MaasClient` there is `Verification`.
    """

    def __init__(self, client: AsyncMaasClient | MaasClient) -> None:
        self._client, self._settings = client, client.settings

    def _watched(self, see: Callable[[Exchange], object]) -> tuple[Resources, WatchingWire]:
        given = self._client._given()  # pyright: ignore[reportPrivateUsage] -- a view of it, as its own views are made
        return over_wire(given, lambda wire: WatchingWire(wire, see))

    @property
    def _surfaces(self) -> tuple[Surface, ...]:
        is_workspace = isinstance(self._settings, Settings)
        return (Surface.AZURE_ML, Surface.OWN_COMPUTE) if is_workspace else (Surface.FOUNDRY,)

    @takes_numbers(timeout=SECONDS)
    async def plan(
        self,
        level: str = "read",
        *,
        model: str | None = None,
        instance_type: str | None = None,
        prices: str | PathLike[str] | None = None,
        timeout: float | None = None,
    ) -> VerificationPlan:
        """Return what a verification will do and may cost; sizes and quota are read where own compute is needed.

        Args:
            level: `read` (free), `data` (uploads and deletes a file of 20 rows), `job` (creates and cancels one job of
                each kind) or `full` (trains, deploys, chats and deletes); each includes those before it.
            model: the base model; a small one by default.
            instance_type: own compute: the VM size, by default the cheapest one that the model fits on.
            prices: a file of prices, as `datasets.estimate` takes it.
            timeout: seconds after which the steps are ended. The clean-up has an hour of its own.

        Raises:
            InvalidInput: an argument is unknown, or the prices are wrong.
            UnknownModel: the catalogue has no such model.
        """
        if level not in {str(one) for one in LEVELS}:
            raise InvalidInput(f"level must be {', '.join(LEVELS)}, not {level!r}")
        chosen, surfaces = Level(level), self._surfaces
        name = _known(model, surfaces[0]) if model else self._default_model(surfaces[0])
        limit = TIMES[chosen] if timeout is None else timeout
        machine = await self._machine(chosen, name, instance_type)
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            rows = write_rows(Path(folder), PREFIX)
            tokens = token_prices(rows, name, None if prices is None else Path(prices))
        price = price_of(
            surfaces,
            chosen,
            hours=round((limit + CLEAN_UP) / 3600, 2),
            tokens=tokens,
            machine=machine,
            hosting_is_free=Surface.FOUNDRY in surfaces and _is_developer(name),
        )
        steps = tuple(step.name for step in steps_of(surfaces, chosen))
        return VerificationPlan(
            surfaces=surfaces, level=chosen, model=name, steps=steps, price=price, timeout=limit, machine=machine
        )

    def _default_model(self, surface: Surface) -> str:
        if surface != Surface.FOUNDRY:
            return MODEL
        from ..catalog.foundry_lookup import find_offer

        today = datetime.fromtimestamp(self._watched(_ignore)[1].now(), UTC).date()
        return next((one for one in FOUNDRY_MODELS if not find_offer(one).training_retired(today)), FOUNDRY_MODELS[-1])

    async def _machine(self, level: Level, model: str, wanted: str | None) -> MachineChoice:
        if Surface.OWN_COMPUTE not in self._surfaces or LEVELS.index(level) < LEVELS.index(Level.JOB):
            return MachineChoice()
        from ..catalog.lookup import find_model

        maas, wire = self._watched(_ignore)
        return choose_machine(await offered_by(maas.computes, wire), find_model(model), wanted)

    async def run(
        self,
        plan: VerificationPlan,
        *,
        max_cost: float | None = None,
        on_step: Callable[[VerificationStep], object] | None = None,
        on_removal: Callable[[str], object] | None = None,
    ) -> VerificationReport:
        """Take the steps of a plan, hold every answer to the contract, and remove what was made.

        A step that raises is reported, and those that do not need it are still taken. The clean-up runs whatever
        happens, also after Ctrl-C and at the end of the time, and is part of the report.

        Args:
            plan: what `plan` returned.
            max_cost: raise TooExpensive, before any step, for a plan that may cost more than this.
            on_step: called with each step when it begins (`running`) and when it has ended.
            on_removal: called with what is about to be removed.

        Returns:
            The report; `report.ok` says whether all is as it is known.

        Raises:
            TooExpensive: it may cost more than `max_cost`, or no price is known.
        """
        plan.price.check(max_cost)
        name = f"{PREFIX}-{secrets.token_hex(3)}"
        with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            run = Run(plan, on_step or _ignore, on_removal or _ignore)
            maas, wire = self._watched(run.see)
            context = StepContext(
                maas=maas,
                clock=wire.clock,
                prefix=name,
                rows=write_rows(Path(folder), name),
                folder=Path(folder),
                model=plan.model,
                instance_type=plan.machine.size,
                lacks=plan.machine.lacks,
            )
            return await run.go(context, wire, self._settings)


class Verification(Blocking[AsyncVerification]):
    """A verification of what a client's settings name; the client itself is not changed.

    Args:
        client: a `MaasClient`; of an `AsyncMaasClient` there is `AsyncVerification`.
    """

    def __init__(self, client: MaasClient) -> None:
        super().__init__(AsyncVerification(client))

    plan = blocking(AsyncVerification.plan)
    run = blocking(AsyncVerification.run)


def _ignore(_: object) -> None:
    """Do nothing."""


def _known(model: str, surface: Surface) -> str:
    """Return the name of a base model as the catalogue has it; raise UnknownModel."""
    if surface == Surface.FOUNDRY:
        from ..catalog.foundry_lookup import find_offer

        return find_offer(model).name
    from ..catalog.lookup import find_model

    return find_model(model).name


def _is_developer(model: str) -> bool:
    from .foundry_actions import DEVELOPER, sku_of

    return sku_of(model) == DEVELOPER
