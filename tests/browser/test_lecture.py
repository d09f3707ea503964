"""An instructor's tools: keys, presenter mode, and a link that opens the same view for somebody else."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

from core.model.default_capture import default_capture
from core.parts.settings import default_layer
from tests.browser.conftest import opened
from tests.browser.helpers import (
    PATIENCE,
    in_the_address,
    part,
    pixels_changed,
    set_slider_by_keyboard,
    slider,
    slider_value,
    wait_for_part,
)
from tests.browser.layout import BAD_WORDS
from tests.browser.pictures import in_the_corner
from tests.parts import NUMBERS
from tests.serving import ROOT, VOILA, serving

PROJECTOR = (1920, 1080)
CHOSEN = {"layer": 5, "head": 3, "mask_size": 8}
BACK_ROW = 20  # px, the least that is read from there
FONT_SIZES = """
chart => [...chart.querySelectorAll("text")]
  .filter(node => node.textContent.trim() && node.getBoundingClientRect().width)
  .map(node => parseFloat(getComputedStyle(node).fontSize))
"""


def address(page: Page) -> dict[str, str]:
    """The page's query string."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query, keep_blank_values=True).items()}


def wait_for_address(page: Page, expected: dict[str, str]) -> None:
    """Wait until the query string is that one."""
    is_it = "query => new URLSearchParams(location.search).toString() === query"
    page.wait_for_function(is_it, arg=urlencode(expected), timeout=PATIENCE)


def press(page: Page, *keys: str) -> None:
    """Press keys while nothing has the focus."""
    page.evaluate("document.activeElement.blur()")
    for key in keys:
        page.keyboard.press(key)


def expect_value(page: Page, trait: str, value: int) -> None:
    expect(slider(page, trait)).to_have_attribute("aria-valuenow", re.compile(rf"^{value}(\.0)?$"), timeout=PATIENCE)


def charts(panel: Locator) -> list[Locator]:
    """The charts of a part and its sections that are on screen in it."""
    return [chart for chart in panel.locator(".lab-chart").all() if chart.is_visible()]


def settled_faults(page: Page, shown: list[Locator]) -> list[object]:
    """Words that are too small, cut off or on each other; bqplot lays figures out a while after margins changed."""
    faults: list[object] = []
    for _ in range(20):
        page.wait_for_timeout(500)
        faults = [size for chart in shown for size in chart.evaluate(FONT_SIZES) if size < BACK_ROW]
        faults += [problem for chart in shown for problem in chart.evaluate(BAD_WORDS)]
        if not faults:
            break
    return faults


def test_keys_move_layer_and_head_and_go_to_parts(page: Page) -> None:
    wait_for_part(page, 1)
    layer = slider_value(page, "layer")
    press(page, "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "ArrowUp", "ArrowDown")
    expect_value(page, "layer", layer + 1)
    expect_value(page, "head", 1)
    press(page, "6")
    heading = part(page, 6).locator("h2")
    expect(heading).to_be_in_viewport(timeout=PATIENCE)
    expect(page.locator(".lab-contents a[aria-current]")).to_have_text(re.compile("^6"), timeout=PATIENCE)
    wait_for_address(page, {"layer": str(layer + 1), "head": "1", "part": "6"})


def test_a_control_with_the_focus_keeps_its_own_keys(page: Page) -> None:
    wait_for_part(page, 1)
    layer = slider_value(page, "layer")
    slider(page, "head").focus()
    page.keyboard.press("ArrowRight")
    expect_value(page, "head", 1)
    box = page.locator(".lab-text textarea")
    box.fill("")
    page.keyboard.type("d 2 p?")
    expect(box).to_have_value("d 2 p?")
    page.keyboard.press("ArrowLeft")
    page.locator(".lab-link button").focus()
    page.keyboard.press("Space")  # presses the button, and plays nothing
    expect(page.locator(".lab-strip")).to_contain_text("link to this view", timeout=PATIENCE)
    assert page.locator(".lab-playing").inner_text() == ""
    assert slider_value(page, "layer") == layer
    assert page.evaluate("document.documentElement.dataset.labTheme") == "light"
    assert page.locator(".lab-presenting, dialog[open]").count() == 0


def test_space_plays_through_the_layers_and_stops(page: Page) -> None:
    wait_for_part(page, 1)
    last = int(float(slider(page, "layer").get_attribute("aria-valuemax") or 0))
    set_slider_by_keyboard(page, "layer", last)
    press(page, "Space")
    expect(page.locator(".lab-playing")).to_contain_text("Space stops", timeout=PATIENCE)
    expect_value(page, "layer", 0)
    expect_value(page, "layer", 1)
    press(page, "Space")
    expect_to_stay(page)
    press(page, "Space")
    expect(page.locator(".lab-playing")).to_contain_text("Space stops", timeout=PATIENCE)
    slider(page, "layer").press("End")  # a layer that is taken by hand stays
    expect_value(page, "layer", last)
    expect_to_stay(page)


def expect_to_stay(page: Page) -> None:
    """Nothing plays, and the layer is the same after more than a step of the player."""
    expect(page.locator(".lab-playing")).to_be_empty(timeout=PATIENCE)
    layer = slider_value(page, "layer")
    page.wait_for_timeout(1500)
    assert slider_value(page, "layer") == layer


def test_the_list_of_keys_holds_the_focus_and_the_switch(page: Page) -> None:
    wait_for_part(page, 1)
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible(timeout=PATIENCE)
    expect(dialog.locator("tr")).to_have_count(9, timeout=PATIENCE)
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden(timeout=PATIENCE)

    page.get_by_role("button", name="View").click()
    page.get_by_role("button", name="Keys").click()
    dialog.get_by_role("checkbox", name="Keys are on").uncheck()
    dialog.get_by_role("button", name="Close").click()
    layer = slider_value(page, "layer")
    press(page, "ArrowRight", "p", "d", "?", "6")
    wait_for_address(page, {"keys": "off"})
    page.wait_for_timeout(500)
    assert (slider_value(page, "layer"), page.locator(".lab-presenting").count()) == (layer, 0)
    expect(dialog).to_be_hidden(timeout=PATIENCE)


def test_d_turns_the_page_dark_and_light(page: Page) -> None:
    wait_for_part(page, 1)
    for theme in ("dark", "light"):
        press(page, "d")
        expect(page.locator("html")).to_have_attribute("data-lab-theme", theme, timeout=PATIENCE)


def test_presenter_mode_shows_one_part_for_the_back_row(open_page: Callable[..., Page]) -> None:
    page = open_page(size=PROJECTOR)
    wait_for_part(page, 1)
    press(page, "p")
    expect(page.locator(".lab-presenting")).to_have_count(1, timeout=PATIENCE)
    bad: dict[str, list[object]] = {}
    for number in NUMBERS:
        press(page, str(number % 10))
        panel = part(page, number)
        expect(panel.locator("h2")).to_be_in_viewport(timeout=PATIENCE)
        for section in (panel, *panel.locator(".lab-panel").all()):
            section.scroll_into_view_if_needed()
            section.locator("> .lab-numbers p, > .lab-place > .lab-notice p").first.wait_for(timeout=PATIENCE)
        assert [other for other in NUMBERS if part(page, other).locator("h2").is_visible()] == [number]
        shown = charts(panel)
        assert shown
        for chart in shown:
            chart.locator("text").first.wait_for(state="attached", timeout=PATIENCE)
        bad |= {f"part {number}": wrong} if (wrong := settled_faults(page, shown)) else {}
        for hidden in (".lab-words", ".lab-exercises", ".lab-text", ".lab-run"):
            assert not page.locator(hidden).first.is_visible(), hidden
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PROJECTOR[0]
    assert not bad, bad


def test_a_clicker_goes_on_section_by_section_and_escape_leaves(open_page: Callable[..., Page]) -> None:
    page = open_page("?part=5&presenting=on", PROJECTOR)
    expect(part(page, 5).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    layer = slider_value(page, "layer")
    page.keyboard.press("PageDown")
    expect(part(page, 6).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    section = part(page, 6).locator("h3").first
    section.wait_for(timeout=PATIENCE)
    page.keyboard.press("PageDown")
    page.wait_for_function("() => document.querySelector('.lab-page').scrollTop > 100", timeout=PATIENCE)
    expect(part(page, 6).locator("h2")).not_to_be_in_viewport(timeout=PATIENCE)
    page.keyboard.press("PageUp")
    expect(part(page, 6).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    page.keyboard.press("PageUp")
    expect(part(page, 5).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    page.keyboard.press("ArrowRight")
    expect_value(page, "layer", layer + 1)
    page.keyboard.press("Escape")
    expect(page.locator(".lab-presenting")).to_have_count(0, timeout=PATIENCE)
    expect(part(page, 5).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    wait_for_address(page, {"layer": str(layer + 1), "part": "5"})


def test_a_link_opens_the_same_pixels_in_another_browser(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    wait_for_part(page, 1)
    page.locator(".lab-text textarea").fill("The same words, the same words & 50 % more: Straße, 🍕.\nThe same words.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".lab-facts")).not_to_contain_text("149 tokens", timeout=PATIENCE)
    for name, value in CHOSEN.items():
        set_slider_by_keyboard(page, name, value)
    set_slider_by_keyboard(wait_for_part(page, 4), "query", 9)
    press(page, "d")
    expect(page.locator("html")).to_have_attribute("data-lab-theme", "dark", timeout=PATIENCE)
    assert_opens_the_same(page, open_page, 7)


def assert_opens_the_same(page: Page, open_page: Callable[..., Page], number: int) -> None:
    """The link that a page copies, at a part, shows that part as it is there."""
    press(page, str(number))
    panel = wait_for_part(page, number)
    in_the_address(page, "layer=5", "head=3", "mask=8", "query=9", f"part={number}")
    page.evaluate("navigator.clipboard.writeText('')")
    page.locator(".lab-link button").click()
    page.wait_for_function("async () => await navigator.clipboard.readText()", timeout=PATIENCE)
    expect(page.locator(".lab-strip")).to_contain_text("The link to this view is copied.", timeout=PATIENCE)
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url

    other = open_page(f"?{urlsplit(link).query}")
    expect(part(other, number).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    # A text that somebody typed is kept nowhere: this kernel runs it again, and layer and head come with it.
    expect(other.locator(".lab-facts")).not_to_contain_text("149 tokens", timeout=PATIENCE)
    wait_for_part(other, number)
    assert [slider_value(other, name) for name in CHOSEN] == [*CHOSEN.values()]
    assert address(other) == address(page)
    for mine, theirs in zip(charts(panel), charts(part(other, number)), strict=True):
        assert pixels_changed(in_the_corner(page, mine), in_the_corner(other, theirs)) == 0


def test_a_link_with_nonsense_opens_the_defaults_and_says_what_it_ignored(open_page: Callable[..., Page]) -> None:
    page = open_page("?layer=99&head=x&colour=blue&mask=7&<img src=x onerror=alert(1)>=1")
    strip = page.locator(".lab-strip")
    named = "layer=99 (the last layer is", "head=x (a number)", "colour (there is no such setting)", "<img␣src"
    for words in named:
        expect(strip).to_contain_text(words, timeout=PATIENCE)
    expect_value(page, "mask_size", 7)
    assert slider_value(page, "layer") == default_layer(default_capture().layers)
    assert strip.locator("img").count() == 0


def test_a_link_without_its_text_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page("?" + urlencode({"without": "text", "layer": "4"}))
    expect(page.locator(".lab-strip")).to_contain_text("came without its text", timeout=PATIENCE)
    expect_value(page, "layer", 4)


def test_the_address_is_followed_by_a_kernel_that_was_not_started_ahead(browser: Browser, tmp_path: Path) -> None:
    with serving([*VOILA, "--preheat_kernel=False"], tmp_path / "log") as server, opened(
        browser, f"{server.url}?layer=4"
    ) as page:
        expect_value(page, "layer", 4)
        set_slider_by_keyboard(page, "layer", 5)
        wait_for_address(page, {"layer": "5"})


def test_under_a_jupyter_server_the_address_keeps_its_path_and_its_token(browser: Browser, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"]
    options = [f"--ServerApp.root_dir={ROOT}", "--ServerApp.base_url=/user/anna/", "--IdentityProvider.token=secret"]
    settings = [f"--config={ROOT / 'binder' / 'jupyter_server_config.json'}"]
    with serving([*command, *options, *settings], tmp_path / "log", environment={"PYTHONPATH": str(ROOT)}) as server:
        home = server.url.split("/user/")[0]
        with opened(browser, f"{home}/user/anna/voila/render/app.ipynb?layer=4&token=secret") as page:
            expect_value(page, "layer", 4)
            set_slider_by_keyboard(page, "layer", 5)
            wait_for_address(page, {"layer": "5", "token": "secret"})
            assert urlsplit(page.url).path == "/user/anna/voila/render/app.ipynb"
