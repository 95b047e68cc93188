"""Every variable of the environment that httpx, ssl and urllib read, spelled right and wrong.

Nothing ends in a raw exception: a server on this machine is reached whatever they say, and for Azure a value that
cannot be used is either ignored or an error that names its variable.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import certifi
import pytest
from click.testing import CliRunner
from support import Ada

from maas_client.azure.settings import Settings
from maas_client.cli import maas as command_line
from maas_client.cli.app.session import Session
from maas_client.client import Resources
from maas_client.errors import ConnectionFailed, NetworkSettingsError
from maas_client.wire import AsyncWire, BlockingWire, check_proxy, no_tls
from maas_client.wire.proxies import Proxy, parsed_proxy
from mock_server.server import Server, serve

READ = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy", "request_method")
READ_BY_SSL = ("MAAS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
NOBODY = "http://127.0.0.1:1"
"""A proxy at which nobody listens: what is not refused ends there, and nothing leaves this machine."""


@dataclass(frozen=True)
class Spelling:
    """A variable and its value; `{name}` is a path of the test's.

    It is used (or ignored), refused by its name, or a SOCKS proxy, which is refused without its packages.
    """

    variable: str
    value: str
    outcome: str = "used"

    def __str__(self) -> str:
        return f"{self.variable}={self.value}"

    def is_refused(self, *socks_modules: str) -> bool:
        return self.outcome == "refused" or (self.outcome == "socks" and not all(map(find_spec, socks_modules)))


SPELLINGS = (
    *(Spelling(name, "http://127.0.0.1:1") for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")),
    *(Spelling("HTTPS_PROXY", value) for value in ("127.0.0.1:1", " 127.0.0.1:1 ", "localhost:1", "HTTP://[::1]:1/")),
    *(Spelling("HTTPS_PROXY", value) for value in ("http://user:word@127.0.0.1:1", "")),
    *(
        Spelling("HTTPS_PROXY", f"http://{value}", "refused")
        for value in ("", "[", ":1", "proxy:port", "a b:1", "[::1")
    ),
    *(Spelling("HTTPS_PROXY", value, "refused") for value in ("gopher://p:1", "http//p:1", "://", "http://p:99999")),
    *(Spelling("HTTPS_PROXY", value, "refused") for value in ('"http://p:1"', "http://%zz:1", "http://wpad/wpad.dat")),
    *(Spelling("ALL_PROXY", f"{scheme}://127.0.0.1:1", "socks") for scheme in ("socks5", "socks5h", "SOCKS5")),
    *(Spelling(name, "socks5://127.0.0.1:1", "socks") for name in ("HTTPS_PROXY", "https_proxy", "all_proxy")),
    *(Spelling("ALL_PROXY", f"{scheme}://127.0.0.1:1", "refused") for scheme in ("socks", "socks4", "socks4a")),
    *(Spelling("HTTP_PROXY", value) for value in ("socks5://127.0.0.1:1", "http://[", "gopher://p", "http://p:port")),
    *(Spelling("NO_PROXY", value) for value in ("[::1]", "::1", "[::1]:80", "[::1", "10.0.0.0/8", "10.0.0.0/99")),
    *(Spelling("NO_PROXY", value) for value in ("*.example", "a*b", ".", ",", " ", "a, b", "a b", "a:80", "a:port")),
    *(Spelling("no_proxy", value) for value in ("fd00::/8", "http://a/b", "<local>", "a/b", "[", "%", "\\", "é", "\t")),
    *(Spelling(name, "{missing}", "refused") for name in READ_BY_SSL),
    *(Spelling(name, "{pem}") for name in READ_BY_SSL),
    *(Spelling(name, "") for name in READ_BY_SSL),
    *(Spelling("SSL_CERT_FILE", value, "refused") for value in ("{folder}", "{empty}", "{text}", "{text}/inside")),
    *(Spelling("SSL_CERT_DIR", value, "refused") for value in ("{folder}", "{empty}", "{text}")),
    *(Spelling("REQUESTS_CA_BUNDLE", value, "refused") for value in ("{folder}", "{empty}", "{text}")),
    *(Spelling(name, "{hashed}") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")),
    Spelling("SSL_CERT_DIR", "{missing}" + os.pathsep + "{hashed}"),
    Spelling("SSL_CERT_DIR", "{hashed}" + os.pathsep + "{hashed}"),
    Spelling("SSLKEYLOGFILE", "{missing}/keys", "refused"),
    Spelling("SSLKEYLOGFILE", "{folder}", "refused"),
    Spelling("SSLKEYLOGFILE", "{folder}/keys"),
    Spelling("SSLKEYLOGFILE", ""),
    Spelling("NETRC", "{text}"),
)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    with serve(workspaces=["work"]) as server:
        yield server


@pytest.fixture
def apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Spelling], None]:
    """Set one variable, in an environment without any other of them."""
    for name in [name for name in os.environ if name.lower() in READ or name.startswith(("AZURE", "MAAS", "SSL"))]:
        monkeypatch.delenv(name)
    for name in READ_BY_SSL:
        monkeypatch.delenv(name, raising=False)
    places = {name: tmp_path / name for name in ("missing", "folder", "empty", "text", "pem", "hashed")}
    places["folder"].mkdir()
    places["hashed"].mkdir()
    places["empty"].touch()
    places["text"].write_text("no certificate", "utf-8")
    shutil.copy(certifi.where(), places["pem"])
    shutil.copy(certifi.where(), places["hashed"] / "0a1b2c3d.0")

    def set_one(spelling: Spelling) -> None:
        monkeypatch.setenv(spelling.variable, spelling.value.format(**places))
        if spelling.variable.lower() not in {"https_proxy", "all_proxy"} or not spelling.value:
            monkeypatch.setenv("all_proxy", NOBODY)
        monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential")

    return set_one


def without_pause(_seconds: float) -> None:
    """Sleep for no time."""


async def without_pause_on_a_loop(_seconds: float) -> None:
    """Sleep for no time."""


def wire_of(kind: str, settings: Settings) -> AsyncWire | BlockingWire:
    verify = no_tls() if settings.is_loopback else None
    if kind == "blocking":
        return BlockingWire(verify=verify, sleep=without_pause)
    return AsyncWire(verify=verify, sleep=without_pause_on_a_loop)


async def ask(kind: str, settings: Settings) -> str:
    """Request the workspace's name."""
    wire = wire_of(kind, settings)
    try:
        return (await Resources(wire, settings, None if settings.is_loopback else Ada()).workspace.get()).name
    finally:
        ending = wire.close()
        if ending is not None:
            await ending


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
async def test_this_machine_is_reached_whatever_is_set(
    kind: str, spelling: Spelling, apply: Callable[[Spelling], None], running: Server
) -> None:
    apply(spelling)
    assert await ask(kind, Settings("sub", "group", "work", endpoint=running.endpoint)) == "work"


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
async def test_azure_is_sought_or_the_variable_is_named(
    kind: str, spelling: Spelling, apply: Callable[[Spelling], None]
) -> None:
    apply(spelling)
    settings = Settings("sub", "group", "work")
    if not spelling.is_refused("socksio"):
        with pytest.raises(ConnectionFailed, match="could not connect"):
            await ask(kind, settings)
        return
    with pytest.raises(NetworkSettingsError) as caught:
        await ask(kind, settings)
    assert caught.value.variable == spelling.variable
    assert str(caught.value).startswith(f"{spelling.variable}: ")


def command(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(
        command_line, [*words, "-g", "group", "-w", "work", "--subscription", "sub"], obj=Session()
    )
    return done.exit_code, done.output


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_doctor_finds_a_server_on_this_machine(
    spelling: Spelling, apply: Callable[[Spelling], None], running: Server
) -> None:
    apply(spelling)
    code, shown = command("doctor", "--arm-url", running.endpoint)
    assert code == 0, shown
    assert "is reached directly" in shown


@pytest.mark.parametrize("spelling", SPELLINGS, ids=str)
def test_a_command_names_the_variable_or_signs_in(spelling: Spelling, apply: Callable[[Spelling], None]) -> None:
    apply(spelling)
    code, shown = command("jobs", "list")
    lines = [line for line in shown.splitlines() if not line.startswith("warning: ")]
    if spelling.is_refused("socksio", "socks"):
        assert (code, lines[0].startswith(f"error: {spelling.variable}: ")) == (2, True), shown
        assert lines[1] == f"try: unset {spelling.variable}, or maas doctor"
    else:
        assert (code, lines) == (4, ["error: not signed in to Azure. Run `az login`."])


@pytest.mark.parametrize(
    "spelling",
    [
        Spelling("SSL_CERT_FILE", "{missing}"),
        Spelling("ALL_PROXY", "socks4://p:1"),
        Spelling("SSLKEYLOGFILE", "{folder}"),
    ],
    ids=str,
)
def test_doctor_names_the_variable(spelling: Spelling, apply: Callable[[Spelling], None]) -> None:
    apply(spelling)
    code, shown = command("doctor")
    (line,) = [line for line in shown.splitlines() if line.startswith("network")]
    assert (code, "problem" in line, f"{spelling.variable}: " in line) == (2, True, True)
    assert f"unset {spelling.variable}" in shown


def test_what_no_proxy_cannot_mean_is_a_warning(apply: Callable[[Spelling], None]) -> None:
    apply(Spelling("NO_PROXY", "10.0.0.0/99, good.example"))
    _, shown = command("jobs", "list")
    assert "warning: NO_PROXY: ignored what is not a host or network: '10.0.0.0/99'" in shown


def test_a_socks_proxy_without_its_package_names_it() -> None:
    with pytest.raises(NetworkSettingsError, match=r"^ALL_PROXY: the SOCKS proxy .* needs .*install") as caught:
        parsed_proxy(Proxy("socks5://user:word@127.0.0.1:1", "ALL_PROXY"), modules=("no_such_module",))
    assert "word" not in str(caught.value)


def test_a_cgi_script_ignores_http_proxy(apply: Callable[[Spelling], None], monkeypatch: pytest.MonkeyPatch) -> None:
    apply(Spelling("HTTP_PROXY", "gopher://p:1"))
    with pytest.raises(NetworkSettingsError, match=r"^HTTP_PROXY: "):
        check_proxy("http://service.example")
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    check_proxy("http://service.example")
