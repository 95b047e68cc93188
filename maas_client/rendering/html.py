"""HTML building blocks for displayed values: everything escaped, no external resources, for light and dark themes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from ..core.origins import is_loopback
from ..core.redaction import redact
from ..core.text import printable

# A notebook's theme may differ from the system's, so colours are mixed with that of the surrounding text.
_CSS = """\
.maas{font:13px/1.4 system-ui,sans-serif;color:inherit;max-width:60em;padding:.2em 0}
.maas h4{margin:0 0 .3em;font-size:1em;font-weight:600;line-height:1.4;overflow-wrap:anywhere}
.maas p{margin:.3em 0}
.maas a{color:inherit;text-decoration:underline}
.maas .wide{overflow-x:auto}
.maas table{border-collapse:collapse;margin:.3em 0;table-layout:auto;font-size:1em;color:inherit}
.maas tbody tr{background:none}
.maas th,.maas td{text-align:left;padding:.1em .9em .1em 0;vertical-align:top;background:none;border:0;line-height:1.4}
.maas th{font-weight:600;opacity:.75;white-space:nowrap}
.maas td{white-space:normal;overflow-wrap:anywhere}
.maas .wide td{min-width:4.5em}
.maas span{white-space:nowrap}
.maas .good{color:#1a7f37;color:color-mix(in srgb,currentColor 50%,#2da44e)}
.maas .bad{color:#cf222e;color:color-mix(in srgb,currentColor 40%,#e5484d);font-weight:600}
.maas .so-so{color:#9a6700;color:color-mix(in srgb,currentColor 50%,#bf8700)}
.maas .track{border:1px solid currentColor;border-radius:3px;width:20em;max-width:95%;height:.9em}
.maas .done{height:100%;background:currentColor;opacity:.55}
.maas svg{max-width:100%;height:auto}
.maas .maas-curve{--paper:transparent;--ink:currentColor;--faint:color-mix(in srgb,currentColor 80%,transparent);\
--grid:color-mix(in srgb,currentColor 18%,transparent);--first:color-mix(in srgb,currentColor 30%,#2f81f7);\
--second:color-mix(in srgb,currentColor 30%,#e36209)}
.maas pre{margin:.3em 0;padding:0;background:none;color:inherit;font-size:1em;white-space:pre-wrap;\
overflow-wrap:anywhere}"""

# Repeating a class raises its specificity above JupyterLab 4's rules for tables and headings in outputs.
_STYLE = f"<style>{_CSS.replace('.maas ', '.maas.maas.maas.maas ')}</style>"

_KINDS = {
    "good": {"completed", "online", "succeeded", "ok", "stop"},
    "bad": {"failed", "notresponding", "creationfailed", "deletionfailed", "refused", "fatal", "content_filter"},
    "so-so": {"canceled", "cancelled", "paused", "cancelrequested", "suspended", "dropped", "changed", "length"},
}


def escaped(value: object) -> str:
    """Escape a value as HTML text, without text direction overrides."""
    return _escape(printable("" if value is None else str(value))) or "-"


def redacted(value: object) -> str:
    """Escape a text that may contain a URL, without its secrets: notebooks are saved and shared."""
    return escaped(redact(printable("" if value is None else str(value))))


def state(value: object) -> str:
    """Return a status word in its colour."""
    kind = next((kind for kind, words in _KINDS.items() if str(value).lower() in words), "")
    return f'<span class="{kind}">{escaped(value)}</span>'


def link(url: str, words: str) -> str:
    """Return a link if it points to a web page and contains no secret; else only its text."""
    if not _is_page(url) or redact(url) != url:
        return escaped(words)
    return f'<a href="{_escape(url)}" target="_blank" rel="noreferrer noopener">{escaped(words)}</a>'


def _is_page(url: str) -> bool:
    """Return whether a URL uses https or points to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def fields(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and values, which are HTML already; empty ones are omitted."""
    rows = "".join(
        f"<tr><th>{escaped(name)}</th><td>{value}</td></tr>" for name, value in pairs if value not in ("", "-")
    )
    return f"<table>{rows}</table>"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are HTML already; if it is too wide for the page, only the table scrolls."""
    head = "".join(f"<th>{escaped(title) if title else ''}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    titled = f"<thead><tr>{head}</tr></thead>" if any(titles) else ""
    return f'<div class="wide"><table>{titled}<tbody>{body}</tbody></table></div>'


def rows_of(count: int) -> str:
    """Return the number of rows as text."""
    return f"{count:,} row{'s' * (count != 1)}"


def card(title: str, *parts: str) -> str:
    """Join sections, which are HTML already, below an optional title."""
    head = f"<h4>{escaped(title)}</h4>" if title else ""
    return f'{_STYLE}<div class="maas">{head}{"".join(parts)}</div>'


def pairs(values: Mapping[str, str]) -> str:
    """Return names and values in one line, without their secrets."""
    return redacted(", ".join(f"{name}={value}" for name, value in values.items()))


def format_timestamp(stamp: str) -> str:
    """Format a timestamp to the second."""
    return escaped(stamp[:19].replace("T", " "))


def _escape(text: str) -> str:
    from html import escape  # imported here: a listing of jobs draws nothing, and its table of entities takes 3 ms

    return escape(text)
