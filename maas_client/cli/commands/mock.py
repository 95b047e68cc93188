"""`maas mock`: run the mock server."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..app.duration_option import DURATION
from ..app.exit_codes import Failed
from ..app.options import Command
from ..app.session import Session, pass_session
from ..output.printer import is_sequence
from ..output.shell_lines import SHELLS, set_variable, usual_shell

if TYPE_CHECKING:
    from ...core.surfaces import Surface

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
PROJECT = "/api/projects/demo"


def not_installed(error: ImportError) -> Failed:
    """Return the error for a command that needs the mock server's packages."""
    from ...core.extras import install_command

    return Failed(f"the mock server is not installed ({error})", hint=f"try: {install_command('mock')}")


@click.command(
    cls=Command,
    help="""Run the mock server until Ctrl-C, and print the environment variables to use it.

    \b
    Example:
      maas mock --port 8765 --state ./mock-state
      maas mock --shell powershell
      maas mock --surface foundry
      maas mock --replay job.jsonl
    """,
)
@click.option("--host", default="127.0.0.1", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, help="Port, 0 for any (8765).")
@click.option("--tls", is_flag=True, help="Serve https, with a certificate generated at start-up.")
@click.option(
    "--tls-name", multiple=True, metavar="NAME", help="Name by which clients reach the server, for its certificate."
)
@click.option("--ca-out", type=click.Path(path_type=Path), help="Write the CA certificate to trust to this file.")
@click.option(
    "--url-file", type=click.Path(path_type=Path), help="Write the URL to this file once the server is ready."
)
@click.option("--state", type=click.Path(path_type=Path), help="State folder; in memory by default.")
@click.option("--load", type=click.Path(path_type=Path), help="Load this export of /_mock/state.")
@click.option(
    "--replay", type=click.Path(path_type=Path), help="Answer from this cassette, as `maas record` writes it."
)
@click.option("--virtual", is_flag=True, help="Virtual clock: time only advances through /_mock/clock.")
@click.option(
    "--step-on-poll",
    type=DURATION,
    metavar="TIME",
    help="Virtual time by which each repeated request advances the clock, such as 30s.",
)
@click.option("--job-seconds", type=DURATION, metavar="TIME", help="Duration of a job, such as 10m (30s).")
@click.option("--seed", type=int, help="Random seed for losses and faults (0).")
@click.option("--workspace", multiple=True, metavar="NAME", help="Existing workspace; by default any name exists.")
@click.option(
    "--allow-copies-from", multiple=True, metavar="ORIGIN", help="Loopback origin that blobs may be copied from."
)
@click.option(
    "--quota",
    multiple=True,
    metavar="FAMILY=N",
    help="vCPUs of a family of machines; gpu=N is every family with GPUs (0), lowPriority=N all of low priority.",
)
@click.option(
    "--shell",
    type=click.Choice(SHELLS),
    help="Shell to print the variables for; by default powershell on Windows, and sh elsewhere.",
)
@click.option(
    "--log-requests/--no-log-requests",
    default=None,
    help="Write a line per request to standard error; by default on a terminal.",
)
@pass_session
def mock(
    session: Session,
    /,
    *,
    host: str,
    port: int,
    tls: bool,
    virtual: bool,
    ca_out: Path | None,
    workspace: tuple[str, ...],
    log_requests: bool | None,
    shell: str | None,
    **options: Any,
) -> int:
    """Run the mock server and return its exit code."""
    try:
        from mock_server.__main__ import main, refusal
    except ImportError as error:
        raise not_installed(error) from error
    if reason := refusal(host, tls=tls, program="maas mock"):
        raise Failed(reason, code=2)
    port = free_port(host, port)
    display_host = "127.0.0.1" if host == "0.0.0.0" else f"[{host}]" if ":" in host else host  # noqa: S104 -- comparison only
    endpoint = f"{'https' if tls else 'http'}://{display_host}:{port}"
    exports = variables(session, endpoint, next(iter(workspace), "ws-mock"))
    if ca_out is not None:
        exports["MAAS_CA_BUNDLE"] = str(ca_out.resolve())
    for name, value in exports.items():
        click.echo(set_variable(name, value, shell or usual_shell(os.environ)))
    chosen = {"host": host, "port": port, "ca_out": ca_out, "workspace": workspace, **options}
    logged = {True: ["--log-requests"], False: ["--no-log-requests"], None: []}[log_requests]
    switches = [*(["--tls"] if tls else []), *(["--virtual"] if virtual else []), *logged]
    return main([*server_arguments(chosen), *switches])


def variables(session: Session, endpoint: str, workspace: str) -> dict[str, str]:
    """Return the variables that point a shell at the server: to its workspace, or to its project of Foundry."""
    from ...azure.surface_choice import FOUNDRY_ENDPOINT, SURFACE_VARIABLE, surface_named

    variables: Mapping[Surface, dict[str, str]] = {
        "azureml": {
            "MAAS_ENDPOINT": endpoint,
            "AZURE_SUBSCRIPTION_ID": session.subscription or SUBSCRIPTION,
            "AZURE_RESOURCE_GROUP": session.resource_group or "rg-mock",
            "AZUREML_WORKSPACE_NAME": workspace,
        },
        "foundry": {FOUNDRY_ENDPOINT: f"{endpoint}{PROJECT}"},
    }
    return variables[surface_named(session.surface or os.environ.get(SURFACE_VARIABLE, "").strip() or "azureml")]


def server_arguments(options: Mapping[str, object]) -> list[str]:
    """Return options as arguments of the server's command line."""
    words: list[str] = []
    for name, value in options.items():
        for each in value if is_sequence(value) else [value]:
            words += [] if each is None else [f"--{name.replace('_', '-')}", str(each)]
    return words


def free_port(host: str, port: int) -> int:
    """Return the port, or a free one for 0; raise Failed if it cannot be bound."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        if sys.platform != "win32":  # there it would let two servers listen on one port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"cannot listen on {host} port {port}: {error.strerror}"
            raise Failed(message, hint="try: maas mock --port 0") from error
        chosen: int = probe.getsockname()[1]
        return chosen
