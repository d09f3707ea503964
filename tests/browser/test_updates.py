"""What the kernel changes is on the screen a frame later, and in the order in which it was changed."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page

from tests.browser.helpers import PATIENCE, set_slider_by_keyboard, slider_value, wait_for_part
from tests.serving import Server

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
    wait_for_part(page, 4).evaluate("panel => panel.scrollIntoView()")  # past its sections
    page.evaluate(WATCH)
    before = slider_value(page, "layer")
    for step in (1, 2, 3):
        drawn = page.evaluate("seen.drawn")
        set_slider_by_keyboard(page, "layer", before + step)
        page.wait_for_function("drawn => seen.drawn > drawn", arg=drawn, timeout=PATIENCE)
    seen: dict[str, int] = page.evaluate("seen")
    return seen


def test_a_layer_is_drawn_at_once(open_page: Callable[..., Page]) -> None:
    seen = drag_part_4(open_page())
    assert seen["drawn"] >= 3
    assert not seen["transitions"], (
        "d3 moves what bqplot draws by transitions again: one of d3-selection's and d3-transition's `transition`, "
        "`duration` and `__transition` is called otherwise now, or bqplot's marks have no `d3el` (script/updates.js)"
    )


def test_a_page_that_is_hidden_is_kept_up_to_date(open_page: Callable[..., Page]) -> None:
    page = open_page()
    wait_for_part(page, 4)
    page.evaluate("""() => {
        Object.defineProperty(document, "hidden", { get: () => true });
        window.requestAnimationFrame = () => 0;
    }""")
    assert drag_part_4(page)["drawn"] >= 3


def test_the_page_takes_all_changes_of_an_event_in_one_message_and_has_time_for_it(
    browser: Browser, lab: Server
) -> None:
    """A slow computer needs more than the 2 s that anywidget gives its widgets to start."""
    sent: list[bytes] = []
    page = browser.new_page()
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(bytes(data))))
    page.add_init_script("""{
        const timeout = AbortSignal.timeout.bind(AbortSignal);
        window.given = [];
        AbortSignal.timeout = (milliseconds) => (given.push(milliseconds), timeout(milliseconds));
    }""")
    page.goto(lab.url)
    wait_for_part(page, 1)
    given = page.evaluate("given")
    page.close()
    assert any(b'"do":"ready"' in data for data in sent), (
        "ipywidgets' models are not told their changes by `_handle_comm_msg` any more, or their manager has no "
        "`get_model` and `has_model`: every change of a widget is a message of its own now (script/updates.js)"
    )
    assert given, "anywidget bounds its widgets' start otherwise than by AbortSignal.timeout now (index.html.j2)"
    assert min(given) >= 60_000
