"""A job as the store keeps it, seen at a moment of its workspace's clock."""

from dataclasses import dataclass

from mock_server.core.json_values import Json, child, iso, number
from mock_server.training import simulation as training
from mock_server.training.simulation import Plan, State


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a moment of its workspace's clock."""

    name: str
    document: Json
    plan: Plan
    created: float
    elapsed: float
    canceled: float | None

    @property
    def state(self) -> State:
        """Tell its state."""
        return training.state(self.plan, self.elapsed, self.canceled)

    @property
    def properties(self) -> Json:
        """Give what it was asked for."""
        return child(self.document, "properties")

    def moment(self, seconds: float | None) -> str | None:
        """Write a time given in seconds since the creation."""
        return None if seconds is None else iso(self.created + seconds)


def at(name: str, document: Json, now: float) -> Job:
    """Give a stored job as it is at a moment."""
    created = number(document.get("created")) or 0.0
    canceled = number(document.get("canceled"))
    return Job(name, document, training.restored(document), created, now - created, canceled)
