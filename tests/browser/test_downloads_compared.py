"""What is taken away while two views are compared: A's files and the difference's."""

import csv
import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from core.model.default_capture import default_capture
from core.parts.raw_scores.numbers import raw_score_samples
from tests.browser.conftest import opened
from tests.browser.helpers import in_the_address, set_slider_by_keyboard, slider_value, wait_for_part
from tests.browser.pictures import SCALE, assert_pictures_are_whole, menus, opened_menu, saved
from tests.browser.test_pin import difference, pin
from tests.parity import assert_close
from tests.serving import Server


@pytest.fixture(scope="module")
def compared(browser: Browser, lab: Server) -> Iterator[Page]:
    """A page as fine as `fine` with a pinned view, another layer and query token, and the differences of both."""
    with opened(browser, lab.url, device_scale_factor=SCALE) as page:
        wait_for_part(page, 4)
        pin(page)
        difference(page).check()
        layer, query = slider_value(page, "layer") + 1, slider_value(page, "query") - 1
        set_slider_by_keyboard(page, "layer", layer)
        set_slider_by_keyboard(page, "query", query)
        in_the_address(page, f"layer={layer}", f"query={query}")
        yield page


@pytest.mark.parametrize(("number", "counts"), [(5, (3, 3)), (7, (4, 3))])
def test_a_and_the_difference_have_files_of_their_own(
    compared: Page, blank: Page, number: int, counts: tuple[int, int]
) -> None:
    """`counts` are those of the charts of A, and of the difference; B's are as without A."""
    wait_for_part(compared, number)  # makes the twins, which have menus, too
    kinds: dict[str, list[str]] = {"_pinned": [], "_difference": []}
    for panel, menu in menus(compared, number):
        found = re.search(r"lab-part-\w+?(_pinned|_difference)(?: |$)", panel.get_attribute("class") or "")
        if found is not None:
            kinds[found[1]] += assert_pictures_are_whole(compared, blank, panel, menu)
    assert tuple(map(len, kinds.values())) == counts
    for kind, sign in (("_pinned", r"-A\b"), ("_difference", r"-difference\b")):
        assert all(re.search(sign, name) for name in kinds[kind])


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
    assert_close(np.array([row["score"] for row in rows], np.float32), expected)
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
