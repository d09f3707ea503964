"""Pin and compare in a browser: A stays while B moves, the difference, and the page as it was afterwards."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import (
    PATIENCE,
    in_the_address,
    part,
    pixels_changed,
    set_slider_by_keyboard,
    slider_value,
    stable_screenshot,
    wait_for_part,
)
from tests.browser.layout import faults
from tests.browser.pictures import in_the_corner

A_TEXT, A_TOKENS = "The same words, the same words & 50 % more: Straße, 🍕.\nThe same words.", 30
B_TEXT, B_TOKENS = "The cat sat on the mat, and the dog sat on the cat.", 18


def twin_of(panel: Locator, name: str) -> Locator:
    return panel.locator(f".lab-part-{name}_pinned")


def pin(page: Page) -> None:
    page.get_by_role("button", name="Pin as A").click()
    page.locator(".lab-compared").wait_for(timeout=PATIENCE)


def with_twins(page: Page, number: int) -> Locator:
    """A part and its twins, all drawn: they are made once it comes into view."""
    expect(wait_for_part(page, number).locator(".lab-pinned").first).to_be_attached(timeout=PATIENCE)
    return wait_for_part(page, number)


def difference(page: Page) -> Locator:
    return page.locator(".lab-compared input[type=checkbox]")


def test_a_stays_while_b_moves_and_the_page_is_as_before_afterwards(page: Page) -> None:
    panel = wait_for_part(page, 9)  # no random numbers of its own, and scales that all layers share
    before = slider_value(page, "layer")
    pin(page)
    wait_for_part(page, 9).evaluate("panel => panel.scrollIntoView()")  # past its sections
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
    wait_for_part(page, 4).evaluate("panel => panel.scrollIntoView()")  # past its sections
    difference(page).check()
    subtracted = twin_of(panel, "raw_scores").locator(".lab-part-raw_scores_difference")
    subtracted.evaluate("part => part.scrollIntoView()")
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


def run(page: Page, text: str, tokens: int) -> None:
    page.locator(".lab-text textarea").fill(text)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".lab-facts")).to_contain_text(f"{tokens} tokens", timeout=PATIENCE)


def test_a_link_opens_both_views_with_the_same_pixels_in_another_browser(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_part(page, 1)
    run(page, A_TEXT, A_TOKENS)
    set_slider_by_keyboard(page, "layer", 5)
    in_the_address(page, "layer=5")
    pin(page)
    run(page, B_TEXT, B_TOKENS)
    set_slider_by_keyboard(page, "layer", 1)
    set_slider_by_keyboard(page, "head", 3)
    difference(page).check()
    assert_opens_the_same(page, open_page, 7)


def assert_opens_the_same(page: Page, open_page: Callable[..., Page], number: int) -> None:
    """The link of a page with both views, at a part, shows that part as it is there."""
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(str(number))
    mine = everything(page, number)
    in_the_address(page, "layer=1", "head=3", "difference=on", f"part={number}", "a-text=")
    asked = parse_qs(urlsplit(page.url).query)
    assert [asked[name] for name in ("layer", "head", "text")] == [["1"], ["3"], [B_TEXT]]
    assert [asked[name] for name in ("a-layer", "a-head", "a-text")] == [["5"], ["0"], [A_TEXT]]

    other = open_page(f"?{urlsplit(page.url).query}")
    expect(other.locator(".lab-facts")).to_contain_text(f"{B_TOKENS} tokens", timeout=PATIENCE)
    expect(part(other, number).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    theirs = everything(other, number)
    assert other.locator(".lab-compared").inner_text() == page.locator(".lab-compared").inner_text()
    assert other.url == page.url
    for one, another in zip(mine, theirs, strict=True):
        assert pixels_changed(in_the_corner(page, one), in_the_corner(other, another)) == 0

    other.get_by_role("button", name="Unpin").click()
    expect(other).not_to_have_url(re.compile("pinned|a-text"), timeout=PATIENCE)


def everything(page: Page, number: int) -> list[Locator]:
    """The charts of a part, of its twins and of their differences, all drawn."""
    panel = with_twins(page, number)
    assert panel.locator(".lab-pinned .lab-pinned").count()
    charts = [chart for chart in panel.locator(".lab-chart").all() if chart.is_visible()]
    assert len(charts) > 4
    return charts


@pytest.mark.parametrize("size", [(1280, 800), (400, 800), (1920, 1080)], ids="{0[0]} × {0[1]}".format)
def test_words_of_both_views_are_whole_and_apart(open_page: Callable[..., Page], size: tuple[int, int]) -> None:
    page = open_page(size=size)
    wait_for_part(page, 4)
    pin(page)
    difference(page).check()
    set_slider_by_keyboard(page, "layer", slider_value(page, "layer") + 1)
    for number in (4, 7):
        assert with_twins(page, number).locator(".lab-pinned .lab-chart").count() > 1
    bad = faults(page)
    assert not bad, "\n".join(bad)
