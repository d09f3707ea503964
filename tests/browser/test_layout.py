"""Nothing is cut off and nothing lies on anything else, from a telephone to a projector and enlarged to 400 %."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.helpers import ask_the_model, part, set_slider_by_keyboard, slider, slider_value, wait_for_part
from tests.browser.layout import faults, show_all
from tests.parts import NUMBERS

# On both sides of each width at which the layout is another one, and what people have.
WIDTHS = (320, 360, 480, 700, 701, 820, 1060, 1061, 1130, 1131, 1280, 1920, 2560)
LOW = pytest.mark.parametrize("size", [(640, 360), (320, 256)], ids="{0[0]} × {0[1]}".format)


def test_nothing_lies_over_anything_at_any_width(open_page: Callable[..., Page]) -> None:
    page = open_page()
    ask_the_model(page)
    for number in NUMBERS:
        wait_for_part(page, number)
    bad = []
    for width in WIDTHS:
        show_all(page, width)
        bad += [f"{width} px: {problem}" for problem in faults(page)]
    assert not bad, "\n".join(bad)


@LOW
def test_a_low_window_is_for_the_parts(open_page: Callable[..., Page], size: tuple[int, int]) -> None:
    page = open_page(size=size)
    ask_the_model(page)
    for number in NUMBERS:
        panel = wait_for_part(page, number)
        for section in (panel, *panel.locator(".lab-panel").all()):
            expect(section.locator("> .lab-numbers")).not_to_be_empty()
    part(page, 9).locator(".lab-charts").first.evaluate("charts => charts.scrollIntoView()")
    bar = page.locator(".lab-bar").bounding_box()
    assert bar["y"] + bar["height"] < 0.2 * size[1], "the bar leaves the window to the parts"
    expect(slider(page, "layer")).to_be_in_viewport(ratio=1)
    layer = slider_value(page, "layer")
    set_slider_by_keyboard(page, "layer", layer + 1)
    assert slider_value(page, "layer") == layer + 1
    assert not faults(page)
    page.evaluate("document.querySelectorAll('.lab-exercises').forEach(one => (one.open = true))")
    assert not faults(page)
    for button in page.locator(".lab-panel .lab-takeaway-open").all():
        button.click()
        menu = page.locator(".lab-takeaway-menu:visible").bounding_box()
        assert menu["x"] >= 0
        assert menu["x"] + menu["width"] <= size[0]
        page.keyboard.press("Escape")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0]
