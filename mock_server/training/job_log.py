"""A job's log at a moment: what a user would read in `std_log.txt`, a pure function as its states are."""

from mock_server.core.json_values import text
from mock_server.training import simulation as training
from mock_server.training.job import Job
from mock_server.training.simulation import PHASES

SENTENCES = {
    "Preparing": "Preparing the environment.",
    "Queued": "Waiting in the queue.",
    "Running": "Starting the fine-tuning.",
    "Finalizing": "The activity completed successfully. Finalizing run...",
}


def lines(job: Job) -> list[str]:
    """Write the log until now."""
    stop = min(job.elapsed, job.state.ended if job.state.ended is not None else job.elapsed)
    if job.canceled is not None:
        stop = min(stop, job.canceled)
    written = [
        (training.reaches(job.plan, share), 0, SENTENCES[name])
        for name, share in PHASES
        if name in SENTENCES and training.reaches(job.plan, share) <= stop
    ]
    running = training.reaches(job.plan, PHASES[3][1])
    if running <= stop:
        warning = text(job.document.get("result") or {}, "warning")
        written += [(running, 1, f"WARNING: {warning}")] if warning else []
        written.append(
            (running, 1, f"Training on {job.plan.rows} rows for {job.plan.epochs:g} epochs, {job.plan.steps} steps.")
        )
    points = training.metrics(job.plan, stop, job.canceled)
    written += [(point.seconds, 2, f"step {point.step}: {point.name} = {point.value:.6g}") for point in points]
    if job.plan.failure and job.state.status == "Failed":
        written.append((stop, 3, f"ERROR: {job.plan.failure}"))
    return [f"{job.moment(seconds)} {sentence}" for seconds, _, sentence in sorted(written, key=lambda line: line[:2])]
