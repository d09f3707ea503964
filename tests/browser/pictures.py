"""Pictures that are taken away, beside what the screen shows."""

import io
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.helpers import PATIENCE, SHADE, stable_screenshot, wait_for_part

SCALE = 2  # a PNG has that many pixels for one of the screen: so has this page
DIFFER = 0.005  # share of the pixels that may: letters that a browser smooths another way in an image
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


def menus(page: Page, number: int) -> Iterator[tuple[Locator, Locator]]:
    """The menu of a part and of each of its sections, opened, with the panel that it is of; experiments are run."""
    whole = wait_for_part(page, number)
    for panel in (whole, *whole.locator(".lab-panel:has(> .lab-takeaway button)").all()):
        panel.scroll_into_view_if_needed()
        if panel.evaluate("panel => panel.matches('.lab-experiment')"):
            run = panel.locator("> .lab-controls button:text-is('Run')")
            if run.is_visible():  # nobody has begun yet
                run.click()
            expect(panel.locator("> .lab-numbers")).not_to_be_empty(timeout=PATIENCE)
        menu = opened_menu(panel)
        yield panel, menu
        page.keyboard.press("Escape")
        expect(menu).to_be_hidden()


def opened_menu(panel: Locator) -> Locator:
    panel.page.keyboard.press("Escape")  # a test that failed before leaves its menu open
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
    rows, columns = np.nonzero(np.abs(first - second).max(axis=-1) > SHADE)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            beside = second[np.clip(rows + down, 0, len(second) - 1), np.clip(columns + right, 0, second.shape[1] - 1)]
            apart = np.abs(first[rows, columns] - beside).max(axis=-1) > SHADE
            rows, columns = rows[apart], columns[apart]
    return len(rows) / (first.shape[0] * first.shape[1])


def assert_same_picture(got: bytes, wanted: bytes, name: str) -> None:
    first, second = pixels(got), pixels(wanted)
    # A chart whose width is no whole number has a fraction of a column more.
    assert np.abs(np.subtract(first.shape, second.shape)).max() <= SCALE, (name, first.shape, second.shape)
    rows, columns = np.minimum(first.shape, second.shape)[:2]
    first, second = first[:rows, :columns], second[:rows, :columns]
    assert max(missing(first, second), missing(second, first)) < DIFFER, name
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > COLOURS, f"{name} is blank"


def in_the_corner(page: Page, chart: Locator) -> bytes:
    """A chart as it is where it lies on whole pixels: where the page was scrolled to does not count."""
    chart.scroll_into_view_if_needed()
    chart.evaluate(IN_THE_CORNER)
    size = page.evaluate("[innerWidth, innerHeight]")
    page.mouse.move(size[0] - 2, size[1] - 2)  # what moves below a mouse at rest is pointed at
    try:
        return stable_screenshot(page, chart)
    finally:
        chart.evaluate(BACK)


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
        assert_same_picture(png, in_the_corner(page, chart), name)
        assert_same_picture(drawn_alone(blank, svg), png, svg_name)
        assert b"blob:" not in svg
        names.append(svg_name)
    return names
