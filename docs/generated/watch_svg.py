"""Draw the README's picture: `python docs/generated/watch_svg.py [FILE]`, by default docs/watch.svg.

`maas jobs watch` runs as on a terminal, against an embedded mock server whose virtual clock starts at a fixed time and
moves only while the command waits. Only the noise of the losses differs from one run to the next.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from unittest.mock import patch

from rich.console import Console, RenderableType
from rich.text import Text

from maas_client import Hyperparameters, MaasClient
from maas_client.cli import maas
from maas_client.cli.app.session import Session
from maas_client.cli.live import job_panel
from maas_client.wire import BlockingWire
from mock_server import serve

ROOT = Path(__file__).parents[2]
DATA = ROOT / "examples" / "data"
JOB = "ft-support"
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()
JOB_SECONDS = 1200.0
PICTURE_AFTER = 900.0
"""Seconds after the job was created at which the screen is drawn."""

COLUMNS, LINES = 100, 30

WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""What rich's SVG loads from another site; without it the viewer's own monospaced font is used."""


class _Terminal(io.StringIO):
    """Standard output that looks like a terminal to the command."""

    def isatty(self) -> bool:
        return True


class _PictureTaken(Exception):
    """Ends the command; its text is the picture."""


def svg() -> str:
    """Return the screen of `maas jobs watch` in the middle of a job, as SVG."""
    shown: list[RenderableType] = []

    @contextmanager
    def record(view: RenderableType) -> Generator[None]:
        shown.append(view)
        yield

    with TemporaryDirectory(prefix="maas-svg-") as folder:
        state = Path(folder) / "clock.json"
        clock = {"mode": "virtual", "rate": 0.0, "wall": 0.0, "time": START}
        state.write_text(json.dumps({"clocks": {"": clock}}), "utf-8")
        with serve(clock="virtual", job_seconds=JOB_SECONDS, load=state) as server:

            class Clock(datetime):
                @classmethod
                def now(cls, tz: tzinfo | None = None) -> Self:
                    return cls.fromtimestamp(server.now(), tz)

            def sleep(seconds: float) -> None:
                left = START + PICTURE_AFTER - server.now()
                server.advance(min(seconds, left))
                if left <= seconds:
                    raise _PictureTaken(_draw(shown[0]))

            with MaasClient(
                subscription_id="any", resource_group="rg", workspace="ws", endpoint=server.endpoint
            ) as client:
                client.jobs.create(
                    model="Phi-4-mini-instruct",
                    training_data=DATA / "train.jsonl",
                    validation_data=DATA / "validation.jsonl",
                    hyperparameters=Hyperparameters(num_train_epochs=3),
                    name=JOB,
                )
            session = Session(
                subscription="any",
                resource_group="rg",
                workspace="ws",
                endpoint=server.endpoint,
                wire=lambda: BlockingWire(sleep=sleep, now=server.now, clock=server.now),
            )
            with (
                patch.object(job_panel, "live_view", record),
                patch.object(job_panel, "datetime", Clock),
                patch.dict(os.environ, {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(LINES)}),
                redirect_stdout(_Terminal()),
                redirect_stderr(_Terminal()),
            ):
                os.environ.pop("NO_COLOR", None)
                try:
                    maas.main(["jobs", "watch", JOB], prog_name="maas", standalone_mode=False, obj=session)
                except _PictureTaken as taken:
                    return str(taken)
    raise AssertionError("the job ended before the picture was taken")


def _draw(view: RenderableType) -> str:
    """Draw a view below the command that shows it."""
    console = Console(
        record=True,
        file=io.StringIO(),
        width=COLUMNS,
        height=LINES,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(Text.assemble(("$ ", "dim"), f"maas jobs watch {JOB}"))
    console.print(view)
    return WEB_FONT.sub("", console.export_svg(title="maas jobs watch", unique_id="watch"))


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "docs" / "watch.svg").write_text(svg(), "utf-8")
