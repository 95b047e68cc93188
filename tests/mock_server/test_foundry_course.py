"""A Foundry job's course, for every plan and every pause: time goes forward, and nothing that was seen changes."""

import csv
import io

from hypothesis import given, strategies as st

from mock_server.training import foundry_course, foundry_events, foundry_measures
from mock_server.training.foundry_course import END, FINAL, Course, course_from_document, course_to_json
from mock_server.training.foundry_places import Places
from mock_server.training.simulation import Hold, Plan

SECONDS = st.floats(0.0, 100.0)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Return any course; a pause begins after the one before it was resumed."""
    pauses: list[tuple[float, float | None]] = []
    begin = draw(SECONDS)
    for length in draw(st.lists(st.none() | SECONDS, max_size=3)):
        pauses.append((begin, None if length is None else begin + length))
        if length is None:
            break
        begin += length + 50 + draw(SECONDS)
    failure = draw(st.sampled_from(["", "data", "service", "model"]))
    plan = Plan(
        seed="s",
        seconds=draw(st.sampled_from([0.5, 30.0, 4560.0] if pauses else [0.0, 30.0])),  # one of 0 s cannot be paused
        rows=draw(st.integers(1, 300)),
        tokens=draw(st.integers(0, 10_000)),
        validation_rows=draw(st.sampled_from([0, 12])),
        epochs=draw(st.integers(1, 5)),
        batch_size=draw(st.integers(1, 20)),
        failure=failure or None,
        hold=draw(st.none() | st.builds(Hold, st.just("Queued"), st.floats(0.0, 1.0), SECONDS)),
    )
    method = draw(st.sampled_from(["supervised", "dpo", "reinforcement"]))
    canceled = draw(st.none() | SECONDS)
    return Course(plan, method=method, stage=failure, code="c", pauses=tuple(pauses), canceled=canceled)


@given(courses(), SECONDS, SECONDS)
def test_a_job_only_goes_forward(course: Course, first: float, more: float) -> None:
    early, late = (foundry_course.published_time(course, at) for at in (first, first + more))
    assert 0 <= early <= late + 1e-6
    assert foundry_course.steps_done(course, first) <= foundry_course.steps_done(course, first + more)
    if foundry_course.status_at(course, first) in FINAL:
        assert foundry_course.status_at(course, first + more) == foundry_course.status_at(course, first)


@given(courses(), st.floats(0.0, END))
def test_the_time_of_a_stage_is_when_it_is_reached(course: Course, published: float) -> None:
    elapsed = foundry_course.elapsed_at(course, published)
    if elapsed < 1e6 and course.plan.seconds:
        reached = foundry_course.published_time(course, elapsed)
        assert abs(reached - published) < 1e-3 * max(1.0, END / course.plan.seconds)


@given(courses())
def test_a_job_that_is_not_paused_for_ever_ends(course: Course) -> None:
    end = foundry_course.finished_at(course)
    status = foundry_course.status_at(course, min(end, 1e6) + 1)
    assert (status in FINAL) == (end < 1e6)


@given(courses(), SECONDS, SECONDS)
def test_events_and_results_only_grow(course: Course, first: float, more: float) -> None:
    early, late = (foundry_events.events(course, at, "file-1", validation=True) for at in (first, first + more))
    assert {event.key for event in early} <= {event.key for event in late}
    assert len({event.key for event in late}) == len(late)
    assert foundry_measures.results_csv(course, first + more).startswith(foundry_measures.results_csv(course, first))
    table = list(csv.DictReader(io.StringIO(foundry_measures.results_csv(course, first + more))))
    assert len(table) <= course.plan.steps


@given(courses(), SECONDS)
def test_checkpoints_are_of_steps_that_are_done(course: Course, elapsed: float) -> None:
    done = foundry_course.steps_done(course, elapsed)
    found = foundry_measures.checkpoints(course, elapsed)
    assert all(0 < checkpoint.step <= done for checkpoint in found)
    assert [one.step for one in found] == sorted({one.step for one in found}, reverse=True)


@given(courses())
def test_a_course_survives_the_store(course: Course) -> None:
    assert course_from_document({"course": course_to_json(course)}) == course


@given(st.lists(st.tuples(SECONDS, courses()), max_size=8), st.integers(1, 3))
def test_no_more_jobs_run_than_there_are_places(jobs: list[tuple[float, Course]], limit: int) -> None:
    places = Places(limit)
    latest = 0.0
    for gap, course in jobs:
        latest += gap
        unpaused = Course(course.plan, stage=course.stage)
        begun = places.first_free(latest)
        assert begun >= latest
        places.add(begun, unpaused)
        running = sum(begin <= begun < end for begin, end in places.taken)
        assert running <= limit or not unpaused.plan.seconds
