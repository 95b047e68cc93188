"""The built site: complete, without broken links, readable in a browser, and loading nothing from other sites."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser

import maas_client
from tests.cli.test_every_command_has_help import EVERY
from tests.ui.conftest import Scheme, browser as browser
from tests.ui.page_object import OUTPUT

IDS = re.compile(r'\bid="([^"]+)"')
LINKS = re.compile(r'<a [^>]*href="([^"]+)"')


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_public_name_is_in_the_reference(site: Path) -> None:
    ids = {name for page in (site / "reference").glob("*.html") for name in IDS.findall(page.read_text("utf-8"))}
    spelt = {name.rpartition(".")[2] for name in ids}
    assert {name for name in maas_client.__all__ if name != "__version__"} - spelt == set()


def test_every_command_has_a_page_with_an_example(site: Path) -> None:
    for path in EVERY:
        page = (site / "commands" / f"{'-'.join(path)}.html").read_text("utf-8")
        assert f"<h1>maas {' '.join(path)}" in page
        assert "Example:" in page


def test_every_error_has_a_row(site: Path) -> None:
    page = (site / "errors.html").read_text("utf-8")
    for name, value in vars(maas_client.errors).items():
        if isinstance(value, type) and issubclass(value, maas_client.MaasError) and name != "MaasError":
            assert f">{name}<" in page


def test_no_link_within_the_site_is_broken(site: Path) -> None:
    broken: list[str] = []
    for page in pages(site):
        for link in map(unescape, LINKS.findall(page.read_text("utf-8"))):
            parts = urlsplit(link)
            if parts.scheme or link.startswith("#"):
                continue
            target = (page.parent / unquote(parts.path)).resolve()
            is_there = target.is_file()
            if not is_there or (parts.fragment and parts.fragment not in IDS.findall(target.read_text("utf-8"))):
                broken.append(f"{page.relative_to(site)} -> {link}")
    assert broken == []


def test_llms_txt_lists_the_pages_with_valid_links(site: Path) -> None:
    text = (site / "llms.txt").read_text("utf-8")
    assert text.startswith("# maas_client\n\n> ")
    addresses = re.findall(r"^- \[[^\]]+\]\(([^)]+)\)", text, re.MULTILINE)
    assert len(addresses) > 40
    assert "```" not in text  # a page begins with a sentence
    assert [address for address in addresses if not (site / address).is_file()] == []
    assert "Test without Azure" in (site / "llms-full.txt").read_text("utf-8")


def test_the_schemas_are_part_of_the_site(site: Path) -> None:
    for name in ("job", "check-report", "contract"):
        assert (site / f"{name}.schema.json").read_text("utf-8").startswith("{")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 375])
def test_pages_can_be_read(browser: Browser, site: Path, scheme: Scheme, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked, wrong = list[str](), list[str]()
    context.on("request", lambda sent: asked.append(sent.url))
    context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    page = context.new_page()
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for name in ("index", "quickstart", "jobs", "errors", "commands/jobs-watch", "reference/jobs"):
        page.goto((site / f"{name}.html").as_uri())
        assert page.locator("h1").first.is_visible()
        page.screenshot(path=OUTPUT / f"docs-{name.replace('/', '-')}-{scheme}-{width}.png")
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert wrong == []


def test_search_works_without_a_server(browser: Browser, site: Path) -> None:
    page = browser.new_context().new_page()
    page.goto((site / "search.html").as_uri() + "?q=doctor")
    page.locator("ul.search li").first.wait_for()
    assert page.locator("ul.search li").count() >= 1
