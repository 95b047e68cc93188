"""Clients that disconnect early, in order or with a reset: the server continues and logs nothing."""

import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

import httpx

WORKSPACE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"
BEGUN = (
    f"PUT {WORKSPACE}/jobs/x?api-version=2024-10-01-preview",
    "POST /_mock/faults",
    "POST /_mock/state",
    "PUT /azureml-blobstore-x/b",
    "POST /maas/e/v1/chat/completions",
)
WHOLE = ("GET /_mock/state", "GET /_mock/ui", "GET /_mock/ui/events", "GET /azureml-blobstore-x/large")
HEADERS = "HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a.b.c\r\nx-ms-version: 2023-11-03\r\n"
BLOB = {"x-ms-blob-type": "BlockBlob", "x-ms-version": "2023-11-03", "Authorization": "Bearer a.b.c"}


def hang_up(port: int, request: bytes, *, reset: bool, after_a_byte: bool) -> None:
    """Send a part of a request and disconnect, at once or when the response has begun."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request)
        if after_a_byte:
            connection.recv(1)
        if reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_an_early_disconnect_leaves_no_error(tmp_path: Path) -> None:
    url_file = tmp_path / "url.json"
    command = [sys.executable, "-m", "mock_server", "--port", "0", "--url-file", str(url_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        endpoint = json.loads(url_file.read_text())["endpoint"]
        port = int(endpoint.rpartition(":")[2])
        httpx.put(f"{endpoint}/azureml-blobstore-x/large", content=b"x" * (8 << 20), headers=BLOB).raise_for_status()
        for reset in (False, True):
            for line in BEGUN:
                hang_up(
                    port, f'{line} {HEADERS}Content-Length: 99\r\n\r\n{{"a"'.encode(), reset=reset, after_a_byte=False
                )
            for line in WHOLE:
                for begun in (False, True):
                    hang_up(port, f"{line} {HEADERS}\r\n".encode(), reset=reset, after_a_byte=begun)
        assert httpx.get(f"{endpoint}/_mock/verdict").status_code == 200
        server.terminate()
        _, stderr = server.communicate(timeout=120)
    assert stderr == ""
