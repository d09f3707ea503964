"""What the kernel changes is on the screen a frame later, drawn once, and in the order in which it was changed."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.helpers import PATIENCE, set_slider_by_keyboard, slider_value, wait_for_part

# Notes, at each change of a chart's picture, what d3 still has to do there, and how often the points are drawn.
WATCH = """() => {
  const chart = document.querySelector(".lab-part-raw_scores .lab-violins");
  const points = [...chart.querySelectorAll("path.line")].reduce((most, path) =>
    (path.getAttribute("d") ?? "").length > (most.getAttribute("d") ?? "").length ? path : most);
  window.seen = { drawn: 0, transitions: 0 };
  new MutationObserver((changes) => {
    seen.drawn += changes.filter(({ target }) => target === points).length;
    seen.transitions += [...chart.querySelectorAll("*")].filter((node) => node.__transition).length;
  }).observe(chart, { subtree: true, attributes: true, attributeFilter: ["d", "transform"] });
}"""


def drag_part_4(page: Page) -> dict[str, int]:
    wait_for_part(page, 4)
    page.evaluate(WATCH)
    before = slider_value(page, "layer")
    for step in (1, 2, 3):
        drawn = page.evaluate("seen.drawn")
        set_slider_by_keyboard(page, "layer", before + step)
        page.wait_for_function("drawn => seen.drawn > drawn", arg=drawn, timeout=PATIENCE)
    seen: dict[str, int] = page.evaluate("seen")
    return seen


def test_a_layer_is_drawn_once_and_at_once(open_page: Callable[..., Page]) -> None:
    assert drag_part_4(open_page()) == {"drawn": 3, "transitions": 0}


def test_a_page_that_is_hidden_is_kept_up_to_date(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_part(page, 4)
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { get: () => true });
        window.requestAnimationFrame = () => 0;
    }""")
    assert drag_part_4(page)["drawn"] >= 3
