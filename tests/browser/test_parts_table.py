"""Each row of the table is on the page, and charts follow the layer and the text."""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.export.files import by_name, study_arrays
from core.model.default_capture import default_capture
from core.parts import PARTS
from core.parts.part import HERE as ROOMS
from core.parts.settings import default_layer
from tests.browser.helpers import (
    PATIENCE,
    SHADE,
    ask_the_model,
    pixels_changed,
    set_slider_by_keyboard,
    slider_value,
    stable_screenshot,
    wait_for_part,
)
from tests.browser.parts_table import ROWS, Row
from tests.browser.pictures import pixels
from tests.parts import NUMBERS

PAINTED = 300  # pixels that are not as the one in the corner, in any picture
PICTURES = [row for row in ROWS if row.kind == "picture"]
OTHER_TEXT = "The cat sat on the mat because it was tired of walking around the garden all day long."


def shows_a_picture(page: Page, row: Row) -> None:
    chart = page.locator(row.selector)
    expect(chart).to_have_count(1)
    shot = pixels(stable_screenshot(page, chart))
    assert (np.abs(shot - shot[0, 0]) > SHADE).any(axis=-1).sum() > PAINTED


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


@pytest.fixture(scope="module")
def asked_page(shared_page: Page) -> Page:
    """The page of this file, with its experiments run."""
    ask_the_model(shared_page)
    return shared_page


@pytest.mark.parametrize("number", [0, *NUMBERS])
def test_rows_are_on_the_page(asked_page: Page, number: int) -> None:
    """A row of a kind that nothing is asserted about fails here."""
    if number:
        wait_for_part(asked_page, number)
    missing = []
    for row in ROWS:
        if row.part == number:
            try:
                ASSERTIONS[row.kind](asked_page, row)
            except AssertionError as why:
                missing.append(f"{row}: {why}")
    assert not missing, "\n".join(missing)


RESULTS = {
    name: one
    for part in PARTS
    for file in ROOMS.joinpath(part.name).glob("*.py")
    if not file.stem.endswith(("__init__", "program"))
    for name, one in vars(import_module(f"core.parts.{part.name}.{file.stem}")).items()
}
"""All that the rooms of the parts define."""


def test_every_picture_draws_arrays_that_exist() -> None:
    capture = default_capture()
    exported = by_name(study_arrays(capture, default_layer(capture.layers)))
    for row in ROWS:
        assert bool(row.arrays) == (row.kind in ("picture", "words")), row
        for name in row.arrays:
            result, _, field = name.partition(".")
            assert name in exported or field in RESULTS[result]._fields, name


def test_table_shows_every_exported_array() -> None:
    capture = default_capture()
    exported = by_name(study_arrays(capture, default_layer(capture.layers)))
    assert not set(exported) - {name for row in ROWS for name in row.arrays}


def test_every_kind_of_picture_follows_something() -> None:
    """What follows neither layer nor text is random or arithmetic."""
    assert {row.part for row in PICTURES if not row.by_layer and not row.by_text} == {1, 7, 9}


def look(page: Page, rows: Sequence[Row]) -> dict[Row, bytes]:
    """Pictures of one part as they stand, drawn and at rest."""
    wait_for_part(page, rows[0].part)
    return {row: stable_screenshot(page, page.locator(row.selector)) for row in rows}


def not_so(page: Page, before: Mapping[Row, bytes], *, same: bool) -> list[str]:
    """The pictures of a part that are not what they were, or still are; a change may take a moment to be drawn."""
    left = list(before)
    for _ in range(20):
        now = look(page, left)
        left = [row for row in left if (pixels_changed(before[row], now[row]) == 0) != same]
        if not left:
            break
    return [str(row) for row in left]


@pytest.mark.parametrize("number", sorted({row.part for row in PICTURES if row.by_layer}))
def test_pictures_follow_the_layer_and_back(asked_page: Page, number: int) -> None:
    before = look(asked_page, [row for row in PICTURES if row.part == number and row.by_layer])
    layer = slider_value(asked_page, "layer")
    set_slider_by_keyboard(asked_page, "layer", layer + 1)
    assert not not_so(asked_page, before, same=False)
    set_slider_by_keyboard(asked_page, "layer", layer)
    assert not not_so(asked_page, before, same=True)


def test_pictures_follow_the_text(page: Page) -> None:
    ask_the_model(page)
    parts = sorted({row.part for row in PICTURES if row.by_text})
    before = [look(page, [row for row in PICTURES if row.part == number and row.by_text]) for number in parts]
    facts = page.locator(".lab-facts").inner_text()
    page.locator(".lab-text textarea").fill(OTHER_TEXT)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".lab-facts")).not_to_have_text(facts, timeout=PATIENCE)
    assert [problem for of_part in before for problem in not_so(page, of_part, same=False)] == []
    expect(page.locator(".lab-text textarea")).to_have_value(OTHER_TEXT)
