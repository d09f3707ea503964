"""What is taken away is what is seen: pictures pixel by pixel, numbers, programs, and everything in one ZIP."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.default_capture import default_capture
from core.study import default_layer, raw_score_samples
from tests.browser.conftest import opened
from tests.browser.helpers import PATIENCE, part, wait_for_part
from tests.browser.pictures import (
    COLOURS,
    SCALE,
    assert_pictures_are_whole,
    menus,
    opened_menu,
    pixels,
    saved,
)
from tests.parity import assert_close
from tests.serving import Server
from widgets.theme import DARK, LIGHT, to_rgb

STUDY = "part1 part3 part4 part5a part5b part6 part7a part7b part8 part9".split()


@pytest.fixture(scope="module")
def fine(browser: Browser, lab: Server) -> Iterator[Page]:
    """A page with as many pixels as the pictures that are taken from it have."""
    with opened(browser, lab.url, device_scale_factor=SCALE) as page:
        yield page


@pytest.mark.parametrize("number", range(1, 10))
def test_pictures_show_what_the_screen_shows(fine: Page, blank: Page, number: int) -> None:
    assert [name for one in menus(fine, number) for name in assert_pictures_are_whole(fine, blank, *one)]


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
    assert_close(np.array([row["score"] for row in rows], np.float32), expected)


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
