"""The lab in an instructor's own JupyterLab or Notebook 7: as whole as on its page, and its bar stays in sight."""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as Late

from tests.browser.conftest import DESKTOP
from tests.browser.helpers import (
    PATIENCE,
    Watch,
    part,
    pixels_changed,
    set_slider_by_keyboard,
    slider,
    slider_value,
    stable_screenshot,
    undrawn,
    wait_for_part,
)
from tests.browser.layout import faults, show_all
from tests.parts import NUMBERS
from tests.serving import ROOT, serving
from widgets.theme import contrast

OPTIONS = ["--no-browser", "--allow-root", "--IdentityProvider.token="]
SETTINGS = Path("jupyter", "lab", "user-settings", "@jupyterlab", "apputils-extension")
HOSTS = {
    "JupyterLab": ("jupyterlab", "lab/tree/app.ipynb", "JupyterLab Dark"),
    "Notebook 7": ("notebook", "notebooks/app.ipynb", "JupyterLab Light"),
}
"""The module that serves it, where it shows the notebook, and a theme that it has."""
OF_KERNELS = "Could not restore the debugger state"
"""Jupyter's own words where the kernel that it offered takes the place of one that was still starting."""
WORDS = ["h2", ".lab-words p", ".lab-shapes dd", ".lab-contents a", ".lab-numbers p", "label", ".widget-readout"]
COLOURS = """
(page, words) => {
  const colours = words.map(one => getComputedStyle(page.querySelector(one)).color);
  return [getComputedStyle(page).backgroundColor, ...colours].map(colour =>
    "#" + colour.match(/\\d+/g).map(part => Number(part).toString(16).padStart(2, "0")).join(""));
}
"""
"""The page's and those of its words."""


@pytest.fixture(scope="module", params=list(HOSTS))
def notebook(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Page]:
    """A copy of `app.ipynb`, all of its cells run, at 1280 × 800."""
    module, path, theme = HOSTS[request.param]
    folder = tmp_path_factory.mktemp(module)
    (folder / "mine").mkdir()
    shutil.copy(ROOT / "app.ipynb", folder / "mine")
    (folder / SETTINGS).mkdir(parents=True)
    chosen = {"themes": {"theme": theme}, "notification": {"fetchNews": "false", "checkForUpdates": False}}
    for name, settings in chosen.items():
        (folder / SETTINGS / f"{name}.jupyterlab-settings").write_text(json.dumps(settings))
    command = [sys.executable, "-m", module, *OPTIONS, f"--ServerApp.root_dir={folder / 'mine'}"]
    with serving(command, folder / "log", folder=folder / "mine", environment={"PYTHONPATH": str(ROOT)}) as server:
        page = browser.new_page(viewport={"width": DESKTOP[0], "height": DESKTOP[1]})
        page.set_default_timeout(PATIENCE)
        page.goto(f"http://{urlsplit(server.url).netloc}/{path}")
        page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()
        wait_for_kernel(page)
        watch = Watch(page)  # what Jupyter asks for and reports before a cell was run is its own
        while not page.locator(".jp-InputPrompt").filter(has_text=re.compile(r"[*\d]")).count():  # no kernel yet
            run_all_cells(page)
        page.locator(".lab-panel").first.wait_for()
        yield page
        assert not watch.foreign()
        errors = [error for error in watch.errors if OF_KERNELS not in error]
        assert not errors, "\n".join(errors)
        page.close()


def wait_for_kernel(page: Page) -> None:
    """Until the server says that the notebook's kernel is up: Jupyter asks for one where cells are run before."""
    address = urlsplit(page.url)
    for _ in range(PATIENCE // 500):
        sessions = page.request.get(f"{address.scheme}://{address.netloc}/api/sessions").json()
        if any(session["kernel"]["execution_state"] == "idle" for session in sessions):
            break
        page.wait_for_timeout(500)
    page.wait_for_timeout(1000)  # and until the page has heard of it


def run_all_cells(page: Page) -> None:
    """By the menu. Where Jupyter has no kernel yet it asks for one instead, and is given the one that it offers."""
    offer = page.locator(".jp-Dialog .jp-mod-accept")
    with suppress(Late):
        page.get_by_role("menuitem", name="Run", exact=True).click(timeout=5000)
        page.get_by_role("menuitem", name=re.compile("^Run All Cells$")).click(timeout=5000)
        page.wait_for_timeout(1000)
    if offer.count():
        offer.first.click()
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").first.wait_for()


def test_every_part_is_drawn_whole_and_the_bar_stays_in_sight(notebook: Page) -> None:
    for number in NUMBERS:
        panel = wait_for_part(notebook, number)
        expect(undrawn(panel)).to_have_count(0)
    chart = part(notebook, 9).locator(".lab-chart").first
    chart.scroll_into_view_if_needed()
    expect(slider(notebook, "layer")).to_be_in_viewport(ratio=1)
    before = stable_screenshot(notebook, chart)
    layer = slider_value(notebook, "layer") + 1
    set_slider_by_keyboard(notebook, "layer", layer)
    expect(part(notebook, 9).locator("> .lab-numbers")).to_contain_text(f"Layer {layer}", timeout=PATIENCE)
    changed = (pixels_changed(before, stable_screenshot(notebook, chart)) for _ in range(20))
    assert any(changed), "the slider moves the chart"
    bar, box = (notebook.locator(of).bounding_box() for of in (".lab-bar", ".jp-WindowedPanel-outer"))
    assert bar["height"] < box["height"] / 3, "the bar leaves room for the parts"


def test_nothing_lies_over_anything_at_any_width_of_a_notebook(notebook: Page) -> None:
    bad = []
    for width in (1280, 1600, 1920):
        show_all(notebook, width)
        bad += [f"{width} px: {problem}" for problem in faults(notebook)]
        contents, page = (notebook.locator(of).bounding_box() for of in (".lab-contents", ".lab-page"))
        if not (contents["width"] < 0.25 * page["width"] or contents["height"] < 60):
            bad.append(f"{width} px: the contents take {contents['width']} of {page['width']} px")
    notebook.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    assert not bad, "\n".join(bad)


def test_keys_are_the_labs_within_it_and_presenter_mode_fills_the_window(notebook: Page) -> None:
    cells = notebook.locator(".jp-Notebook .jp-Cell").count()
    notebook.locator(".lab-contents a").nth(2).click()
    expect(part(notebook, 3).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
    dark = notebook.evaluate("document.body.dataset.jpThemeLight === 'false'")
    notebook.locator(".lab-view-button").focus()
    for theme in ("light", "dark") if dark else ("dark", "light"):  # at first Jupyter's own, then the other and back
        notebook.keyboard.press("d")
        expect(notebook.locator("html")).to_have_attribute("data-lab-theme", theme, timeout=PATIENCE)
        page, *words = notebook.locator(".lab-page").evaluate(COLOURS, WORDS)
        assert all(contrast(page, word) >= 4.5 for word in words)
    assert notebook.locator(".jp-Notebook .jp-Cell").count() == cells, "Jupyter would have deleted one by d, d"
    notebook.keyboard.press("p")
    expect(notebook.locator(".lab-presenting")).to_be_visible(timeout=PATIENCE)
    box = notebook.locator(".lab-page").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, *DESKTOP)
    notebook.keyboard.press("4")
    expect(part(notebook, 4).locator("> .lab-numbers")).to_be_in_viewport(timeout=PATIENCE)
    notebook.keyboard.press("Escape")
    expect(notebook.locator(".lab-presenting")).to_have_count(0, timeout=PATIENCE)
    expect(part(notebook, 4).locator("h2")).to_be_in_viewport(timeout=PATIENCE)
