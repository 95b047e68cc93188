"""Somebody in front of the page: where they look, and what they find there."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

OUTPUT = Path(__file__).parents[1] / "output" / "ui"


class Person:
    """A page, and the words in which a test speaks of it."""

    def __init__(self, page: Page, endpoint: str) -> None:
        self.page = page
        self.endpoint = endpoint

    def look_at(self, view: str) -> Locator:
        """Go to a view by its link, and give it."""
        self.page.get_by_role("navigation").get_by_role("link", name=view).click()
        found = self.page.get_by_role("region", name=view, exact=True)
        expect(found).to_be_visible()
        return found

    def job(self, name: str) -> Locator:
        """Give a job's card."""
        return self.page.get_by_role("article", name=f"Job {name}", exact=True)

    def points(self, name: str) -> int:
        """Count the points of a job's loss that are drawn."""
        return int(self.job(name).locator("svg").get_attribute("data-points") or 0)

    def rows(self) -> Locator:
        """Give the rows of the journal that exist in the page."""
        return self.page.get_by_role("listbox", name="Requests").get_by_role("option")

    def press(self, *keys: str) -> None:
        """Press one key after the other, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def keep(self, name: str) -> None:
        """Keep a picture of what is seen, for who wants to look at it."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=OUTPUT / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png")

    def focused(self) -> str:
        """Name what has the focus, by its id."""
        return str(self.page.evaluate("document.activeElement.id"))
