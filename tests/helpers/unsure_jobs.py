"""A Foundry account's jobs behind a network and a gateway that lose, refuse and repeat as the test says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from support import Clock

MADE = frozenset({"made", "made, lost", "made, 500", "made, 503", "made, 409", "made, no id", "late"})
"""Outcomes of a request to create a job that make one."""

OUTCOMES = (*sorted(MADE), "lost", "500", "503", "408", "429", "refused")


@dataclass
class UnsureJobs:
    """Answers each request to create a job with the next outcome, and each list with the next of `lists`, else well.

    A list may be `behind`: without the jobs of the last three seconds.
    """

    clock: Clock
    outcomes: Iterator[str]
    lists: Iterator[str] = field(default_factory=lambda: iter(()))
    keeps_metadata: bool = True
    jobs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    late: list[tuple[float, dict[str, Any]]] = field(default_factory=list[tuple[float, dict[str, Any]]])
    creations: int = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        for due, job in [each for each in self.late if each[0] <= self.clock.time]:
            self.late.remove((due, job))
            self.jobs.append(job)
        self.jobs.sort(key=lambda job: str(job["id"]), reverse=True)
        if request.url.path.endswith("/cancel"):
            return self._cancel(request.url.path.split("/")[-2])
        if request.method == "POST":
            return self._create(request)
        match next(self.lists, "well"):
            case "lost":
                raise httpx.ReadError("the connection was lost")
            case "500":
                return httpx.Response(500, json={"error": {"code": "internalFailure", "message": "x"}})
            case "no data":
                return httpx.Response(200, json={"object": "list"})
            case "behind":
                seen = [job for job in self.jobs if job["created_at"] + 3 < self.clock.time]
                return httpx.Response(200, json={"object": "list", "data": seen, "has_more": False})
            case _:
                return httpx.Response(200, json={"object": "list", "data": self.jobs, "has_more": False})

    def _cancel(self, job_id: str) -> httpx.Response:
        job = next(each for each in self.jobs if each["id"] == job_id)
        job["status"] = "cancelled"
        return httpx.Response(200, json=job)

    def _create(self, request: httpx.Request) -> httpx.Response:
        self.creations += 1
        outcome, body = next(self.outcomes, "made"), json.loads(request.content)
        job = {**body, "id": f"ftjob-{self.creations:032x}", "created_at": int(self.clock.time), "status": "pending"}
        if not self.keeps_metadata:
            del job["metadata"]
        if outcome.startswith("late"):
            self.late.append((self.clock.time + (20.0 if outcome == "later" else 5.0), job))
        elif outcome in MADE | {"slow"}:
            self.jobs.insert(0, job)
        match outcome:
            case "made" | "slow":
                self.clock.sleep(15.0 if outcome == "slow" else 0.0)
                return httpx.Response(200, json=job)
            case "made, no id":
                return httpx.Response(200, json={})
            case "made, lost" | "lost" | "late" | "later":
                raise httpx.ReadError("the connection was lost")
            case "refused":
                raise httpx.ConnectError("refused")
            case _:
                status = int(outcome.rpartition(" ")[2])
                message = "A system error was encountered, please try again later"
                return httpx.Response(status, json={"error": {"code": str(status), "message": message}})
