"""A stored job at a given time of its workspace's clock: its state and its log."""

from dataclasses import dataclass

from mock_server.core.json_values import Json, child, iso, number, text
from mock_server.training import simulation
from mock_server.training.simulation import PHASES, Plan, State

PHASE_MESSAGES = {
    "Preparing": "Preparing the environment.",
    "Queued": "Waiting in the queue.",
    "Running": "Starting the fine-tuning.",
    "Finalizing": "The activity completed successfully. Finalizing run...",
}


@dataclass(frozen=True, slots=True)
class Job:
    """A job at a given time of its workspace's clock."""

    name: str
    document: Json
    plan: Plan
    created: float
    elapsed: float
    canceled: float | None

    @property
    def state(self) -> State:
        """Return its state."""
        return simulation.state_at(self.plan, self.elapsed, self.canceled)

    @property
    def properties(self) -> Json:
        """Return its properties as submitted."""
        return child(self.document, "properties")

    def moment(self, seconds: float | None) -> str | None:
        """Format a time given in seconds since the creation."""
        return None if seconds is None else iso(self.created + seconds)


def job_at(name: str, document: Json, now: float) -> Job:
    """Return a stored job at a given time."""
    created = number(document.get("created")) or 0.0
    canceled = number(document.get("canceled"))
    return Job(name, document, simulation.plan_from_document(document), created, now - created, canceled)


def log_lines(job: Job) -> list[str]:
    """Return the log until now: what a user would read in `std_log.txt`."""
    stop = min(job.elapsed, job.state.ended if job.state.ended is not None else job.elapsed)
    if job.canceled is not None:
        stop = min(stop, job.canceled)
    written = [
        (simulation.seconds_until(job.plan, share), 0, PHASE_MESSAGES[name])
        for name, share in PHASES
        if name in PHASE_MESSAGES and simulation.seconds_until(job.plan, share) <= stop
    ]
    running = simulation.seconds_until(job.plan, PHASES[3][1])
    if running <= stop:
        warning = text(job.document.get("result") or {}, "warning")
        written += [(running, 1, f"WARNING: {warning}")] if warning else []
        written.append(
            (running, 1, f"Training on {job.plan.rows} rows for {job.plan.epochs:g} epochs, {job.plan.steps} steps.")
        )
    points = simulation.metrics(job.plan, stop, job.canceled)
    written += [(point.seconds, 2, f"step {point.step}: {point.name} = {point.value:.6g}") for point in points]
    if job.plan.failure and job.state.status == "Failed":
        written.append((stop, 3, f"ERROR: {job.plan.failure}"))
    return [f"{job.moment(seconds)} {sentence}" for seconds, _, sentence in sorted(written, key=lambda line: line[:2])]
