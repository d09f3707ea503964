"""Nothing is cut off and nothing lies on anything else, on a laptop, in a narrow window and on a projector."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.helpers import wait_for_part

# Boxes of a chart's words that leave the figure or meet each other. Turned words (tokens along an axis) are only
# looked at for the figure's edge: their boxes meet where they do not.
BAD_WORDS = """
chart => {
  const svg = chart.querySelector("svg").getBoundingClientRect();
  const words = [...chart.querySelectorAll("text")]
    .map(node => ({node, text: node.textContent.trim(), box: node.getBoundingClientRect()}))
    .filter(({node, text, box}) => text && box.width && getComputedStyle(node).visibility !== "hidden");
  const outside = words.filter(({box}) =>
    box.left < svg.left - 1 || box.right > svg.right + 1 || box.top < svg.top - 1 || box.bottom > svg.bottom + 1);
  const level = words.filter(({node}) => Math.abs(node.getScreenCTM().b) < 0.01);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;  // a line of text is higher than its letters
  const overlapping = level.flatMap((a, at) => level.slice(at + 1).filter(b => meet(a.box, b.box))
    .map(b => `“${a.text}” meets “${b.text}”`));
  return [...outside.map(({text}) => `“${text}” is cut off`), ...overlapping];
}
"""
# Labels of controls are shortened with an ellipsis where they do not fit.
SHORTENED = """
panel => [...panel.querySelectorAll(".widget-label")]
  .filter(label => label.offsetWidth && label.scrollWidth > label.clientWidth + 1).map(label => label.textContent)
"""


@pytest.mark.parametrize("size", [(1280, 800), (400, 800), (1920, 1080)], ids="{0[0]} × {0[1]}".format)
def test_words_are_whole_and_apart(open_page: Callable[..., Page], size: tuple[int, int]) -> None:
    page = open_page(size=size)
    bad: dict[str, list[str]] = {}
    for number in range(1, 10):
        panel = wait_for_part(page, number)
        charts = panel.locator(".lab-chart").all()
        bad[f"part {number}"] = [problem for chart in charts for problem in chart.evaluate(BAD_WORDS)]
        bad[f"part {number}, controls"] = panel.evaluate(SHORTENED)
    width = page.evaluate("document.scrollingElement.scrollWidth")
    bad["page"] = [f"{width} px wide"] if width > size[0] else []
    listed = "\n".join(f"{where}: {problem}" for where, problems in bad.items() for problem in problems)
    assert not listed, listed
