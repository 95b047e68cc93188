"""The server as a process and as an object: start, address, TLS, stop, and what survives a kill."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mock_server.server import Server, serve
from tests.mock_server.driver import Azure, rows


class Remote(Server):
    """A server in another process, with the attributes that the driver needs."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint


@contextmanager
def process(folder: Path, *options: str) -> Generator[tuple[subprocess.Popen[str], dict[str, object]]]:
    """Run `python -m mock_server` until it is ready; kills it at the end if it is still running."""
    url_file = folder / "url.json"
    url_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--url-file", str(url_file), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            address: dict[str, object] = json.loads(url_file.read_text())
            assert str(address["endpoint"]) in line
            yield running, address
        finally:
            running.kill()


def test_the_url_file_has_endpoint_ca_and_pid(tmp_path: Path) -> None:
    with process(tmp_path) as (running, address):
        assert address == {"endpoint": address["endpoint"], "ca": None, "pid": running.pid}
        assert httpx.get(f"{address['endpoint']}/_mock/health", trust_env=False).json()["status"] == "ok"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with process(tmp_path) as (running, _):
        os.kill(running.pid, number)
        assert running.wait(10) == 0


def test_tls_is_trusted_through_the_file_it_writes(tmp_path: Path) -> None:
    import ssl

    with process(tmp_path, "--tls", "--ca-out", str(tmp_path / "ca.pem")) as (_, address):
        context = ssl.create_default_context(cafile=str(address["ca"]))
        endpoint = str(address["endpoint"])
        for url in (endpoint, endpoint.replace("127.0.0.1", "localhost")):
            assert httpx.get(f"{url}/_mock/health", verify=context, trust_env=False).status_code == 200


def test_a_stop_does_not_wait_for_idle_clients_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mock_server.http_server.GRACE", 60)
    with serve(tls=True) as server:
        azure = Azure(server)
        assert azure.get("").status_code == 200
    azure.close()  # only now: the stop did not wait for it, or the test would take a minute


def test_what_was_acknowledged_is_there_after_a_kill(tmp_path: Path) -> None:
    order = ["NotStarted", "Preparing", "Queued", "Running", "Finalizing", "Completed"]
    acknowledged: list[str] = []
    before = ""
    for life in range(3):
        with process(tmp_path, "--state", str(tmp_path / "state"), "--job-seconds", "3600") as (running, address):
            azure = Azure(Remote(str(address["endpoint"])))
            assert [one["name"] for one in azure.get("/jobs").json()["value"]] == acknowledged[::-1]
            if before:
                assert order.index(azure.status("job0")) >= order.index(before)
                assert azure.plain.get(azure.blob_url("data/train.jsonl")).content == rows()
            assert azure.job(f"job{life}").status_code == 201
            acknowledged.append(f"job{life}")
            azure.http.post("/_mock/clock", json={"mode": "virtual", "advance": 800})
            before = azure.status("job0")
            azure.close()
            running.send_signal(signal.SIGKILL)
            running.wait(10)


def test_an_incomplete_body_leaves_nothing_behind(tmp_path: Path) -> None:
    with serve(state=tmp_path) as server:
        azure = Azure(server)
        url = azure.blob_url("a")

        def broken() -> Iterator[bytes]:
            yield b"x" * 600_000
            raise RuntimeError("the client died")

        with pytest.raises(RuntimeError):
            azure.plain.put(url, content=broken(), headers={"Content-Length": "900000"})
        azure.close()
    with serve(state=tmp_path) as server:
        azure = Azure(server)
        assert azure.plain.get(azure.blob_url("a")).status_code == 404
        azure.close()


def test_two_servers_share_nothing() -> None:
    with serve(clock="virtual") as one, serve(clock="virtual") as other:
        first, second = Azure(one), Azure(other)
        first.job()
        assert second.get("/jobs").json()["value"] == []
        first.close()
        second.close()


def test_a_port_in_use_is_reported_in_one_line(tmp_path: Path) -> None:
    with serve() as server:
        port = server.endpoint.rpartition(":")[2]
        command = [sys.executable, "-m", "mock_server", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (ended.returncode, "cannot listen" in ended.stderr) == (1, True)


def test_no_module_of_the_client_is_imported() -> None:
    code = (
        "import sys, mock_server.__main__, mock_server.plugin; sys.exit(any('maas_client' in m for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
