"""An instructor's own notebook: two parts and the controls that they need, without the page around them."""

from pathlib import Path

import nbformat
from playwright.sync_api import Browser, expect

from tests.browser.conftest import opened
from tests.browser.helpers import PATIENCE, pixels_changed, stable_screenshot
from tests.serving import BIN, serving

CELLS = ["from widgets.lab import Lab\nlab = Lab()\nlab.heads.with_controls()", "lab.raw_scores.with_controls()"]


def test_two_parts_stand_alone_and_follow_one_layer(browser: Browser, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    nbformat.write(notebook, tmp_path / "own.ipynb")
    command = [f"{BIN}/voila", "own.ipynb", "--no-browser", "--pool_size=1"]
    with (
        serving(command, tmp_path / "log", folder=tmp_path) as server,
        opened(browser, server.url) as page,
    ):
        charts = [page.locator(f".lab-part-{name} .lab-chart").first for name in ("heads", "raw_scores")]
        expect(page.locator(".lab-panel:has(.lab-number)")).to_have_count(2, timeout=PATIENCE)
        page.locator(".lab-part-raw_scores > .lab-numbers").scroll_into_view_if_needed()
        before = [stable_screenshot(page, chart) for chart in charts]
        layers = page.locator(".lab-control-layer")
        expect(layers).to_have_count(2)
        layers.first.locator(".noUi-handle").press("ArrowRight")
        for chart, was in zip(charts, before, strict=True):
            changed = (pixels_changed(was, stable_screenshot(page, chart)) for _ in range(20))
            assert any(changed), "both parts follow the one layer"
