"""A page of a notebook's outputs in a browser, and what no test may see there: anything fetched, or a complaint."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page

Scheme = Literal["light", "dark"]
OUTPUT = Path(__file__).parents[1] / "output" / "notebook"

# Much as JupyterLab 4 sets outputs, and the tables in them.
THEMES = {
    "light": ".jp{background:#fff;color:rgba(0,0,0,.87)}",
    "dark": ".jp{background:#111;color:#fff}",
}
AROUND = """\
body{margin:0}.jp{padding:8px;font:14px system-ui;line-height:1.6}
.jp table{border-collapse:collapse;border-spacing:0;border:none;font-size:12px;table-layout:fixed;margin:0 auto 1em}
.jp td,.jp th,.jp tr{vertical-align:middle;padding:.5em;line-height:normal;max-width:none;border:none}
.jp:not(.md).jp td,.jp:not(.md).jp th,.jp:not(.md).jp tr{text-align:right}
.jp:not(.md).jp tbody tr:nth-child(even){background:#f5f5f5}
.jp h4{font-size:1.2em;line-height:1;margin:1em 0 .5em;font-weight:500}
.jp h4:first-child{margin-top:1em}
.jp .jp pre,.jp .output pre{background:#f0f0f0;color:#000;margin:1em 0}
.jp svg{max-width:100%;height:auto}
"""


@contextmanager
def looking(browser: Browser, outputs: list[str], *, theme: Scheme, system: Scheme, width: int) -> Generator[Page]:
    """Open outputs in a notebook of one theme, on a system of perhaps another; nothing may be fetched or go wrong."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=system)
    context.set_default_timeout(30_000)
    asked, wrong = list[str](), list[str]()
    context.on("request", lambda sent: asked.append(sent.url))
    context.on("console", lambda message: wrong.append(message.text))
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("dialog", lambda dialog: wrong.append(dialog.message))
    page = context.new_page()
    inside = "".join(f'<div class="output">{html}</div>' for html in outputs)
    style = AROUND + THEMES[theme]
    page.set_content(
        f'<!doctype html><html lang=en><meta charset=utf-8><style>{style}</style><div class="jp">{inside}</div>'
    )
    yield page
    context.close()
    assert asked == []
    assert wrong == []


def keep(page: Page, name: str) -> None:
    """Keep a picture of the whole page, for who wants to look at it."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=OUTPUT / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png", full_page=True)


CONTRAST = """element => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const paper = getComputedStyle(document.querySelector('.jp')).backgroundColor;
    const drawn = colour => {
        for (const layer of [paper, colour]) {
            canvas.fillStyle = layer;
            canvas.fillRect(0, 0, 1, 1);
        }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = colour => drawn(colour).map(part => part / 255)
        .map(part => part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4)
        .reduce((sum, part, index) => sum + part * [.2126, .7152, .0722][index], 0);
    const style = getComputedStyle(element);
    const [one, other] = [element.closest('svg') ? style.fill : style.color, paper].map(light);
    return (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
}"""
"""The contrast of an element's text on the page, as WCAG 2.1 counts it."""

LINES = """elements => elements.filter(element => element.textContent).map(element => {
    const words = document.createRange();
    words.selectNodeContents(element);
    return new Set([...words.getClientRects()].map(box => Math.round(box.top))).size;
})"""
"""On how many lines the text of each element stands, of those that have one."""
