"""Each row of the table is on the page, and charts follow the layer and the text."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core import study
from core.default_capture import default_capture
from tests.browser.helpers import (
    PATIENCE,
    pixels_changed,
    set_slider_by_keyboard,
    slider_value,
    stable_screenshot,
    wait_for_part,
)
from tests.browser.parts_table import ROWS, Row

PAINTED = 300  # pixels that are not of the background, in any picture
PICTURES = [row for row in ROWS if row.kind == "picture"]
OTHER_TEXT = "The cat sat on the mat because it was tired of walking around the garden all day long."


def shows_a_picture(page: Page, row: Row) -> None:
    chart = page.locator(row.selector)
    expect(chart).to_have_count(1)
    shot = stable_screenshot(page, chart)
    chart.evaluate("chart => chart.style.opacity = 0")
    blank = stable_screenshot(page, chart)
    chart.evaluate("chart => chart.style.opacity = ''")
    assert pixels_changed(shot, blank) > PAINTED


def shows_words_in_a_picture(page: Page, row: Row) -> None:
    """A legend's entry stands after its sign."""
    line = re.compile(rf"^([━╍●■]+ )?{re.escape(row.text)}( .*)?$")
    expect(page.locator(row.selector).locator("text").filter(has_text=line).first).to_be_visible()


def says_words(page: Page, row: Row) -> None:
    expect(page.locator(row.selector)).to_contain_text(re.compile(row.text, re.DOTALL))


def offers_a_control(page: Page, row: Row) -> None:
    """One that is in sight, can be worked, and says what it is."""
    found = page.locator(row.selector)
    expect(found).to_have_count(1)
    expect(found).to_be_visible()
    expect(found.locator("input, select, textarea, button, [role=slider]").or_(found).first).to_be_enabled()
    expect(found).to_contain_text(row.text)


ASSERTIONS: dict[str, Callable[[Page, Row], None]] = {
    "picture": shows_a_picture,
    "words in picture": shows_words_in_a_picture,
    "words": says_words,
    "control": offers_a_control,
}


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row_is_on_the_page(shared_page: Page, row: Row) -> None:
    """A row of a kind that nothing is asserted about fails here."""
    if row.part:
        wait_for_part(shared_page, row.part)
    ASSERTIONS[row.kind](shared_page, row)


def test_every_picture_draws_arrays_that_exist() -> None:
    capture = default_capture()
    exported = study.study_arrays(capture, study.default_layer(capture.layers))
    for row in ROWS:
        assert bool(row.arrays) == (row.kind in ("picture", "words")), row
        for name in row.arrays:
            result, _, field = name.partition(".")
            assert name in exported or field in getattr(study, result)._fields, name


def test_table_shows_every_exported_array() -> None:
    capture = default_capture()
    exported = study.study_arrays(capture, study.default_layer(capture.layers))
    assert not set(exported) - {name for row in ROWS for name in row.arrays}


def test_every_kind_of_picture_follows_something() -> None:
    """What follows neither layer nor text is random or arithmetic."""
    assert {row.part for row in PICTURES if not row.by_layer and not row.by_text} == {1, 7, 9}


def look(page: Page, row: Row) -> bytes:
    """A picture as it stands, drawn and at rest."""
    wait_for_part(page, row.part)
    return stable_screenshot(page, page.locator(row.selector))


def looks(page: Page, row: Row, like: bytes, *, same: bool) -> bool:
    """Whether a picture is, or is no longer, what it was; a change may take a moment to be drawn."""
    return any((pixels_changed(like, look(page, row)) == 0) == same for _ in range(20))


@pytest.mark.parametrize("row", [row for row in PICTURES if row.by_layer], ids=str)
def test_picture_follows_the_layer_and_back(shared_page: Page, row: Row) -> None:
    before = look(shared_page, row)
    layer = slider_value(shared_page, "layer")
    set_slider_by_keyboard(shared_page, "layer", layer + 1)
    assert looks(shared_page, row, before, same=False)
    set_slider_by_keyboard(shared_page, "layer", layer)
    assert looks(shared_page, row, before, same=True)


def test_pictures_follow_the_text(page: Page) -> None:
    rows = [row for row in PICTURES if row.by_text]
    before = {row: look(page, row) for row in rows}
    facts = page.locator(".lab-facts").inner_text()
    page.locator(".lab-text textarea").fill(OTHER_TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".lab-facts")).not_to_have_text(facts, timeout=PATIENCE)
    assert [row for row in rows if not looks(page, row, before[row], same=False)] == []
    expect(page.locator(".lab-text textarea")).to_have_value(OTHER_TEXT)
