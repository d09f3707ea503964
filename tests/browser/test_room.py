"""The charts take the room that there is: in presenter mode the window's, and square ones the row's width."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import PATIENCE, part, wait_for_part
from tests.browser.layout import BAD_WORDS
from tests.browser.test_lecture import charts, press

ONE_ROW = (1, 5)
"""The parts that have one row of charts and no sections."""
WINDOWS = pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (2560, 1440)], ids="{0[0]} × {0[1]}".format)
PLOTS = """
part => [...part.querySelectorAll(":scope > .lab-place .lab-chart")].map(chart => {
  const [figure, plot] = [chart, chart.querySelector(".plotarea_background")].map(one => one.getBoundingClientRect());
  const bar = chart.querySelector("image:not(.image_pixelated)")?.getBoundingClientRect();
  return {
    left: figure.left, right: figure.right, width: plot.width, height: plot.height, below: figure.bottom - plot.bottom,
    bar: bar && plot.top - (bar.top + bar.bottom) / 2,
  };
})
"""


def settled_plots(page: Page, panel: Locator) -> list[dict[str, Any]]:
    """Where the charts of a part have their plots, as soon as they stay there."""
    last: list[dict[str, Any]] = []
    for _ in range(40):
        page.wait_for_timeout(500)
        now = panel.evaluate(PLOTS)
        if now and now == last:
            return now
        last = now
    raise TimeoutError("the charts did not come to rest")


@WINDOWS
def test_one_row_of_charts_fills_the_window_of_a_lecture(
    open_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = open_page("?presenting=on", size)
    wait_for_part(page, 1)
    scale = float(page.locator(".lab-page").evaluate("page => page.style.getPropertyValue('--lab-scale')"))
    bad: list[str] = []
    for number in ONE_ROW:
        press(page, str(number))
        panel = part(page, number)
        expect(panel.locator("h2")).to_be_in_viewport(timeout=PATIENCE)
        panel.locator("> .lab-numbers p").first.wait_for(timeout=PATIENCE)
        found = []
        for plot in settled_plots(page, panel):
            if min(abs(plot["below"] - margin * scale) for margin in (46, 52)) > 3:
                found.append(f"a plot ends {plot['below']} px above the figure's foot")
            if plot["bar"] is not None and abs(plot["bar"] - 59 * scale) > 3:
                found.append(f"a colour bar stands {plot['bar']} px above the plot")
        foot = panel.locator("> .lab-numbers").evaluate("numbers => numbers.getBoundingClientRect().bottom")
        if not size[1] - 40 < foot <= size[1]:
            found.append(f"it ends at {foot} px")
        if page.locator(".lab-page").evaluate("page => page.scrollHeight > page.clientHeight"):
            found.append("it is higher than the window")
        words = [word for chart in charts(panel) for word in chart.evaluate(BAD_WORDS)]
        # A line's box is higher than its letters, and where these are this large by more than BAD_WORDS allows for.
        found += [word for word in words if scale < 2 or word.endswith("is cut off")]
        bad += [f"part {number}: {problem}" for problem in found]
    assert not bad, "\n".join(bad)


@WINDOWS
def test_square_cells_are_square_and_as_large_as_the_width_allows(
    open_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = open_page("?part=7", size)
    wait_for_part(page, 7)
    page.get_by_role("button", name="Pin as A").click()
    page.locator(".lab-compared").wait_for(timeout=PATIENCE)
    panel = wait_for_part(page, 7)
    for presenting in (False, True):
        if presenting:
            press(page, "p")
            expect(page.locator(".lab-presenting")).to_have_count(1, timeout=PATIENCE)
        for section in (panel, *panel.locator("[class*=lab-part-attention_maps]").all()):
            section.locator("> .lab-place").scroll_into_view_if_needed()
            plots = settled_plots(page, section)
            assert len(plots) == 3
            assert all(abs(plot["width"] - plot["height"]) < 4 for plot in plots), plots
            room = section.locator("> .lab-place").evaluate("place => place.clientWidth")
            assert room - 4 < plots[-1]["right"] - plots[0]["left"] <= room
