"""`maas demo`: run the commands of a whole job against an embedded mock server with a virtual clock."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path
from typing import Any

import click

from ...azure.surface_choice import surface_named
from ...core.surfaces import Surface
from ..app.exit_codes import Failed
from ..app.options import Command
from ..app.session import Session, pass_session
from .mock import SUBSCRIPTION, not_installed

JOB_SECONDS = 1200.0
"""Duration of the job on the virtual clock, which no one waits for."""

LIVE_SECONDS = 10.0
"""Duration of the job on a terminal, where a person watches it on the real clock."""

JOB, TUNED, BASE = "ft-demo", "demo-tuned", "demo-base"


@dataclass(frozen=True, slots=True)
class Platform:
    """What the demo uses on a platform: a base model, and the options that select the mock server."""

    model: str
    selecting: Mapping[str, str]
    url_option: str
    path: str = ""

    def options(self, endpoint: str) -> dict[str, str]:
        """Return the session's options for a mock server."""
        return {**self.selecting, self.url_option: f"{endpoint}{self.path}"}


PLATFORMS: Mapping[Surface, Platform] = {
    "azureml": Platform(
        "Phi-4-mini-instruct",
        {"subscription": SUBSCRIPTION, "resource_group": "rg-demo", "workspace": "ws-demo", "surface": "azureml"},
        "endpoint",
    ),
    "foundry": Platform("gpt-oss-20b", {"surface": "foundry"}, "foundry_endpoint", "/api/projects/demo"),
}


@click.command(
    cls=Command,
    help="""Run a whole job against an embedded mock server: check, upload, create, watch, deploy, chat.

    Each line starting with $ is a real `maas` command; nothing leaves this machine. With --output json, stdout
    contains one JSON document per command. It shows Azure Machine Learning, and with --surface foundry the same work on
    Azure AI Foundry.

    \b
    Example:
      maas demo
      maas demo --surface foundry
    """,
)
@click.option("--model", metavar="NAME", help="Base model (Phi-4-mini-instruct; on Foundry gpt-oss-20b).")
@pass_session
def demo(session: Session, model: str | None) -> None:
    """Run the demo."""
    platform = PLATFORMS[surface_named(session.surface or "azureml")]
    model = model or platform.model
    try:
        from mock_server.server import serve
    except ImportError as error:
        raise not_installed(error) from error
    from ...wire import BlockingWire

    train, validation = data_file("train.jsonl"), data_file("validation.jsonl")
    question = first_question(train)
    is_live = session.printer.is_live
    started = serve(job_seconds=LIVE_SECONDS) if is_live else serve(clock="virtual", job_seconds=JOB_SECONDS)
    with started as server:
        selecting: dict[str, Any] = platform.options(server.endpoint)
        demo_session = Session(
            output=session.output,
            **selecting,
            quiet=session.quiet,
            debug=session.debug,
            scripted=True,
            live=is_live,
            wire=BlockingWire if is_live else lambda: BlockingWire(sleep=server.advance),
        )
        data = ["--training-data", str(train), "--validation-data", str(validation)]
        for args in (
            ["check", str(train), "--model", model],
            ["upload", str(train), "--model", model],
            ["jobs", "create", "--model", model, *data, "--epochs", "3", "--name", JOB],
            ["jobs", "watch", JOB],
            ["deploy", JOB, "--name", TUNED],
            ["endpoints", "create", "--model", model, "--name", BASE],
            ["chat", BASE, question, "--no-stream"],
            ["chat", TUNED, question],
        ):
            _run(demo_session, args)
        with demo_session.client() as maas:
            answers = {maas.chat.complete(name, question).text for name in (BASE, TUNED)}
        requests = len(server.requests())
    if len(answers) < 2:
        raise Failed("the tuned model gives the same answer as the base model")
    session.printer.note(f"\nDone: {requests} requests; the tuned model answers from the training data.")


def _run(session: Session, args: list[str]) -> None:
    """Print a command and run it; with JSON output the command is printed to stderr."""
    printer = session.printer
    show = printer.note if printer.is_json else printer.line
    show(f"\n$ {shlex.join(['maas', *args])}")
    root = click.get_current_context().find_root().command
    root.main(args, prog_name="maas", standalone_mode=False, obj=session)


def data_file(name: str) -> Path:
    """Return an example file, from the installed package or from the repository."""
    folders = Path(__file__).parents[1] / "data", Path(__file__).parents[3] / "examples" / "data"
    for folder in folders:
        if (folder / name).is_file():
            return Path(min(str(folder / name), relpath(folder / name), key=len))
    raise Failed(f"example data not found: {name}")


def first_question(train: Path) -> str:
    """Return the first user message of the training data."""
    with train.open(encoding="utf-8") as file:
        row = json.loads(file.readline())
    return next(str(turn["content"]) for turn in row["messages"] if turn["role"] == "user")
