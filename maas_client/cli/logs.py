"""The library's log on stderr: warnings as a line each, every request with --debug."""

from __future__ import annotations

import logging

import click

from ..trust import printable, redact


class _ToStderr(logging.Handler):
    """Write records to what stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(printable(redact(self.format(record))), err=True)


class _Words(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {record.getMessage()}"


def configure(*, quiet: bool, debug: bool) -> None:
    """Send the library's records to stderr, from warnings up, or all of them and httpx's requests."""
    level = logging.DEBUG if debug else logging.ERROR if quiet else logging.WARNING
    handler = _ToStderr()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s") if debug else _Words())
    for name in ("maas_client", "httpx"):
        logger = logging.getLogger(name)
        logger.handlers = [other for other in logger.handlers if not isinstance(other, _ToStderr)]
        logger.addHandler(handler)
        logger.setLevel(level)
