"""Progress and waits: redrawn in place in a notebook, and lines far apart elsewhere."""

from __future__ import annotations

import itertools
from threading import Thread

import pytest
from support import collect

from maas_client import Endpoint, Job, JobFailed, JobStatus, NotFound, TransferProgress, WaitTimeout
from maas_client.client import Resources
from maas_client.notebook import Live, ProgressBar
from mock_server.server import Server
from tests.notebook.conftest import MODEL

Capture = pytest.CaptureFixture[str]


def printed_lines(capsys: Capture) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_transfer_is_reported_first_last_and_every_5_seconds(capsys: Capture) -> None:
    bar = ProgressBar("train.jsonl")
    for second in range(13):
        bar(TransferProgress(second * 10, 120, seconds=float(second)))
    assert printed_lines(capsys) == [f"train.jsonl: transferring, {sent} of 120 bytes" for sent in (0, 50, 100, 120)]


def test_reading_is_reported_before_sending(capsys: Capture) -> None:
    bar = ProgressBar("train.jsonl")
    for state in (
        TransferProgress(0, 9, read=3),
        TransferProgress(0, 9, read=9, seconds=1),
        TransferProgress(0, 9),
        TransferProgress(9, 9, seconds=2),
    ):
        bar(state)
    doing = [line.split()[1] for line in printed_lines(capsys)]
    assert doing == ["reading,", "reading,", "transferring,", "transferring,"]


def test_a_late_report_of_another_thread_reverts_nothing(capsys: Capture) -> None:
    bar = ProgressBar()
    for state in (
        TransferProgress(0, 9),
        TransferProgress(9, 9, seconds=1),
        TransferProgress(5, 9, seconds=9),
        TransferProgress(9, 9, seconds=20),
    ):
        bar(state)
    assert printed_lines(capsys) == ["transfer: transferring, 0 of 9 bytes", "transfer: transferring, 9 of 9 bytes"]


class Hurried:
    """A place that, while it shows one state, lets another thread report the next."""

    every = 0.0

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.meanwhile: Thread | None = None

    def show(self, html: str, line: str) -> None:
        del html
        other, self.meanwhile = self.meanwhile, None
        for thread in [other] if other else []:
            thread.start()
            thread.join(0.1)  # it waits for its turn, which comes when this one's is over
        self.lines.append(line)


def test_concurrent_threads_leave_the_newest_state_shown() -> None:
    hurried = Hurried()
    bar = ProgressBar(into=hurried)
    last = hurried.meanwhile = Thread(target=bar, args=(TransferProgress(9, 9, seconds=2),))
    bar(TransferProgress(4, 9, seconds=1))
    last.join(30)
    assert hurried.lines == ["transfer: transferring, 4 of 9 bytes", "transfer: transferring, 9 of 9 bytes"]


def test_counts_without_a_clock_are_reported_once_per_percent(capsys: Capture) -> None:
    bar = ProgressBar("evaluation")
    for done in range(10_001):
        bar.count(done, 10_000)
    lines = printed_lines(capsys)
    assert lines[0] == "evaluation: done, 0 of 10,000"
    assert lines[-1] == "evaluation: done, 10,000 of 10,000"
    assert len(lines) == 101


def test_an_empty_transfer_is_done(capsys: Capture) -> None:
    ProgressBar()(TransferProgress(0, 0))
    assert printed_lines(capsys) == ["transfer: transferring, 0 of 0 bytes"]


def test_a_wait_reports_each_state_once(capsys: Capture) -> None:
    live = Live()
    for value in (Job(name="ft-1"), Job(name="ft-1"), Endpoint(name="support"), "https://x.example?sig=canary"):
        live(value)
    assert printed_lines(capsys) == ["job ft-1: Unknown", "endpoint support: Unknown", "https://x.example?sig=***"]


async def test_a_job_is_watched_to_its_end_at_the_requested_interval(
    maas: Resources, maas_server: Server, training: str
) -> None:
    await maas.jobs.create(model=MODEL, training_data=training, name="ft-1")
    seen = await collect(maas.jobs.watch_views("ft-1", every=30))
    assert [view.job.status for view in seen][-1] == JobStatus.COMPLETED
    assert seen[-1].metrics["loss"]
    assert seen[-1].running is not None
    spans = [(later.at - view.at).total_seconds() for view, later in itertools.pairwise(seen)]
    assert spans
    assert min(spans) >= 30
    assert not maas_server.verdict()["charges"]


async def test_no_job_is_asked_for_more_than_once_a_second(maas: Resources, training: str) -> None:
    await maas.jobs.create(model=MODEL, training_data=training, name="ft-1")
    seen = await collect(maas.jobs.watch_views("ft-1", every=0.01))
    assert min((later.at - view.at).total_seconds() for view, later in itertools.pairwise(seen)) >= 0.999


async def test_views_tolerate_a_minute_of_errors(maas: Resources, maas_server: Server, training: str) -> None:
    await maas.jobs.create(model=MODEL, training_data=training, name="ft-1")
    maas_server.fault(operation="history.*", status=503, count=30)
    seen = await collect(maas.jobs.watch_views("ft-1"))
    assert seen[-1].job.status == JobStatus.COMPLETED


async def test_a_run_that_history_does_not_know_yet_has_a_view(
    maas: Resources, maas_server: Server, training: str
) -> None:
    await maas.jobs.create(model=MODEL, training_data=training, name="ft-1")
    maas_server.fault(operation="history.*", status=404, count=1)
    first = await anext(maas.jobs.watch_views("ft-1"))
    assert (first.job.name, first.metrics, first.running) == ("ft-1", {}, None)


async def test_views_end_at_their_timeout_and_for_an_unknown_job(maas: Resources, training: str) -> None:
    await maas.jobs.create(model=MODEL, training_data=training, name="ft-1")
    with pytest.raises(WaitTimeout, match="ft-1"):
        await collect(maas.jobs.watch_views("ft-1", timeout=3))
    with pytest.raises(NotFound):
        await collect(maas.jobs.watch_views("nothing"))


async def test_a_failed_job_is_viewed_to_its_end(maas: Resources, maas_server: Server, training: str) -> None:
    maas_server.fault(operation="jobs.create", job="fail", reason="CUDA out of memory")
    await maas.jobs.create(model=MODEL, training_data=training, name="ft-1")
    seen = await collect(maas.jobs.watch_views("ft-1"))
    assert seen[-1].job.status == JobStatus.FAILED
    assert "CUDA out of memory" in seen[-1].details.error_message
    with pytest.raises(JobFailed, match="CUDA out of memory"):
        await maas.jobs.wait("ft-1")
