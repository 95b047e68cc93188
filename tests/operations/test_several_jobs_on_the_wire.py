"""Several jobs watched at once, and logs that are read as they grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support import collect

from maas_client import InvalidInput, Job, JobStalled, JobStatus, NotFound, Outage, ServiceUnavailable, WaitTimeout
from maas_client.client import Resources
from maas_client.jobs.log_lines import LogPart, part_of
from mock_server.server import Server

MODEL = "Phi-3-mini-4k-instruct"


async def create(maas: Resources, rows: Path, *names: str) -> None:
    for name in names:
        await maas.jobs.create(model=MODEL, training_data=rows, name=name, hyperparameters={"num_train_epochs": 5})


async def keep(watched: AsyncIterator[Job], seen: list[Job]) -> None:
    """Keep what is seen, whatever ends it."""
    async for job in watched:
        seen.append(job)  # noqa: PERF401 -- what was seen before an error counts


async def test_each_status_change_is_reported_until_all_jobs_end(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    maas_server.fault(operation="jobs.create", job="fail", reason="no rows", skip=1)
    await create(maas, rows, "ft-1", "ft-2", "ft-3")
    seen = await collect(maas.jobs.watch(["ft-1", "ft-2", "ft-3", "ft-1"]))
    ends = {job.name: job.status for job in seen if job.status.is_final}
    assert ends == {"ft-1": JobStatus.COMPLETED, "ft-2": JobStatus.FAILED, "ft-3": JobStatus.COMPLETED}
    assert max(Counter((job.name, job.status) for job in seen).values()) == 1
    assert [job.name for job in seen[:3]] == ["ft-1", "ft-2", "ft-3"]


async def test_a_job_that_stalls_does_not_end_the_watch_of_the_others(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    maas_server.fault(operation="jobs.create", job="stall")
    await create(maas, rows, "ft-stalled", "ft-well")
    watched, seen = maas.jobs.watch(["ft-stalled", "ft-well"], patience=30), list[Job]()
    with pytest.raises(JobStalled, match="ft-stalled"):
        await keep(watched, seen)
    assert ("ft-well", "Completed") in [(job.name, job.status.value) for job in seen]


async def test_a_missing_job_does_not_end_the_watch_of_the_others(maas: Resources, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    seen = list[Job]()
    with pytest.raises(NotFound):
        await keep(maas.jobs.watch(["nothing", "ft-1"]), seen)
    assert seen[-1].status == JobStatus.COMPLETED


async def test_a_watch_ends_at_its_timeout_and_says_how_to_resume(maas: Resources, rows: Path) -> None:
    await create(maas, rows, "ft-1", "ft-2")
    with pytest.raises(WaitTimeout, match="ft-1"):
        await collect(maas.jobs.watch(["ft-1", "ft-2"], timeout=5))


async def test_a_log_is_followed_from_the_first_line_to_the_last(maas: Resources, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    followed = await collect(maas.jobs.follow_logs("ft-1"))
    assert followed == await collect(maas.jobs.logs("ft-1"))
    assert len(followed) > 10


async def test_connections_that_are_lost_lose_no_line_and_repeat_none(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    await create(maas, rows, "ft-1")
    maas_server.fault(operation="history.log", drop="body", count=None, probability=0.5)
    maas_server.fault(operation="history.log", status=503, count=None, probability=0.3)
    maas_server.fault(operation="history.details", status=500, count=None, probability=0.3)
    followed = await collect(maas.jobs.follow_logs("ft-1"))
    maas_server.faults_clear()
    assert followed == await collect(maas.jobs.logs("ft-1"))


async def test_the_tail_of_the_existing_lines_is_reported(maas: Resources, maas_server: Server, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    await maas.jobs.wait("ft-1")
    every = await collect(maas.jobs.logs("ft-1"))
    assert await collect(maas.jobs.follow_logs("ft-1", tail=3)) == every[-3:]
    assert await collect(maas.jobs.follow_logs("ft-1", tail=0)) == []


async def test_the_tail_is_of_all_lines_even_if_reading_fails_midway(
    maas: Resources, maas_server: Server, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create(maas, rows, "ft-1")
    await maas.jobs.wait("ft-1")
    every = await collect(maas.jobs.logs("ft-1"))
    monkeypatch.setattr("maas_client.jobs.run_history.LARGEST_PART", 300)
    maas_server.fault(operation="history.log", status=503, skip=2, count=9)
    assert await collect(maas.jobs.follow_logs("ft-1", tail=3)) == every[-3:]


async def test_lines_are_followed_since_a_time_with_a_tail_of_those(maas: Resources, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    await maas.jobs.wait("ft-1")
    every = await collect(maas.jobs.logs("ft-1"))
    since = datetime.fromisoformat(every[4].split()[0])
    late = [line for line in every if datetime.fromisoformat(line.split()[0]) >= since]
    assert 0 < len(late) < len(every)
    assert await collect(maas.jobs.follow_logs("ft-1", since=since)) == late
    assert await collect(maas.jobs.follow_logs("ft-1", since=since, tail=2)) == late[-2:]
    assert await collect(maas.jobs.follow_logs("ft-1", since=since + timedelta(days=1))) == []
    with pytest.raises(InvalidInput, match="time zone"):
        await collect(maas.jobs.follow_logs("ft-1", since=since.replace(tzinfo=None)))


async def test_a_log_is_followed_from_a_byte_on(maas: Resources, maas_server: Server, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    maas_server.advance(20)
    first = await maas.jobs.log_part("ft-1")
    followed = await collect(maas.jobs.follow_logs("ft-1", offset=first.offset))
    assert [*first.lines, *followed] == await collect(maas.jobs.logs("ft-1"))


async def test_a_wrong_log_name_is_rejected_once_the_job_has_ended(maas: Resources, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    with pytest.raises(NotFound, match=r"std_log\.txt"):
        await collect(maas.jobs.follow_logs("ft-1", "user_logs/nothing.txt"))


async def test_a_log_that_became_shorter_is_read_from_its_beginning(maas: Resources, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    await maas.jobs.wait("ft-1")
    whole = await maas.jobs.log_part("ft-1")
    assert await maas.jobs.log_part("ft-1", offset=whole.offset + 1000) == whole
    assert await maas.jobs.log_part("ft-1", offset=whole.offset) == LogPart((), whole.offset)


async def test_a_log_is_read_on_from_where_the_last_part_ended(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    await create(maas, rows, "ft-1")
    maas_server.advance(20)
    first = await maas.jobs.log_part("ft-1")
    await maas.jobs.wait("ft-1")
    second = await maas.jobs.log_part("ft-1", offset=first.offset)
    third = await maas.jobs.log_part("ft-1", offset=second.offset)
    assert [*first.lines, *second.lines] == await collect(maas.jobs.logs("ft-1"))
    assert first.lines
    assert second.lines
    assert third == LogPart((), second.offset)


async def test_a_service_without_ranges_loses_no_line(maas: Resources, maas_server: Server, rows: Path) -> None:
    await create(maas, rows, "ft-1")
    await maas.jobs.wait("ft-1")
    whole = await maas.jobs.log_part("ft-1")
    offset = len(f"{whole.lines[0]}\n".encode())
    maas_server.fault(operation="history.log", status=200, body="\n".join([*whole.lines, ""]))
    again = await maas.jobs.log_part("ft-1", offset=offset)
    assert again == LogPart(whole.lines[1:], whole.offset)


@pytest.mark.parametrize("at", range(12))
def test_a_log_cut_anywhere_gives_the_same_lines(at: int) -> None:
    content = "eins\nzwei é\nd".encode()
    first = part_of(content[:at], 0, more=False)
    second = part_of(content[first.offset :], first.offset, more=False)
    assert [*first.lines, *second.lines] == ["eins", "zwei é"]
    assert (second.rest, second.offset) == ("d", 13)


def test_a_line_that_is_longer_than_a_part_is_cut() -> None:
    assert part_of(b"abc", 5, more=True) == LogPart(("abc",), 8, more=True)


async def test_an_outage_is_reported_until_the_service_answers(
    maas: Resources, maas_server: Server, rows: Path
) -> None:
    await create(maas, rows, "ft-1")
    maas_server.fault(operation="jobs.get", status=503, skip=1, count=3)
    seen: list[Outage] = []
    job = await maas.jobs.wait("ft-1", on_outage=seen.append)
    assert job.status == JobStatus.COMPLETED
    assert [each.is_over for each in seen] == [False, False, False, True]
    assert {each.name for each in seen} == {"ft-1"}
    assert all(isinstance(each.error, ServiceUnavailable) for each in seen[:-1])
    assert [each.seconds for each in seen] == sorted(each.seconds for each in seen)
    assert all(each.retry_in > 0 and each.seconds + each.gives_up_in == pytest.approx(3600) for each in seen[:-1])


async def test_the_outage_of_one_job_is_reported_as_its_own(maas: Resources, maas_server: Server, rows: Path) -> None:
    await create(maas, rows, "ft-1", "ft-2")
    maas_server.fault(operation="jobs.get", status=503, skip=2, count=1)
    seen: list[Outage] = []
    await collect(maas.jobs.watch(["ft-1", "ft-2"], on_outage=seen.append))
    assert len({each.name for each in seen}) == 1
    assert [each.is_over for each in seen] == [False, True]
