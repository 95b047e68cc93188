"""Listening for other machines takes TLS and a token, and the refusal says how."""

import os
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from mock_server.__main__ import TOKEN_VARIABLE, main, refusal
from mock_server.http_server import LOOPBACK
from mock_server.server import serve
from tests.mock_server.test_server import process

EVERYWHERE = "0.0.0.0"


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.7", "build-server"])
def test_without_tls_the_command_refuses_and_says_how(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", host]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"\n  python -m mock_server --host {host} --tls --tls-name NAME --ca-out ca.pem\n" in printed.err
    assert TOKEN_VARIABLE in printed.err


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_needs_no_tls(host: str) -> None:
    assert refusal(host, tls=False, program="x") is None


@pytest.mark.parametrize(("tls", "token"), [(False, None), (True, None), (False, "t"), (True, "")])
def test_a_program_needs_tls_and_a_token_for_another_host(tls: bool, token: str | None) -> None:
    with (
        pytest.raises(ValueError, match="set tls=True and an admin_token"),
        serve(host=EVERYWHERE, tls=tls, admin_token=token),
    ):
        pass


def test_the_certificate_is_for_the_names_that_clients_use(tmp_path: Path) -> None:
    from cryptography import x509

    with serve(tls=True, tls_names=["mock", "192.0.2.7", "mock"]) as server:
        context = ssl.create_default_context(cafile=str(server.ca))
        port = int(server.endpoint.rpartition(":")[2])
        certificate = ssl.get_server_certificate(("127.0.0.1", port))
        names = x509.load_pem_x509_certificate(certificate.encode()).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
        assert names.value.get_values_for_type(x509.DNSName).count("mock") == 1
        assert "192.0.2.7" in map(str, names.value.get_values_for_type(x509.IPAddress))
        assert httpx.get(f"{server.endpoint}/_mock/health", verify=context, trust_env=False).status_code == 200


@pytest.mark.parametrize("name", ["two words", "", "-x", "a/b", "x\n", "https://mock"])
def test_a_name_that_no_certificate_can_have_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "0", "--tls", f"--tls-name={name}"]) == 2
    assert "is neither a host name nor an address" in capsys.readouterr().err


def test_a_server_for_others_takes_the_token_of_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "chosen-token")
    options = ("--host", EVERYWHERE, "--tls", "--ca-out", str(tmp_path / "ca.pem"))
    with process(tmp_path, *options) as (running, address):
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        url = f"{address['endpoint']}/_mock/clock"
        assert httpx.get(url, verify=context, trust_env=False).status_code == 401
        headers = {"X-Mock-Token": "chosen-token"}
        assert httpx.get(url, verify=context, trust_env=False, headers=headers).status_code == 200
        running.terminate()
        assert running.stdout is not None
        printed = running.stdout.read()
    assert f"X-Mock-Token: the value of {TOKEN_VARIABLE}" in printed
    assert "chosen-token" not in printed


@pytest.mark.parametrize(
    ("option", "is_logged"), [([], False), (["--log-requests"], True), (["--no-log-requests"], False)]
)
def test_requests_are_logged_to_standard_error_on_demand(tmp_path: Path, option: list[str], is_logged: bool) -> None:
    with (tmp_path / "log").open("w") as log:
        url_file = tmp_path / "url.json"
        command = [sys.executable, "-m", "mock_server", "--port", "0", "--url-file", str(url_file), *option]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ) as running:
            assert running.stdout is not None
            endpoint = running.stdout.readline().rpartition(" ")[2].strip()
            httpx.get(f"{endpoint}/_mock/clock", trust_env=False)
            running.terminate()
    assert ("mock.clock" in (tmp_path / "log").read_text()) is is_logged


def test_on_loopback_the_variable_lets_no_other_name_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "chosen-token")
    with process(tmp_path) as (_, address):
        headers = {"X-Mock-Token": "chosen-token", "Host": "evil.example"}
        answer = httpx.get(f"{address['endpoint']}/_mock/clock", headers=headers, trust_env=False)
    assert answer.status_code == 403
