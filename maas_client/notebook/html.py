"""The few pieces of HTML that values are drawn with: everything escaped, nothing loaded, light and dark alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ..trust import printable

_STYLE = """\
<style>.maas{font:13px system-ui,sans-serif;color:inherit;max-width:60em}
.maas h4{margin:0 0 .4em;font-size:1em}
.maas table{border-collapse:collapse;margin:.3em 0}
.maas th,.maas td{text-align:left;padding:.15em .9em .15em 0;vertical-align:top;background:none;border:0;\
overflow-wrap:break-word}
.maas th{font-weight:600;opacity:.75;white-space:nowrap}
.maas .good{color:#1a7f37}.maas .bad{color:#cf222e;font-weight:600}.maas .so-so{color:#9a6700}
@media(prefers-color-scheme:dark){.maas .good{color:#3fb950}.maas .bad{color:#ff7b72}.maas .so-so{color:#d29922}}
.maas .bar{display:inline-block;height:.8em;background:currentColor;opacity:.55;min-width:1px;border-radius:2px}
.maas svg{max-width:100%;height:auto}
.maas pre{margin:.3em 0;white-space:pre-wrap}</style>"""

_KINDS = {
    "good": {"Completed", "Online", "Succeeded", "ok"},
    "bad": {"Failed", "NotResponding", "CreationFailed", "refused"},
    "so-so": {"Canceled", "Paused", "CancelRequested", "dropped", "changed"},
}


def text(value: object) -> str:
    """Write a value as text of a page; nothing of it is markup, and it turns no writing round."""
    return escape(printable("" if value is None else str(value))) or "-"


def state(value: object) -> str:
    """Write a word that tells a state in its colour."""
    kind = next((kind for kind, words in _KINDS.items() if str(value) in words), "")
    return f'<span class="{kind}">{text(value)}</span>'


def link(url: str, words: str) -> str:
    """Write a link, if it is one to a page of the web; else the words alone."""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        return text(words)
    return f'<a href="{escape(url)}" target="_blank" rel="noreferrer noopener">{text(words)}</a>'


def fields(pairs: Iterable[tuple[str, str]]) -> str:
    """Write names and values, which are HTML already, below each other."""
    rows = "".join(f"<tr><th>{text(name)}</th><td>{value}</td></tr>" for name, value in pairs if value not in ("", "-"))
    return f"<table>{rows}</table>"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table of cells that are HTML already."""
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if any(titles) else ''}<tbody>{body}</tbody></table>"


def bars(pairs: Iterable[tuple[str, int]]) -> str:
    """Write counts as bars, the longest one of 20 em."""
    pairs = list(pairs)
    most = max((count for _, count in pairs), default=1) or 1
    return table(
        [],
        [
            [text(name), f'<span class="bar" style="width:{20 * count / most:.2f}em"></span>', text(count)]
            for name, count in pairs
        ],
    )


def card(title: str, *parts: str) -> str:
    """Put parts, which are HTML already, below a title."""
    return f'{_STYLE}<div class="maas"><h4>{text(title)}</h4>{"".join(parts)}</div>'
