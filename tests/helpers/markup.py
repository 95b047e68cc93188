"""Markup as a browser would read it, and what of it we write ourselves."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

TAGS = frozenset(
    {*("style", "div", "h4", "table", "thead", "tbody", "tr", "th", "td", "span", "p", "pre", "a")}
    | {*("svg", "title", "desc", "rect", "text", "line", "path", "g", "circle")}
)

ATTRIBUTES = frozenset(
    {*("class", "style", "href", "target", "rel", "role", "aria-label")}
    | {*("aria-valuemin", "aria-valuemax", "aria-valuenow")}
    | {*("xmlns", "viewbox", "width", "height", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "d")}
    | {*("fill", "font-size", "opacity", "text-anchor", "transform")}
)


class Reader(HTMLParser):
    """Reads what a browser would make of a page's markup."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.code = ""
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._is_style = tag == "style"

    def handle_data(self, data: str) -> None:
        # The content of a style is no text of the page.
        self.code, self.text = (self.code + data, self.text) if self._is_style else (self.code, self.text + data)
        self._is_style = False


def read(html: str) -> Reader:
    """Read markup."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


def harmless(html: str) -> Reader:
    """Hold markup against what we write: no other element or attribute, nothing that runs, nothing that is fetched."""
    reader = read(html)
    assert {tag for tag, _ in reader.tags} <= TAGS
    assert {name for _, attributes in reader.tags for name in attributes} <= ATTRIBUTES
    links = [attributes["href"] or "" for _, attributes in reader.tags if "href" in attributes]
    assert all(link.startswith(("https://", "http://127.0.0.1", "http://localhost")) for link in links)
    assert "url(" not in reader.code
    assert "@import" not in reader.code
    styles = [attributes["style"] or "" for _, attributes in reader.tags if "style" in attributes]
    assert all(style.startswith("width:") for style in styles)
    return reader


def drawn(value: object) -> str:
    """Return what a notebook draws of a value, by IPython's own formatter."""
    from IPython.core.formatters import HTMLFormatter

    formatter: Any = HTMLFormatter()
    html = formatter(value)
    assert isinstance(html, str), f"a notebook shows {value!r} as text"
    return html
