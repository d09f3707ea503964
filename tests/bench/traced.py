"""The pages that are measured: notebooks of the bench's own, served by Voilà, with a trace of what goes on in each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.serving import BIN, serving

TRACE = Path(__file__).with_name("trace.js")
PATIENCE = 120_000  # ms
SIZE = {"width": 1280, "height": 800}
QUIET = 0.05  # of a core, for all that this process has started

# What the lab's own style sheet does to the template: its skeleton goes, and the page scrolls as a document does.
STYLE = """HTML("<style>#lab-skeleton { display: none } #main, #jp-main-content-panel, #rendered_cells {
  position: static !important; contain: none !important; height: auto !important; overflow: visible !important;
}</style>")""".replace("\n", "")
BARE = "from ipywidgets import HTML, Button, IntSlider, VBox\nfrom bqplot import Axis, Figure, LinearScale, Lines\n"
ONE_LINE = f"""{BARE}
import numpy as np
slider = IntSlider(value=6, max=23, description="Layer").add_class("lab-control-layer")
button = Button(description="Run").add_class("lab-run")
scales = {{"x": LinearScale(min=0, max=9), "y": LinearScale(min=-3, max=3)}}
line = Lines(x=np.arange(10.0), y=np.zeros(10), scales=scales)
axes = [Axis(scale=scales["x"]), Axis(scale=scales["y"], orientation="vertical")]
random = np.random.default_rng(0)
def draw(_):
    line.y = random.normal(size=10)
slider.observe(draw, "value")
button.on_click(draw)
VBox([slider, button, Figure(marks=[line], axes=axes), {STYLE}])
"""
EMPTY_PAGE = f"{BARE}VBox([IntSlider(), Figure(), {STYLE}])"
STORED = """
from pathlib import Path
from core.model.capture import read_capture
from widgets.lab import Lab
lab = Lab(capture=read_capture(Path({path!r})))
lab.page()
"""
"""The whole page, of a capture in a file."""


def write_notebook(path: Path, *cells: str) -> None:
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)


@contextmanager
def served(notebook: Path, *options: str) -> Iterator[str]:
    """Voilà with one notebook and the lab's own settings; its address."""
    command = [f"{BIN}/voila", str(notebook), "--no-browser", *options]
    log = notebook.with_suffix(".log")
    environment = {"LAB_CACHE": str(notebook.with_suffix(".cache"))}
    with serving(command, log, folder=notebook.parent, environment=environment, seconds=180) as server:
        yield server.url


@contextmanager
def chromium_open() -> Iterator[Browser]:
    """A Chromium as the tests use it."""
    path = chromium.find()
    if path is None:
        raise RuntimeError("There is no Chromium: python -m tests.browser.chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield browser
        browser.close()


@contextmanager
def traced(browser: Browser, url: str) -> Iterator[Page]:
    """A page whose script `trace.js` watches."""
    context = browser.new_context(viewport=SIZE)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(path=TRACE)
    page = context.new_page()
    page.goto(url, wait_until="commit")
    yield page
    context.close()


def wait_until_quiet(seconds: float = 60) -> None:
    """Until the servers, kernels and browsers of this process do nothing: a kernel started ahead is up."""
    until = time.monotonic() + seconds
    before = _processor_time()
    while time.monotonic() < until:
        time.sleep(1)
        now = _processor_time()
        if now - before < QUIET:
            return
        before = now


def _processor_time() -> float:
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def settled(page: Page, act: Any, done: str = "undefined") -> dict[str, Any]:
    """Does something to the page, and waits until all that it leads to is on the screen: what `trace.settled` says."""
    page.evaluate("trace.arm()")
    act()
    return page.evaluate(f"trace.settled({done})")


class Slider:
    """The layer slider of a page, held down by the mouse."""

    def __init__(self, page: Page, layers: int = 24):
        self.page, self.layers = page, layers
        box = page.locator(".lab-control-layer .noUi-base").first.bounding_box()
        handle = page.locator(".lab-control-layer .noUi-handle").first
        assert box is not None
        self._left, self._width, self._y = box["x"], box["width"], box["y"] + box["height"] / 2
        self.layer = int(float(handle.get_attribute("aria-valuenow") or 0))

    def press(self) -> None:
        self.page.mouse.move(self._place(self.layer), self._y)
        self.page.mouse.down()

    def drag(self, layer: int) -> None:
        """Move on to a layer."""
        self.page.mouse.move(self._place(layer), self._y)
        self.layer = layer

    def release(self) -> None:
        self.page.mouse.up()

    def _place(self, layer: int) -> float:
        return self._left + self._width * layer / (self.layers - 1)
