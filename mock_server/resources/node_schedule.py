"""When a cluster's nodes come, work and go: a pure function of its settings, the runs that want nodes, and the time.

A node starts when a run needs it and none is idle, takes a while to be prepared, works for one run at a time, stays
idle for the cluster's idle time and leaves, unless the cluster's minimum keeps it. Runs are served in the order in
which they asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

NEVER = float("inf")
NodeState = Literal["preparing", "idle", "running", "leaving", "preempted"]
LEAVING_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A cluster's settings from a time on."""

    at: float
    least: int
    most: int
    idle: float


@dataclass(frozen=True, slots=True)
class Demand:
    """A run that wants nodes from a time on, for some seconds once it has them, or until they are released."""

    run: str
    nodes: int
    at: float
    seconds: float | None = None
    released: float | None = None
    preempted: bool = False
    blocked: bool = False  # by a quota: it waits until that is lifted


@dataclass(frozen=True, slots=True)
class Settings:
    """What a schedule rests on, besides the runs."""

    scales: Sequence[Scale]  # in order of time
    prepare: float  # seconds until a new node is ready
    no_machines_until: float = 0.0  # until when none can be had

    def at(self, now: float) -> Scale:
        """Return the settings in force at a time."""
        return next((scale for scale in reversed(self.scales) if scale.at <= now), self.scales[0])


@dataclass(frozen=True, slots=True)
class Use:
    """One node's work for one run: asked for, up, working and free again."""

    slot: int
    run: str
    asked: float
    starts: float  # when the machine starts, or `asked` if it was up
    up: float
    begins: float
    ends: float
    preempted: bool


@dataclass(frozen=True, slots=True)
class Node:
    """A node at a given time."""

    slot: int
    state: NodeState
    run: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When each run has its nodes, and what each node does."""

    settings: Settings
    ready: dict[str, float]
    ended: dict[str, float]
    uses: Sequence[Use]
    waiting: Sequence[Demand]  # those that no node will ever serve, as things stand

    def nodes(self, now: float) -> list[Node]:
        """Return the nodes that exist at a time."""
        most = max((scale.most for scale in self.settings.scales), default=0)
        found = (self._node(slot, now) for slot in range(most))
        return [node for node in found if node is not None]

    def wanted(self, now: float) -> int:
        """Return how many nodes are asked for and missing, as machines or quota are."""
        late = sum(use.asked <= now < use.starts for use in self.uses)
        most = self.settings.at(now).most
        return late + sum(min(demand.nodes, most) for demand in self.waiting if _asks(demand, now))

    def _node(self, slot: int, now: float) -> Node | None:
        last = next((use for use in reversed(self.uses) if use.slot == slot and use.starts <= now), None)
        if last is not None and now < last.ends:
            if now < last.up:
                return Node(slot, "preparing", last.run)
            return Node(slot, "running" if now >= last.begins else "idle", last.run)
        scale = self.settings.at(now)
        free = last.ends if last is not None else -NEVER
        if last is not None and last.preempted and now < free + scale.idle:
            return Node(slot, "preempted")
        if (up := _kept_from(self.settings, slot, now, free)) is not None:
            return Node(slot, "idle" if now >= up else "preparing")
        if last is None or now >= free + scale.idle + LEAVING_SECONDS:
            return None
        return Node(slot, "idle" if now < free + scale.idle else "leaving")


def plan(settings: Settings, demands: Sequence[Demand]) -> Schedule:
    """Return the schedule of a cluster's nodes."""
    uses: list[Use] = []
    ready: dict[str, float] = {}
    ended: dict[str, float] = {}
    waiting: list[Demand] = []
    for demand in sorted(demands, key=lambda one: one.at):
        withdrawn = NEVER if demand.released is None else demand.released
        chosen = [] if demand.blocked else sorted(_offers(settings, uses, demand.at))[: demand.nodes]
        begins = max((up for up, _, _ in chosen), default=NEVER) if len(chosen) == demand.nodes else NEVER
        if begins == NEVER:
            if demand.released is None:
                waiting.append(demand)
            continue
        ready[demand.run] = begins
        ends = min(withdrawn, NEVER if demand.seconds is None else begins + demand.seconds)
        ended[demand.run] = ends
        uses += [
            Use(slot, demand.run, demand.at, starts, up, begins, ends, demand.preempted)
            for up, slot, starts in chosen
            if starts < withdrawn
        ]
    return Schedule(settings, ready, ended, uses, waiting)


def _offers(settings: Settings, uses: Sequence[Use], asked: float) -> Iterator[tuple[float, int, float]]:
    """Yield when each node could be up for a run, and when its machine would start."""
    for slot in range(max(scale.most for scale in settings.scales)):
        last = next((use for use in reversed(uses) if use.slot == slot), None)
        free = last.ends if last is not None else -NEVER
        begin = _allowed_from(settings, slot, max(asked, free))
        if begin == NEVER:
            continue
        idle = settings.at(begin).idle
        kept = _kept_from(settings, slot, begin, free)
        if last is not None and not last.preempted and begin < free + idle:
            yield begin, slot, asked
        elif kept is not None:
            yield max(begin, kept), slot, min(begin, kept)
        else:
            starts = max(begin, settings.no_machines_until)
            if starts < NEVER:
                yield starts + settings.prepare, slot, starts


def _allowed_from(settings: Settings, slot: int, begin: float) -> float:
    """Return from when on the cluster may have this node."""
    if settings.at(begin).most > slot:
        return begin
    return next((scale.at for scale in settings.scales if scale.at > begin and scale.most > slot), NEVER)


def _kept_from(settings: Settings, slot: int, now: float, free: float) -> float | None:
    """Return since when the cluster's minimum has kept a node up; None if it does not at this time."""
    since: float | None = None
    for scale in settings.scales:
        if scale.at > now:
            break
        since = (since if since is not None else scale.at) if scale.least > slot else None
    if since is None:
        return None
    starts = max(since, settings.no_machines_until)
    return None if starts > now else max(starts + settings.prepare, free)


def _asks(demand: Demand, now: float) -> bool:
    return demand.at <= now and (demand.released is None or now < demand.released)
