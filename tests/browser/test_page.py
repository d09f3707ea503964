"""The page as a whole."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import PATIENCE, part, slider, undrawn, wait_for_part
from tests.parts import NUMBERS


def test_page_has_its_title_and_its_parts_and_stays_at_home(page: Page) -> None:
    """The fixture holds the rest: no request leaves the origin, nothing is reported as an error."""
    expect(page).to_have_title("Attention Scores Lab", timeout=PATIENCE)
    for number in NUMBERS:
        expect(part(page, number)).to_have_count(1, timeout=PATIENCE)


def test_every_part_draws_when_it_comes_into_view(shared_page: Page) -> None:
    for number in NUMBERS:
        panel = wait_for_part(shared_page, number)
        expect(undrawn(panel)).to_have_count(0)
        for charts in panel.locator(".lab-panel:not(.lab-experiment) > .lab-place > .lab-charts").all():
            expect(charts).not_to_be_empty()


def test_a_kernel_that_was_started_ahead_of_need_hears_the_address(open_page: Callable[..., Page]) -> None:
    page = open_page(query="?model=nonsense")
    expect(page.locator(".lab-strip")).to_contain_text("nonsense", timeout=PATIENCE)
    expect(page.locator(".lab-facts")).to_contain_text("lab-small")


def test_the_text_box_makes_room_once_its_text_runs_and_keeps_text_and_focus(page: Page) -> None:
    box = page.locator(".lab-text textarea")
    low = box.bounding_box()["height"]
    box.fill("   ")
    assert box.bounding_box()["height"] > 2 * low
    page.keyboard.press("Control+Enter")
    expect(page.locator(".lab-strip")).to_contain_text("There is no text yet", timeout=PATIENCE)
    assert box.bounding_box()["height"] == low
    expect(box).to_be_focused()
    page.keyboard.type("A")
    assert box.bounding_box()["height"] > 2 * low
    expect(box).to_have_value("   A")


def test_the_glossary_opens_beside_the_words_and_stays_until_it_is_closed(shared_page: Page) -> None:
    page = shared_page
    glossary = page.locator("#lab-glossary")
    expect(glossary).to_be_hidden()
    page.get_by_role("button", name="Glossary").click()
    expect(glossary).to_be_visible()
    right = glossary.bounding_box()["x"] + glossary.bounding_box()["width"]
    assert right <= page.locator(".lab-words").first.bounding_box()["x"], "it lies over a part's words"
    page.locator(".lab-words").first.click()
    expect(glossary).to_be_visible()
    glossary.get_by_role("button", name="Close").click()
    expect(glossary).to_be_hidden()


def test_the_handle_is_seen_while_it_is_held_and_afterwards(shared_page: Page) -> None:
    page = shared_page
    wait_for_part(page, 1)
    handle = slider(page, "layer")
    seen = pixels_of(page, handle)
    handle.hover()
    page.mouse.down()
    assert pixels_of(page, handle) > 0.8 * seen
    page.mouse.up()
    page.mouse.move(0, 0)
    assert pixels_of(page, handle) > 0.8 * seen


def pixels_of(page: Page, handle: Locator) -> int:
    """How many dark pixels stand where a handle is: its ring."""
    png = page.screenshot(clip=handle.bounding_box())
    return int((np.asarray(Image.open(io.BytesIO(png)).convert("L")) < 100).sum())
