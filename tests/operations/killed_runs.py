"""Whole jobs, each killed at another request and then run again: ENDPOINT JOB_FILE OUT STEP.

Each begins in a workspace of its own, in a process that kills itself with SIGKILL before its Nth request is sent or
after it was answered; a second process continues, and writes what came out to OUT. It ends with the first N that is
beyond a whole job's requests.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import count, islice
from pathlib import Path
from typing import Literal

import httpx

from maas_client import BlockingWire, JobFile, MaasClient

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Unused on http; one for all, for reading the authorities takes 50 ms."""

When = Literal["before", "after", "never"]
BOTH: tuple[When, ...] = ("before", "after")


class Killing(httpx.HTTPTransport):
    """A transport that ends its process, as nothing can be caught, at one of its requests."""

    def __init__(self, number: int, when: When) -> None:
        super().__init__(verify=TLS)
        self._left, self._when = number, when

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request, unless the time has come."""
        self._left -= 1
        is_time = self._left == 0
        if is_time and self._when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        response = super().handle_request(request)
        if is_time and self._when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return response


def run(endpoint: str, file: Path, workspace: str, number: int, when: When, out: Path | None = None) -> None:
    """Run the whole job in this process."""
    wire = BlockingWire(verify=TLS, transport=Killing(number, when), sleep=lambda _: None)
    with MaasClient(subscription_id="s", resource_group="g", workspace=workspace, endpoint=endpoint, wire=wire) as maas:
        result = maas.workflow.run(JobFile.read(file).spec())
    if out is not None:
        out.write_text(json.dumps({**result.to_dict(), "workspace": workspace}), "utf-8")


def aside(endpoint: str, file: Path, workspace: str, number: int, when: When, out: Path | None = None) -> int:
    """Run it in a process of its own; return how that ended."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run(endpoint, file, workspace, number, when, out)
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def load() -> None:
    """Import what a job needs, so that no child has to."""
    packages = "azure.arm", "azure.blob_container", "datasets.parts", "datasets.resource", "inference.chat"
    jobs = "jobs.resource", "jobs.run_history", "jobs.submission", "jobs.watch"
    files = "job_files.azure_ml", "job_files.overrides", "job_files.validation", "workflow.resource"
    for module in (*packages, "endpoints.resource", *jobs, *files):
        import_module(f"maas_client.{module}")


def main(endpoint: str, file: Path, out: Path, step: int) -> int:
    """Kill at every `step`th moment of a whole job; return how often that was."""
    load()
    moments: Iterator[tuple[int, When]] = ((number, when) for number in count(1) for when in BOTH)
    for kills, (number, when) in enumerate(islice(moments, 0, None, step)):
        workspace = f"w-{number}-{when}"
        ended = aside(endpoint, file, workspace, number, when)
        if ended == 0:
            return kills
        assert ended == -signal.SIGKILL, ended
        assert aside(endpoint, file, workspace, 0, "never", out / f"{workspace}.json") == 0
    raise AssertionError


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
