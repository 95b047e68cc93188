"""What the example has drawn, in a browser, light and dark."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from playwright.sync_api import Browser

from tests.notebook.looking import Scheme, keep, looking
from tests.ui.conftest import browser as browser


@pytest.mark.parametrize("scheme", get_args(Scheme))
def test_the_example_can_be_looked_at(example: Any, browser: Browser, scheme: Scheme) -> None:
    shown = [output for cell in example.cells if cell.cell_type == "code" for output in cell.outputs]
    drawn = [output.data["text/html"] for output in shown if "text/html" in output.get("data", {})]
    with looking(browser, drawn, theme=scheme, system=scheme, width=900) as page:
        assert page.get_by_role("img", name="eval loss").count() == 3
        assert page.get_by_text("Hold the button of device 7 for 7 seconds.").first.is_visible()
        assert page.get_by_text("40 of 40 rows kept").is_visible()
        assert page.get_by_text("Online").is_visible()
        for picture in page.locator("svg").all():
            assert picture.bounding_box() is not None
        keep(page, f"example-{scheme}")
