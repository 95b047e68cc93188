"""The places of Foundry's running jobs: a few run at once, the others wait in the order of their creation."""

import math
from dataclasses import dataclass, field

from mock_server.training.foundry_course import Course, finished_at

Interval = tuple[float, float]


@dataclass
class Places:
    """The times at which jobs run that share a limit; jobs are added oldest first."""

    limit: int
    taken: list[Interval] = field(default_factory=list[Interval])
    latest: float = -math.inf  # when the job that was added last got its place

    def first_free(self, created: float) -> float:
        """Return when the next job gets a place: no earlier than those before it."""
        earliest = max(created, self.latest)
        candidates = sorted({earliest, *(end for _, end in self.taken if end > earliest)})
        for candidate in candidates:
            if sum(begin <= candidate < end for begin, end in self.taken) < self.limit:
                return candidate
        return candidates[-1]

    def add(self, begun: float, course: Course) -> None:
        """Add a job; it leaves its place while it is paused, and takes one again when it is resumed."""
        self.latest = max(self.latest, begun)
        start, end = 0.0, finished_at(course)
        for paused, resumed in course.pauses:
            self.taken.append((begun + start, begun + min(paused, end)))
            start = math.inf if resumed is None else resumed
        if start < end:
            self.taken.append((begun + start, begun + end))
