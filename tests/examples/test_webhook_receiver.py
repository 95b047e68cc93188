"""The receiver of webhooks takes each delivery once, and nothing that the service did not sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from mock_server.server import serve
from tests.mock_server.foundry_driver import Foundry

EXAMPLE = Path(__file__).parents[2] / "examples" / "webhook_receiver.py"
KEY = bytes(range(24))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
SUCCEEDED = json.dumps({"id": "evt_1", "type": "fine_tuning.job.succeeded", "data": {"id": "ftjob-1"}}).encode()


class Receiver:
    """The example in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.process, self.out = process, process.stdout
        self.url = self.out.readline().strip().removeprefix("listening on ")

    def post(self, body: bytes, *, name: str = "wh_1", key: bytes = KEY) -> int:
        at = str(int(datetime.now(UTC).timestamp()))
        digest = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Webhook-ID": name,
            "Webhook-Timestamp": at,
            "Webhook-Signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        return httpx.post(self.url, content=body, headers=headers, timeout=30).status_code

    def stopped(self) -> tuple[list[str], str]:
        """Stop it as Ctrl-C does, and return what it printed."""
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=60)
        return out.splitlines(), err


@contextmanager
def started(secrets: str, port: int = 0) -> Generator[Receiver]:
    command = [sys.executable, "-W", "error", str(EXAMPLE), str(port)]
    environment = os.environ | {"MAAS_WEBHOOK_SECRET": secrets, "PYTHONIOENCODING": "utf-8"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    )
    try:
        yield Receiver(process)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with started(f"whsec_b2xk {SECRET}") as running:
        yield running


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process on Windows")
def test_a_delivery_is_taken_once_and_forgeries_are_not(receiver: Receiver) -> None:
    failed = SUCCEEDED.replace(b"succeeded", b"failed")
    assert [receiver.post(SUCCEEDED), receiver.post(SUCCEEDED), receiver.post(failed, name="wh_2")] == [204, 204, 204]
    assert receiver.post(SUCCEEDED, name="wh_3", key=b"forged" * 4) == 400
    assert receiver.post(b"[]", name="wh_4") == 400
    assert receiver.post(b" " * (64 << 10) + SUCCEEDED, name="wh_5") == 413
    out, err = receiver.stopped()
    assert out == [
        "ftjob-1 succeeded: `maas deploy ftjob-1` serves its model",
        "ftjob-1 failed: `maas jobs show ftjob-1` says why",
        "stopped",
    ]
    assert err.splitlines()[0].startswith("refused: the webhook's signature is not valid: no signature matches")
    assert len(err.splitlines()) == 2
    assert SECRET not in err


def test_the_mock_servers_deliveries_are_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with serve(job_seconds=0.001) as server:
        foundry = Foundry(server)
        hook = {"name": "hook", "url": f"http://127.0.0.1:{port}/", "event_types": ["fine_tuning.job.succeeded"]}
        secret = foundry.post("/dashboard/webhook_endpoints", hook).json()["signing_secret"]
        with started(secret, port) as receiver:
            job = foundry.job()
            assert receiver.out.readline() == f"{job} succeeded: `maas deploy {job}` serves its model\n"
        foundry.http.close()


def test_a_request_without_a_length_is_refused(receiver: Receiver) -> None:
    port = int(receiver.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b" 413 " in connection.recv(1000)


def test_without_a_secret_nothing_is_served() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MAAS_WEBHOOK_SECRET"}
    done = subprocess.run(
        [sys.executable, str(EXAMPLE), "0"], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.returncode == 1
    assert "set MAAS_WEBHOOK_SECRET" in done.stderr
