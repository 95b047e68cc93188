"""The command `python -m mock_server`: start the server, print its address, stop on a signal."""

import argparse
import json
import os
import secrets
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from mock_server.core import quotas
from mock_server.http_server import LOOPBACK
from mock_server.replay_server import ReplayServer, serve_replay
from mock_server.server import Server, serve

TOKEN_VARIABLE = "MOCK_ADMIN_TOKEN"  # noqa: S105 - the name of a variable
"""The environment variable with the admin token; an argument would be visible in the list of processes."""

NOT_REPLAYED = (
    "state",
    "load",
    "virtual",
    "step_on_poll",
    "job_seconds",
    "seed",
    "workspace",
    "allow_copies_from",
    "quota",
    "tls_name",
)
"""Options of the mock server that mean nothing to a replay."""


def main(arguments: list[str] | None = None) -> int:
    """Run the server until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()

    def stopped(number: int, frame: FrameType | None) -> None:
        del number, frame
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stopped)
    if reason := refusal(options.host, tls=options.tls, program="python -m mock_server"):
        print(f"mock_server: {reason}", file=sys.stderr)
        return 2
    # With a token the server answers to any host name. On loopback that would let in pages that rebind a name (DNS).
    given = None if options.host in LOOPBACK else os.environ.get(TOKEN_VARIABLE) or None
    token = given or (None if options.host in LOOPBACK else secrets.token_urlsafe(16))
    log = sys.stderr if options.log_requests or (options.log_requests is None and sys.stderr.isatty()) else None
    if options.replay is not None and (reason := without_meaning(options)):
        print(f"mock_server: {reason}", file=sys.stderr)
        return 2
    try:
        if options.replay is not None:
            with serve_replay(
                options.replay, host=options.host, port=options.port, tls=options.tls, request_log=log
            ) as replay:
                _announce(replay, options.url_file, options.ca_out, None)
                _wait_for(stop)
            return 0
        with serve(
            host=options.host,
            port=options.port,
            tls=options.tls,
            tls_names=options.tls_name,
            state=options.state,
            load=options.load,
            clock="virtual" if options.virtual or options.step_on_poll else "real",
            step_on_poll=options.step_on_poll,
            job_seconds=options.job_seconds,
            seed=options.seed,
            workspaces=options.workspace,
            copy_sources=options.allow_copies_from,
            quota=dict(options.quota),
            admin_token=token,
            request_log=log,
        ) as server:
            _announce(server, options.url_file, options.ca_out, f"the value of {TOKEN_VARIABLE}" if given else token)
            _wait_for(stop)
    except OSError as error:
        print(f"mock_server: cannot listen on {options.host} port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    except ValueError as error:
        print(f"mock_server: {error}", file=sys.stderr)
        return 2
    return 0


def _wait_for(stop: threading.Event) -> None:
    while not stop.wait(None if sys.platform != "win32" else 0.5):
        pass  # on Windows a wait without a limit cannot be interrupted by Ctrl-C


def without_meaning(options: argparse.Namespace) -> str:
    """Return which options have no meaning beside --replay, as an error message; empty if there are none."""
    defaults = _parser().parse_args([])
    given = [name for name in NOT_REPLAYED if getattr(options, name) != getattr(defaults, name)]
    if not given:
        return ""
    named = ", ".join(f"--{name.replace('_', '-')}" for name in given)
    return f"--replay answers what was recorded, so {named} would change nothing: leave it out"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mock_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8765, help="port, 0 for any (default: %(default)s)")
    parser.add_argument("--tls", action="store_true", help="serve https, with a certificate created at start-up")
    parser.add_argument(
        "--tls-name",
        action="append",
        default=[],
        metavar="NAME",
        help="name or address by which clients reach the server, for its certificate, repeatable (default: loopback)",
    )
    parser.add_argument("--ca-out", type=Path, metavar="FILE", help="file to write the certificate authority to")
    parser.add_argument(
        "--url-file", type=Path, metavar="FILE", help="file to write the address to, once the server is ready"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="directory for the state (default: in memory)")
    parser.add_argument("--load", type=Path, metavar="FILE", help="an export of /_mock/state to start from")
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="answer from this cassette, a recording of `maas record`"
    )
    parser.add_argument("--virtual", action="store_true", help="use a virtual clock, which only /_mock/clock advances")
    parser.add_argument(
        "--step-on-poll",
        type=_seconds,
        default=0.0,
        metavar="S",
        help="advance the virtual clock by S seconds when a client has to poll again",
    )
    parser.add_argument(
        "--job-seconds", type=_seconds, default=30.0, metavar="S", help="duration of a job (default: 30)"
    )
    parser.add_argument("--seed", type=int, default=0, help="seed of losses and faults (default: %(default)s)")
    parser.add_argument(
        "--workspace",
        action="append",
        default=[],
        metavar="NAME",
        help="name of an existing workspace, repeatable (default: every workspace exists)",
    )
    parser.add_argument(
        "--allow-copies-from",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="loopback origin that blobs may be copied from, such as http://127.0.0.1:9000, repeatable (default: none)",
    )
    parser.add_argument(
        "--quota",
        action="append",
        type=_quota,
        default=[],
        metavar="FAMILY=N",
        help="virtual cores of a family of machines, repeatable; gpu=N is every family with GPUs (default: 0), "
        "lowPriority=N all of low priority (default: 100)",
    )
    parser.add_argument(
        "--log-requests",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="write a line per request to standard error (default: if it is a terminal)",
    )
    return parser


def refusal(host: str, *, tls: bool, program: str) -> str | None:
    """Return why the server does not listen on this host, and how it would; None if it does."""
    if host in LOOPBACK or tls:
        return None
    return (
        f"{host} can be reached from other machines, and without TLS clients would send their tokens unencrypted. "
        "Serve https, and give clients the certificate authority:\n"
        f"  {program} --host {host} --tls --tls-name NAME --ca-out ca.pem\n"
        f"NAME is how clients reach this machine; {TOKEN_VARIABLE} sets the token for the routes under /_mock.\n"
        "For clients on this machine, leave out --host."
    )


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 <= seconds < 1e9:
        raise argparse.ArgumentTypeError(f"must be a non-negative number of seconds; got {value}")
    return seconds


def _quota(value: str) -> tuple[str, int]:
    parsed = quotas.parse(value)
    if parsed is None or len(parsed) != 1:
        raise argparse.ArgumentTypeError(f"must be FAMILY=N, such as gpu=1000; got {value}")
    return next(iter(parsed.items()))


def _announce(server: Server | ReplayServer, url_file: Path | None, ca_out: Path | None, token: str | None) -> None:
    ca = server.ca
    if ca is not None and ca_out is not None:
        _write(ca_out, ca.read_text())
        ca = ca_out
    if url_file is not None:
        address = {"endpoint": server.endpoint, "ca": str(ca.resolve()) if ca else None, "pid": os.getpid()}
        _write(url_file, json.dumps(address))
    print(f"mock_server is listening on {server.endpoint}" + (f", CA certificate {ca}" if ca else ""), flush=True)
    print(f"Azure AI Foundry: FOUNDRY_ENDPOINT={server.endpoint}/api/projects/demo", flush=True)
    page = "what was answered: {}/_mock/replay" if isinstance(server, ReplayServer) else "web page: {}/_mock/ui"
    print(page.format(server.endpoint), flush=True)
    if token:
        print(f"admin routes require the header X-Mock-Token: {token}", flush=True)


def _write(path: Path, content: str) -> None:
    """Replace a file atomically: readers see the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(content)
    temporary.replace(path)


if __name__ == "__main__":
    sys.exit(main())
