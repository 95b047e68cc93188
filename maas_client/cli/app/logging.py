"""The library's log records on stderr: warnings, and with --debug every request."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ...core.redaction import redact
from ...core.text import printable
from ..output.streams import write_note


class _StderrHandler(logging.Handler):
    """Write records to the current stderr, or pass them to a listener."""

    listener: Callable[[str], object] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        line = printable(redact(self.format(record)))
        if self.listener is None:
            write_note(line)
        else:
            self.listener(line)


class _LevelFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{record.levelname.lower()}: {record.getMessage()}"


@contextmanager
def redirect_log(listener: Callable[[str], object]) -> Generator[None]:
    """Within the block, pass log lines to `listener`: printing them would break a live view."""
    handlers = [each for each in logging.getLogger("maas_client").handlers if isinstance(each, _StderrHandler)]
    for each in handlers:
        each.listener = listener
    try:
        yield
    finally:
        for each in handlers:
            each.listener = None


def configure(*, quiet: bool, debug: bool) -> None:
    """Send the library's log records to stderr: warnings and above; with `debug` all, and httpx's requests."""
    level = logging.DEBUG if debug else logging.ERROR if quiet else logging.WARNING
    handler = _StderrHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s") if debug else _LevelFormatter())
    for name in ("maas_client", "httpx"):
        logger = logging.getLogger(name)
        logger.handlers = [other for other in logger.handlers if not isinstance(other, _StderrHandler)]
        logger.addHandler(handler)
        logger.setLevel(level)
    # It warns of what each credential of the chain said; the error has that, and --debug shows it.
    logging.getLogger("azure.identity").setLevel(logging.ERROR)
