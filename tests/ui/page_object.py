"""A page object: the elements and actions of the mock server's page."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

OUTPUT = Path(__file__).parents[1] / "output" / "ui"


class PageObject:
    """The page in a browser."""

    def __init__(self, page: Page, endpoint: str) -> None:
        self.page = page
        self.endpoint = endpoint

    def open_view(self, view: str) -> Locator:
        """Open a view by its link, and return it."""
        self.page.get_by_role("navigation").get_by_role("link", name=view).click()
        found = self.page.get_by_role("region", name=view, exact=True)
        expect(found).to_be_visible()
        return found

    def job(self, name: str) -> Locator:
        """Return a job's card."""
        return self.page.get_by_role("article", name=f"Job {name}", exact=True)

    def points(self, name: str) -> int:
        """Return how many points of a job's loss curve are drawn."""
        return int(self.job(name).locator("svg").get_attribute("data-points") or 0)

    def rows(self) -> Locator:
        """Return the journal rows that exist in the DOM."""
        return self.page.get_by_role("listbox", name="Requests").get_by_role("option")

    def press(self, *keys: str) -> None:
        """Press one key after the other, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def screenshot(self, name: str) -> None:
        """Save a screenshot for inspection."""
        OUTPUT.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=OUTPUT / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png")

    def focused(self) -> str:
        """Return the id of the focused element."""
        return str(self.page.evaluate("document.activeElement.id"))
