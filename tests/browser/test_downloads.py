"""What is taken away is what is seen: pictures pixel by pixel, numbers and programs."""

import csv
import io
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.model.default_capture import default_capture
from core.parts.raw_scores.numbers import raw_score_samples
from core.parts.settings import default_layer
from tests.browser.conftest import opened
from tests.browser.helpers import wait_for_part
from tests.browser.pictures import SCALE, assert_pictures_are_whole, menus, opened_menu, saved
from tests.parity import assert_close
from tests.serving import Server

OF_ALL_KINDS = (1, 3, 4, 6, 7, 9)
"""Parts whose charts are of every kind that there is."""


@pytest.fixture(scope="module")
def fine(browser: Browser, lab: Server) -> Iterator[Page]:
    """A page with as many pixels as the pictures that are taken from it have."""
    with opened(browser, lab.url, device_scale_factor=SCALE) as page:
        yield page


@pytest.mark.parametrize("number", OF_ALL_KINDS)
def test_pictures_show_what_the_screen_shows(fine: Page, blank: Page, number: int) -> None:
    assert [name for one in menus(fine, number) for name in assert_pictures_are_whole(fine, blank, *one)]


def test_numbers_are_those_of_the_study(fine: Page) -> None:
    capture = default_capture()
    layer = default_layer(capture.layers)
    menu = opened_menu(wait_for_part(fine, 4))
    name, content = saved(fine, menu.get_by_role("button", name="CSV of A) Raw attention scores"))
    fine.keyboard.press("Escape")
    assert name == f"part4-scores-layer{layer}.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    result = raw_score_samples(capture, layer)
    expected = np.concatenate([result.within.values, result.across.values])
    assert_close(np.array([row["score"] for row in rows], np.float32), expected)


def test_the_code_is_shown_copied_and_saved_by_keyboard_alone(fine: Page) -> None:
    fine.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = wait_for_part(fine, 4)
    opener = panel.locator("> .lab-takeaway > button")
    opener.focus()
    fine.keyboard.press("Enter")
    code = panel.get_by_role("button", name="Show the code")
    expect(code).to_be_visible()
    for _ in range(12):
        if code.evaluate("button => button === document.activeElement"):
            break
        fine.keyboard.press("Tab")
    fine.keyboard.press("Enter")
    dialog = panel.get_by_role("dialog")
    shown = dialog.locator("pre").inner_text()
    compile(shown, "part4.py", "exec")
    assert f"LAYER = {default_layer(default_capture().layers)}\n" in shown
    dialog.get_by_role("button", name="Copy").press("Enter")
    expect(dialog.get_by_text("Copied.")).to_be_visible()
    assert fine.evaluate("navigator.clipboard.readText()").strip() == shown.strip()
    name, content = saved(fine, dialog.get_by_role("button", name="Download"))
    assert name.startswith("part4-layer")
    assert content.decode().strip() == shown.strip()
    fine.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(code).to_be_focused()
    fine.keyboard.press("Escape")
    expect(code).to_be_hidden()
    expect(opener).to_be_focused()
