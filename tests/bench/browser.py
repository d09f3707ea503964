"""What a learner waits for, in a real Chromium: the drag of the layer slider, new texts, the first picture.

Every lab is beside a stand-in of the same server, template and browser, moved in turn with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, expect

from tests.bench.medium import LENGTHS, medium_folder, text_of
from tests.bench.rows import Measured
from tests.bench.timing import RUNS, seconds
from tests.bench.traced import (
    EMPTY_PAGE,
    ONE_LINE,
    PATIENCE,
    STORED,
    Slider,
    chromium_open,
    served,
    settled,
    traced,
    wait_until_quiet,
    write_notebook,
)
from tests.browser.helpers import BUSY
from tests.serving import ROOT

PARTS = (
    "heads",
    "raw_scores",
    "raw_scores_by_layer",
    "distributions",
    "attention",
    "attention_maps",
    "attention_text",
    "softmax_by_layer",
    "averaging",
)
"""Parts and sections that show the layer."""
NUMBERED = ("scaling", "tokens", *PARTS[:4], "softmax", *PARTS[4:])
LAYERS = 24
THERE_AND_BACK = [*range(LAYERS), *range(LAYERS - 2, -1, -1)]
FRAME = 1000 / 60  # ms
AT_REST = 400  # ms without a touch after which parts near the screen begin to be drawn
CHART = ".lab-chart svg .curve path[d], .lab-chart svg image"
HANDLE = ".lab-control-layer .noUi-handle"
FIGURE = ".bqplot svg.svg-figure:not([style*='none'])"  # bqplot shows it when it is drawn
IMPORTS = [sys.executable, "-c", "import torch, transformers.models.gpt2.modeling_gpt2"]


def measure() -> Iterator[Measured]:
    with tempfile.TemporaryDirectory() as name, chromium_open() as browser:
        folder = Path(name)
        for tokens in LENGTHS:
            store_capture(folder / f"{tokens}.npz", tokens)
            write_notebook(folder / f"lab-{tokens}.ipynb", STORED.format(path=str(folder / f"{tokens}.npz")))
        write_notebook(folder / "line.ipynb", ONE_LINE)
        write_notebook(folder / "empty.ipynb", EMPTY_PAGE)
        app = folder / "app.ipynb"
        app.write_text((ROOT / "app.ipynb").read_text())

        yield from drags(browser, folder)
        for tokens in LENGTHS:
            yield from weights(browser, folder, tokens)
        yield from texts(browser, app, folder / "line.ipynb")
        for key, ahead in (("first-picture", False), ("first-picture-ahead", True)):
            yield from first_pictures(browser, app, folder / "empty.ipynb", key, ahead)


def store_capture(path: Path, tokens: int) -> None:
    """A text of so many tokens on the stand-in for gpt2-medium."""
    from core.model.capture import capture, write_capture
    from core.model.loading import load

    write_capture(capture(load(str(medium_folder())), text_of(tokens)), path)


@contextmanager
def side_by_side(browser: Browser, lab: Path, other: Path, ahead: bool = False) -> Iterator[tuple[Page, Page]]:
    """The lab and its stand-in, each a page of a server of its own, both up."""
    option = f"--preheat_kernel={ahead}"
    with ExitStack() as stack:
        urls = [stack.enter_context(served(notebook, option)) for notebook in (lab, other)]
        pages = [stack.enter_context(traced(browser, url)) for url in urls]
        for page, there in zip(pages, (CHART, f"{FIGURE}, .widget-button"), strict=True):
            page.evaluate(f"trace.shown({there!r})")
        wait_until_quiet()
        yield pages[0], pages[1]


def look_at(page: Page, part: str) -> None:
    """Brings a part where the contents' link brings it, and waits until it and what is near it are drawn."""
    page.evaluate(f"document.getElementById('lab-{part}').scrollIntoView()")
    panel = page.locator(f".lab-part-{part}")
    panel.locator("> .lab-numbers p").first.wait_for()
    expect(panel).not_to_have_class(BUSY, timeout=PATIENCE)
    page.evaluate("trace.arm()")
    page.evaluate("trace.settled(() => true)")


def drags(browser: Browser, folder: Path) -> Iterator[Measured]:
    """Every layer there and back with the mouse held down, step by step, and then as fast as frames come."""
    steps: dict[str, tuple[list[float], list[float]]] = {}
    releases: dict[str, tuple[list[float], list[float]]] = {}
    late: tuple[list[float], list[float]] = ([], [])
    with side_by_side(browser, folder / "lab-105.ipynb", folder / "line.ipynb") as pages:
        for part in PARTS:
            look_at(pages[0], part)
            sliders = [Slider(page) for page in pages]
            steps[part], releases[part] = ([], []), ([], [])
            for slider in sliders:
                slider.press()
            # The first step does not count.
            for layer in [layer for layer in THERE_AND_BACK if layer != sliders[0].layer]:
                for slider, times in zip(sliders, steps[part], strict=True):
                    times.append(settled(slider.page, partial(slider.drag, layer))["ms"])
            for slider in sliders:
                slider.release()
            for _ in range(RUNS):
                for slider, times, more in zip(sliders, releases[part], late, strict=True):
                    end = settled(slider.page, partial(sweep, slider))
                    times.append(end["ms"])
                    more.append(sum(at > end["input"] for at in end["answered"]) - 1)

    for key, quantile in (("drag-median", 0.5), ("drag-p95", 0.95), ("drag-over", 0.5)):
        part = worst(steps, quantile)
        yield Measured(key, steps[part][0][1:], steps[part][1][1:], f"the worst: {part}")
    part = worst(releases, 0.5)
    yield Measured("drag-release", *releases[part], f"the worst: {part}")
    yield Measured("drag-backlog", *([max(0.0, one) for one in more] for more in late), "all parts")


def worst(times: dict[str, tuple[list[float], list[float]]], quantile: float) -> str:
    """The part that takes longest."""
    return max(times, key=lambda part: float(np.quantile(times[part][0], quantile)))


def sweep(slider: Slider) -> None:
    """Over all layers and back with the mouse held down, a step a frame."""
    slider.press()
    for layer in THERE_AND_BACK:
        slider.drag(layer)
        slider.page.wait_for_timeout(FRAME)
    slider.release()


def weights(browser: Browser, folder: Path, tokens: int) -> Iterator[Measured]:
    """Bytes from the server for one change of the layer, with one part or section alone on the page."""
    alone = "name => document.querySelectorAll('.lab-panel').forEach(panel => panel.style.display = "
    alone += "panel.matches(`.lab-part-${name}, :has(.lab-part-${name})`) ? '' : 'none')"
    sent: dict[str, float] = {}
    with side_by_side(browser, folder / f"lab-{tokens}.ipynb", folder / "line.ipynb") as (lab, other):
        line = step(other)
        for part in PARTS:
            lab.evaluate(alone, part)
            lab.locator(HANDLE).first.press("Home")  # no layer is seen twice: its pictures would come from a store
            look_at(lab, part)
            sent[part] = max(step(lab) for _ in range(3))
    yield Measured(f"bytes-heads-{tokens}", [sent.pop("heads")], [line])
    most = max(sent, key=lambda part: sent[part])
    yield Measured(f"bytes-other-{tokens}", [sent[most]], [line], most)


def step(page: Page) -> float:
    """The next layer, by the keyboard; kilobytes that it takes."""
    page.wait_for_timeout(AT_REST)
    page.evaluate("trace.arm()")
    page.evaluate("trace.settled(() => true)")
    press = partial(page.locator(HANDLE).first.press, "ArrowRight")
    return settled(page, press)["bytes"] / 1000


def texts(browser: Browser, app: Path, line: Path) -> Iterator[Measured]:
    """A text of the learner's own on the shipped model: the first of a kernel, and those after it."""
    firsts: tuple[list[float], list[float]] = ([], [])
    later: dict[str, tuple[list[float], list[float]]] = {}
    for run in range(RUNS):
        with side_by_side(browser, app, line) as (lab, other):
            firsts[0].append(run_text(lab, f"A first text, the {run}th.") / 1000)
            firsts[1].append(seconds(partial(subprocess.run, IMPORTS, check=True)))
            if run + 1 < RUNS:
                continue
            for number, part in enumerate(NUMBERED):
                look_at(lab, part)
                later[part] = ([], [])
                for again in range(RUNS):  # no text twice, and none as long as the one before
                    later[part][0].append(run_text(lab, f"{number}: {text_of(LENGTHS[0] - again)}"))
                    later[part][1].append(settled(other, other.locator(".lab-run").click)["ms"])
    slowest = worst(later, 0.5)
    yield Measured("new-text", *later[slowest], f"the worst: {slowest}")
    yield Measured("first-run", *firsts)


def run_text(page: Page, text: str) -> float:
    """Types a text in place of the other and runs it; ms from the key until all charts on screen show it."""
    page.locator(".lab-text textarea").fill(text)
    before = page.locator(".lab-facts").inner_text()
    shows_it = f"""() => document.querySelector('.lab-facts').innerText !== {before!r}
        && !document.querySelector('.lab-busy, .lab-run-progress:not(.lab-away)')"""
    return settled(page, partial(page.locator(".lab-text textarea").press, "Control+Enter"), shows_it)["ms"]


def first_pictures(browser: Browser, app: Path, empty: Path, key: str, ahead: bool) -> Iterator[Measured]:
    """From the request for the page to the first chart; in a kernel of its own every time, started ahead or not."""
    lab: list[float] = []
    figure: list[float] = []
    waits: list[float] = []
    with ExitStack() as stack:
        urls = [stack.enter_context(served(notebook, f"--preheat_kernel={ahead}")) for notebook in (app, empty)]
        for _ in range(RUNS + 1):  # the first fills the browser's and the system's caches
            for url, times, there in zip(urls, (lab, figure), (CHART, FIGURE), strict=True):
                wait_until_quiet()
                with traced(browser, url) as page:
                    times.append(page.evaluate(f"trace.shown({there!r})") / 1000)
                    if times is lab and not ahead:
                        waits.append(sum(wait_for(page, part) for part in NUMBERED))
    yield Measured(key, lab[1:], figure[1:])
    if not ahead:
        yield Measured("scroll", waits[1:], figure[1:])


def wait_for(page: Page, part: str) -> float:
    """Seconds until a part that is scrolled to has its pictures."""
    return seconds(partial(look_at, page, part))
