"""The events of a Foundry job as a function of its course and the time, in the texts of a published run."""

from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.training import foundry_course, foundry_measures
from mock_server.training.foundry_course import (
    END,
    GPUS,
    IMPORTED,
    PASSED,
    PREPROCESSED,
    PREPROCESSING,
    RESULTS,
    SAFETY,
    STARTED,
    TRAINED,
    TRAINING,
    Course,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `key` is the same for it at every time, `seconds` counts since the job got its place."""

    key: str
    seconds: float
    message: str
    level: str = "info"
    kind: str = "message"


def events(course: Course, elapsed: float, results_file: str, *, validation: bool) -> list[Event]:
    """Return the events until a time, oldest first, but the one for the creation."""
    end = min(elapsed, foundry_course.finished_at(course))
    found = [event for event in _planned(course, results_file, validation=validation) if event.seconds <= end]
    found += [event for event in _unplanned(course) if event.seconds <= end]
    return sorted(found, key=lambda event: event.seconds)


def _planned(course: Course, results_file: str, *, validation: bool) -> Iterator[Event]:
    """Yield what happens on the way to the planned end."""

    def at(published: float, message: str, *, key: str = "", level: str = "info", kind: str = "message") -> Event:
        seconds = foundry_course.elapsed_at(course, published)
        return Event(key or f"{published}:{message}", seconds, message, level, kind)

    for file in ("training", "validation") if validation else ("training",):
        yield at(PREPROCESSING, f"Preprocessing running for file {file} file.")
        if course.stage != "data":
            yield at(PREPROCESSED, f"Preprocessing completed for file {file} file.")
    if course.stage != "data":
        yield from (
            at(STARTED, "Job started."),
            at(IMPORTED, "Data Import started."),
            at(IMPORTED, "Finetuning started."),
            at(GPUS, "Job queued, waiting for GPUs."),
            at(TRAINING, "Training started."),
            at(RESULTS, f"Created results file: {results_file}"),
        )
        for step in foundry_measures.shown_steps(course.plan):
            when = foundry_course.step_time(course, step)
            yield at(when, foundry_measures.step_message(course, step), key=f"step:{step}", kind="metrics")
        yield at(TRAINED, "Job succeeded.")
        yield at(SAFETY, f"Completed results file: {results_file}")
        yield at(SAFETY, "Model safety evaluation running.")
    if course.plan.failure and course.plan.failed_at is not None:
        yield Event("failure", course.plan.failed_at, course.plan.failure, "error")
    elif course.plan.failure:
        yield at(course.end, course.plan.failure, key="failure", level="error")
    else:
        yield at(PASSED, "Model Evaluation Passed.")
        yield at(END, f"Completed results file: {results_file}")
        yield at(END, f"Training tokens billed: {foundry_measures.billed_tokens(course.plan)}")


def _unplanned(course: Course) -> Iterator[Event]:
    """Yield what users did."""
    for number, (begin, resumed) in enumerate(course.pauses):
        yield Event(f"pausing:{number}", begin, "Job pausing.")
        yield Event(f"paused:{number}", begin + course.scaled(foundry_course.PAUSING), "Job paused.")
        if resumed is not None:
            yield Event(f"resuming:{number}", resumed, "Job resuming.")
            yield Event(f"resumed:{number}", resumed + course.scaled(foundry_course.RESUMING), "Job resumed.")
    if course.canceled is not None:
        yield Event("canceled", course.canceled, "Job cancelled.", "warning")
