"""A shell: command lines in this process, with a clock that advances on sleep."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from click.testing import CliRunner, Result

from maas_client import MaasClient
from maas_client.cli import maas as command_line
from maas_client.cli.app.session import Session
from maas_client.wire import BlockingWire
from mock_server.server import Server

MODEL = "Phi-4-mini-instruct"
ANSWER = "We open at nine."
ENCODING = os.environ.get("PYTHONIOENCODING", "utf-8")
"""The encoding of the streams: `make test-cp1252` runs these tests with that of a pipe on Windows."""

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Unused on http; one for all, for reading the authorities takes 50 ms."""


@dataclass
class Shell:
    """A shell without a terminal. `interrupt_at` is the time from which Ctrl-C is pressed, in each pause or once."""

    server: Server
    time: float = 0.0
    interrupt_at: float = float("inf")
    interrupt_once: bool = False

    def __call__(self, *words: str, stdin: str | None = None) -> Result:
        """Run a command line."""
        return CliRunner(charset=ENCODING).invoke(command_line, words, input=stdin, obj=self._session)

    @property
    def _session(self) -> Session:
        return Session(wire=lambda: BlockingWire(verify=TLS, sleep=self.sleep, clock=lambda: self.time))

    def client(self) -> MaasClient:
        """Return a client for the shell's workspace, on its clock."""
        return self._session.client()

    def done(self, *words: str) -> str:
        """Run a command line that must succeed, and return its stdout."""
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def sleep(self, seconds: float) -> None:
        """Advance the clock, here and on the server."""
        self.time += seconds
        self.server.advance(seconds)
        if self.time >= self.interrupt_at:
            self.interrupt_at = float("inf") if self.interrupt_once else self.interrupt_at
            raise KeyboardInterrupt


def process(
    *words: str, flags: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command line in its own process."""
    command = [sys.executable, *flags, "-m", "maas_client", *words]
    return subprocess.run(
        command,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        encoding=ENCODING,
        timeout=60,
        check=False,
    )


def chat_row(question: str, answer: str) -> str:
    """Write a training row."""
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return json.dumps({"messages": turns})
