"""What is taken away is what is seen: pictures pixel by pixel, numbers, programs, and everything in one ZIP."""

import csv
import io
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core.default_capture import default_capture
from core.study import default_layer, raw_score_samples
from tests.browser.conftest import opened
from tests.browser.helpers import (
    PATIENCE,
    SHADE,
    part,
    set_slider_by_keyboard,
    slider_value,
    stable_screenshot,
    wait_for_part,
)
from tests.browser.test_pin import difference, pin
from tests.serving import Server
from widgets.theme import DARK, LIGHT, to_rgb

SCALE = 2  # a PNG has that many pixels for one of the screen: so has this page
DIFFER = 0.003  # share of the pixels that may: letters that a browser smooths another way in an image
COLOURS = 12  # that a picture has at least
# In the window's corner, where no pixel of it lies between two of the screen.
IN_THE_CORNER = """
chart => {
  const {width, height} = chart.getBoundingClientRect();
  chart.dataset.style = chart.style.cssText;
  chart.style.cssText += `position: fixed; left: 0; top: 0; width: ${width}px; height: ${height}px; z-index: 99;
    background: var(--lab-page)`;
}
"""
BACK = "chart => { chart.style.cssText = chart.dataset.style; }"
STUDY = "part1 part3 part4 part5a part5b part6 part7a part7b part8 part9".split()


@pytest.fixture(scope="module")
def fine(browser: Browser, lab: Server) -> Iterator[Page]:
    """A page with as many pixels as the pictures that are taken from it have."""
    with opened(browser, lab.url, device_scale_factor=SCALE) as page:
        yield page


def menus(page: Page, number: int) -> Iterator[tuple[Locator, Locator]]:
    """The menu of a part and of each of its sections, opened, with the panel that it is of."""
    whole = wait_for_part(page, number)
    for panel in (whole, *whole.locator(".lab-panel:has(> .lab-takeaway button)").all()):
        panel.scroll_into_view_if_needed()
        menu = opened_menu(panel)
        yield panel, menu
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()


def opened_menu(panel: Locator) -> Locator:
    panel.locator("> .lab-takeaway > button").click()
    menu = panel.locator("> .lab-takeaway > .lab-takeaway-menu")
    expect(menu.locator("li").first).to_be_visible(timeout=PATIENCE)
    return menu


def saved(page: Page, button: Locator) -> tuple[str, bytes]:
    """The file that a button saves: its name and its content."""
    with page.expect_download(timeout=PATIENCE) as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.int16)


def missing(first: np.ndarray, second: np.ndarray) -> float:
    """Share of the first one's pixels that have none of their colour in the second one, there or right beside it."""
    moved = (np.roll(second, (down, right), axis=(0, 1)) for down in (-1, 0, 1) for right in (-1, 0, 1))
    nearest = np.min([np.abs(first - one).max(axis=-1) for one in moved], axis=0)
    return float((nearest > SHADE).mean())


def assert_same_picture(got: bytes, wanted: bytes, name: str) -> None:
    first, second = pixels(got), pixels(wanted)
    # A chart whose width is no whole number has a fraction of a column more.
    assert np.abs(np.subtract(first.shape, second.shape)).max() <= SCALE, (name, first.shape, second.shape)
    rows, columns = np.minimum(first.shape, second.shape)[:2]
    first, second = first[:rows, :columns], second[:rows, :columns]
    assert max(missing(first, second), missing(second, first)) < DIFFER, name
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > COLOURS, f"{name} is blank"


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """An empty page, as fine as the other."""
    page = browser.new_page(device_scale_factor=SCALE)
    yield page
    page.close()


def drawn_alone(blank: Page, svg: bytes) -> bytes:
    """An SVG as an image, which gets nothing from elsewhere."""
    width, height = (float(ElementTree.fromstring(svg).attrib[side]) for side in ("width", "height"))
    blank.set_viewport_size({"width": round(width), "height": round(height)})
    blank.set_content(f"<body style='margin: 0'><img src='data:image/svg+xml;base64,{b64encode(svg).decode()}'>")
    blank.wait_for_function("document.images[0].complete && document.images[0].naturalWidth")
    return blank.screenshot()


def assert_pictures_are_whole(page: Page, blank: Page, panel: Locator, menu: Locator) -> list[str]:
    """Every chart of a panel has a PNG and an SVG that show what the screen shows; returns the names of these."""
    names = []
    charts = panel.locator("> .lab-place .lab-chart").all()
    rows = menu.locator("li").filter(has=page.get_by_text("PNG", exact=True)).all()
    assert len(rows) == len(charts)
    for chart, row in zip(charts, rows, strict=True):
        name, png = saved(page, row.get_by_text("PNG", exact=True))
        svg_name, svg = saved(page, row.get_by_text("SVG", exact=True))
        assert name.removesuffix(".png") == svg_name.removesuffix(".svg")
        chart.evaluate(IN_THE_CORNER)
        assert_same_picture(png, stable_screenshot(page, chart), name)
        chart.evaluate(BACK)
        assert_same_picture(drawn_alone(blank, svg), png, svg_name)
        assert b"blob:" not in svg
        names.append(svg_name)
    return names


@pytest.mark.parametrize("number", range(1, 10))
def test_pictures_show_what_the_screen_shows(fine: Page, blank: Page, number: int) -> None:
    assert [name for one in menus(fine, number) for name in assert_pictures_are_whole(fine, blank, *one)]


@pytest.fixture(scope="module")
def compared(browser: Browser, lab: Server) -> Iterator[Page]:
    """A page as fine as `fine` with a pinned view, another layer and query token, and the differences of both."""
    with opened(browser, lab.url, device_scale_factor=SCALE) as page:
        wait_for_part(page, 4)
        pin(page)
        difference(page).check()
        set_slider_by_keyboard(page, "layer", slider_value(page, "layer") + 1)
        set_slider_by_keyboard(page, "query", slider_value(page, "query") - 1)
        yield page


@pytest.mark.parametrize(("number", "counts"), [(4, (2, 2, 1)), (5, (3, 3, 3)), (7, (7, 4, 3)), (9, (3, 2, 0))])
def test_a_and_the_difference_have_files_of_their_own(
    compared: Page, blank: Page, number: int, counts: tuple[int, int, int]
) -> None:
    """`counts` are those of the charts of B, of A, and of the difference."""
    wait_for_part(compared, number)  # makes the twins, which have menus, too
    kinds: dict[str, list[str]] = {"": [], "_pinned": [], "_difference": []}
    for panel, menu in menus(compared, number):
        found = re.search(r"lab-part-\w+?(|_pinned|_difference)(?: |$)", panel.get_attribute("class") or "")
        assert found is not None
        kinds[found[1]] += assert_pictures_are_whole(compared, blank, panel, menu)
    assert tuple(map(len, kinds.values())) == counts
    for kind, sign in (("_pinned", r"-A\b"), ("_difference", r"-difference\b")):
        assert all(re.search(sign, name) for name in kinds[kind])
        assert not any(re.search(sign, name) for name in kinds[""])


def test_numbers_and_code_of_a_are_those_of_the_pinned_layer(compared: Page) -> None:
    now = slider_value(compared, "layer")
    wait_for_part(compared, 4)
    panel = wait_for_part(compared, 4).locator(".lab-part-raw_scores_pinned")
    menu = opened_menu(panel)
    expect(menu).to_have_attribute("aria-label", re.compile("^Files of A of Raw scores"))
    name, content = saved(compared, menu.get_by_role("button", name="CSV of A) Raw attention scores"))
    assert name == f"part4-scores-A-layer{now - 1}.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    result = raw_score_samples(default_capture(), now - 1)  # of the last token, as at first
    expected = np.concatenate([result.within.values, result.across.values])
    np.testing.assert_array_equal(np.array([row["score"] for row in rows], np.float32), expected)
    expect(menu.get_by_role("button", name="Everything, all parts")).to_have_count(0)
    menu.get_by_role("button", name="Show the code").click()
    dialog = panel.get_by_role("dialog")
    assert f"LAYER = {now - 1}\n" in dialog.locator("pre").inner_text()
    compared.keyboard.press("Escape")
    compared.keyboard.press("Escape")

    subtracted = panel.locator(".lab-part-raw_scores_difference")
    subtracted.scroll_into_view_if_needed()
    menu = opened_menu(subtracted)
    expect(menu).to_have_attribute("aria-label", re.compile("^Files of Difference B − A of Raw scores"))
    menu.get_by_role("button", name="Show the code").click()
    shown = subtracted.get_by_role("dialog").locator("pre").inner_text()
    compile(shown, "part4-difference.py", "exec")
    assert [line.strip() for line in shown.splitlines() if line.startswith("    LAYER=")] == [
        f"LAYER={now - 1},",
        f"LAYER={now},",
    ]
    compared.keyboard.press("Escape")
    compared.keyboard.press("Escape")


def test_numbers_are_those_of_the_study(fine: Page) -> None:
    capture = default_capture()
    layer = default_layer(capture.layers)
    menu = opened_menu(wait_for_part(fine, 4))
    name, content = saved(fine, menu.get_by_role("button", name="CSV of A) Raw attention scores"))
    fine.keyboard.press("Escape")
    assert name == f"part4-scores-layer{layer}.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    result = raw_score_samples(capture, layer)
    expected = np.concatenate([result.within.values, result.across.values])
    np.testing.assert_array_equal(np.array([row["score"] for row in rows], np.float32), expected)


def test_the_code_is_shown_copied_and_saved_by_keyboard_alone(fine: Page) -> None:
    fine.context.grant_permissions(["clipboard-read", "clipboard-write"])
    panel = wait_for_part(fine, 4)
    opener = panel.locator("> .lab-takeaway > button")
    opener.focus()
    fine.keyboard.press("Enter")
    code = panel.get_by_role("button", name="Show the code")
    expect(code).to_be_visible()
    for _ in range(12):
        if code.evaluate("button => button === document.activeElement"):
            break
        fine.keyboard.press("Tab")
    fine.keyboard.press("Enter")
    dialog = panel.get_by_role("dialog")
    shown = dialog.locator("pre").inner_text()
    compile(shown, "part4.py", "exec")
    assert f"LAYER = {default_layer(default_capture().layers)}\n" in shown
    dialog.get_by_role("button", name="Copy").press("Enter")
    expect(dialog.get_by_text("Copied.")).to_be_visible()
    assert fine.evaluate("navigator.clipboard.readText()").strip() == shown.strip()
    name, content = saved(fine, dialog.get_by_role("button", name="Download"))
    assert name.startswith("part4-layer")
    assert content.decode().strip() == shown.strip()
    fine.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(code).to_be_focused()
    fine.keyboard.press("Escape")
    expect(code).to_be_hidden()
    expect(opener).to_be_focused()


def test_everything_is_one_zip_of_parts_that_were_never_on_screen(browser: Browser, lab: Server) -> None:
    with opened(browser, lab.url, color_scheme="dark") as page:
        part(page, 1).wait_for(timeout=PATIENCE)
        part(page, 4).evaluate("panel => panel.classList.add('lab-covered')")  # as by a prediction
        button = page.get_by_role("button", name="Download everything")
        name, content = saved(page, button)
        assert name == "attention-scores-lab.zip"
        expect(page.get_by_role("dialog")).to_have_count(0)
    with ZipFile(io.BytesIO(content)) as archive:
        files = {Path(path).name: archive.read(path) for path in archive.namelist()}
    assert {*(f"{one}.{kind}" for one in STUDY for kind in ("png", "svg")), "part2.csv", "part4.py"} <= set(files)
    for picture in STUDY:
        png = pixels(files[f"{picture}.png"])
        root = ElementTree.fromstring(files[f"{picture}.svg"])
        assert png.shape[:2] == tuple(SCALE * int(root.attrib[side]) for side in ("height", "width"))
        assert tuple(png[0, 0]) == to_rgb(DARK.page) != to_rgb(LIGHT.page)
        assert len(np.unique(png.reshape(-1, 3), axis=0)) > COLOURS, f"{picture} is blank"
