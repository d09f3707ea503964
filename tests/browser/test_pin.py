"""Pin and compare in a browser: A stays while B moves, the difference, and the page as it was afterwards."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import (
    PATIENCE,
    pixels_changed,
    set_slider_by_keyboard,
    slider_value,
    stable_screenshot,
    wait_for_part,
)
from tests.browser.test_layout import BAD_WORDS, SHORTENED


def twin_of(panel: Locator, name: str) -> Locator:
    return panel.locator(f".lab-part-{name}_pinned")


def pin(page: Page) -> None:
    page.get_by_role("button", name="Pin as A").click()
    page.locator(".lab-compared").wait_for(timeout=PATIENCE)


def difference(page: Page) -> Locator:
    return page.locator(".lab-compared input[type=checkbox]")


def test_a_stays_while_b_moves_and_the_page_is_as_before_afterwards(page: Page) -> None:
    panel = wait_for_part(page, 9)  # no random numbers of its own, and scales that all layers share
    before = slider_value(page, "layer")
    pin(page)
    wait_for_part(page, 9)
    twin = twin_of(panel, "averaging")
    expect(twin.locator("h3")).to_contain_text(f"A pinned: layer {before}")
    expect(twin.locator(".lab-numbers")).to_contain_text(f"Layer {before}")
    for chart in twin.locator(".lab-chart").all():
        expect(chart).to_have_attribute("role", "img")
    scatter = twin.locator(".lab-chart").first
    kept = stable_screenshot(page, scatter)
    live = stable_screenshot(page, panel.locator("> .lab-place .lab-chart").first)

    set_slider_by_keyboard(page, "layer", before + 2)
    expect(panel.locator("> .lab-numbers")).to_contain_text(f"Layer {before + 2}")
    expect(twin.locator("h3")).to_contain_text(f"A pinned: layer {before}")
    expect(twin.locator(".lab-numbers")).to_contain_text(f"Layer {before}")
    assert pixels_changed(live, stable_screenshot(page, panel.locator("> .lab-place .lab-chart").first)) > 100
    ticks = [
        chart.locator(".axis text").all_inner_texts()
        for chart in (scatter, panel.locator("> .lab-place .lab-chart").first)
    ]
    assert ticks[0] == ticks[1]

    set_slider_by_keyboard(page, "layer", before)
    expect(panel.locator("> .lab-numbers")).to_contain_text(f"Layer {before}")
    assert pixels_changed(kept, stable_screenshot(page, scatter)) == 0  # the union of scales was undone

    page.get_by_role("button", name="Unpin").click()
    expect(page.locator(".lab-pinned, .lab-paired")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator(".lab-compared")).to_be_hidden()
    assert pixels_changed(live, stable_screenshot(page, panel.locator("> .lab-place .lab-chart").first)) == 0


def test_the_difference_appears_when_the_views_differ_and_the_key_unpins(page: Page) -> None:
    panel = wait_for_part(page, 4)
    page.keyboard.press("a")
    page.locator(".lab-compared").wait_for(timeout=PATIENCE)
    wait_for_part(page, 4)
    difference(page).check()
    subtracted = twin_of(panel, "raw_scores").locator(".lab-part-raw_scores_difference")
    expect(subtracted.locator(".lab-notice")).to_contain_text("A and B are the same", timeout=PATIENCE)
    set_slider_by_keyboard(page, "layer", slider_value(page, "layer") + 1)
    subtracted.evaluate("part => part.scrollIntoView()")
    expect(subtracted.locator(".lab-numbers")).to_contain_text("To make B's distribution", timeout=PATIENCE)
    expect(subtracted.locator(".lab-chart path.line").first).to_be_attached(timeout=PATIENCE)
    difference(page).uncheck()
    expect(subtracted).to_have_count(0, timeout=PATIENCE)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("a")
    expect(page.locator(".lab-pinned")).to_have_count(0, timeout=PATIENCE)


@pytest.mark.parametrize("size", [(1280, 800), (400, 800), (1920, 1080)], ids="{0[0]} × {0[1]}".format)
def test_words_of_both_views_are_whole_and_apart(open_page: Callable[..., Page], size: tuple[int, int]) -> None:
    page = open_page(size=size)
    wait_for_part(page, 4)
    pin(page)
    difference(page).check()
    set_slider_by_keyboard(page, "layer", slider_value(page, "layer") + 1)
    bad = page.locator(".lab-compared").evaluate(SHORTENED)
    for number in (4, 7):
        wait_for_part(page, number)  # makes the twins
        panel = wait_for_part(page, number)
        assert panel.locator(".lab-pinned .lab-chart").count() > 1
        bad += [problem for chart in panel.locator(".lab-chart").all() for problem in chart.evaluate(BAD_WORDS)]
    width = page.evaluate("document.scrollingElement.scrollWidth")
    bad += [f"the page is {width} px wide"] if width > size[0] else []
    assert not bad, "\n".join(bad)
