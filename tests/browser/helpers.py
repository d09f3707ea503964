"""What the browser tests do with a page: watch it, wait for it, move its controls, compare its pixels."""

import io
import re
import time
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, WebSocket, expect

BUSY = re.compile(r"\blab-busy\b")
SHADE = 60  # of 255: the edges of a line that is drawn anew may come out a little different
PATIENCE = 60_000  # ms for anything to appear on a busy machine
expect.set_options(timeout=PATIENCE)


class Watch:
    """Everything that `page` asked for or complained about since it was opened."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.errors: list[str] = []
        self._page = page
        page.on("request", self._on_request)
        page.on("websocket", self._on_websocket)
        page.on("console", self._on_console)
        page.on("pageerror", self._on_page_error)

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)

    def _on_websocket(self, websocket: WebSocket) -> None:
        self.requests.append(websocket.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def _on_page_error(self, error: Error) -> None:
        self.errors.append(f"{error.message}\n{error.stack}")

    def foreign(self) -> list[str]:
        """The requests that left the page's own origin; `data:` and `blob:` never leave the page."""
        home = urlsplit(self._page.url).netloc
        return [url for url in self.requests if not url.startswith(("data:", "blob:")) and urlsplit(url).netloc != home]


def stable_screenshot(page: Page, locator: Locator, seconds: float = PATIENCE / 1000) -> bytes:
    """A PNG of `locator`, without the bar that may lie over it, as soon as two in a row agree.

    Raises:
        TimeoutError: it kept changing for `seconds`.
    """
    until = time.monotonic() + seconds
    last = b""
    while time.monotonic() < until:
        shot = locator.screenshot(animations="disabled", style=".lab-bar { visibility: hidden }")
        if shot == last:
            return shot
        last = shot
        page.wait_for_timeout(150)
    raise TimeoutError(f"{locator} did not come to rest in {seconds} s")


def pixels_changed(before: bytes, after: bytes) -> int:
    """How many pixels differ between two PNGs by more than a shade; all of the larger one when their sizes differ."""
    first, second = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.int16) for png in (before, after))
    if first.shape != second.shape:
        return max(first[..., 0].size, second[..., 0].size)
    return int((np.abs(first - second) > SHADE).any(axis=-1).sum())


def part(page: Page, number: int) -> Locator:
    """The part with this number on the page."""
    return page.locator(".lab-panel").filter(has=page.locator(f'.lab-number:text-is("{number}")'))


def wait_for_part(page: Page, number: int) -> Locator:
    """Brings a part and its sections into view, one by one, until each has drawn its charts or said why not."""
    panel = part(page, number)
    panel.wait_for(timeout=PATIENCE)
    # By name: the twins of a pinned view come and go meanwhile.
    names = panel.evaluate("panel => [...panel.querySelectorAll('.lab-panel')].map(one => one.className)")
    sections = [panel.locator(f".{re.findall(r'lab-part-[a-z_]+', name)[0]}") for name in names]
    for section in (panel, *sections):
        # With a turn of the wheel, as by hand: a part that was asked for by key, link or contents is let go then.
        section.evaluate("section => { dispatchEvent(new Event('wheel')); section.scrollIntoView(); }")
        section.locator("> .lab-numbers p, > .lab-place > .lab-notice p").first.wait_for(timeout=PATIENCE)
        expect(section).not_to_have_class(BUSY, timeout=PATIENCE)
    return panel


def undrawn(panel: Locator) -> Locator:
    """What stands in the place of charts in a part and its sections; an experiment waits for somebody's Run."""
    notice = "> .lab-place > .lab-notice p"
    return panel.locator(notice).or_(panel.locator(f".lab-panel:not(.lab-experiment) {notice}"))


def ask_the_model(page: Page) -> None:
    """Presses Run in the experiment of part 7: from then on every experiment that comes into view runs."""
    experiment = page.locator(".lab-part-mask_experiment").first
    experiment.wait_for(timeout=PATIENCE)
    experiment.evaluate("section => { dispatchEvent(new Event('wheel')); section.scrollIntoView(); }")
    experiment.locator("button:text-is('Run')").click()
    expect(experiment.locator("> .lab-numbers")).not_to_be_empty(timeout=PATIENCE)


def slider(scope: Page | Locator, trait: str) -> Locator:
    """The handle of a trait's slider, the first in `scope`."""
    return scope.locator(f".lab-control-{trait.replace('_', '-')} [role=slider]").first


def slider_value(scope: Page | Locator, trait: str) -> int:
    """Where an integer trait's slider stands."""
    return round(float(slider(scope, trait).get_attribute("aria-valuenow") or 0))


def in_the_address(page: Page, *said: str) -> None:
    """Waits until settings in the query string begin so: a slider's last value waits for Python's answer to one before,
    so what is done next may come to Python first."""
    heard = "said => said.every(one => location.search.slice(1).split('&').some(setting => setting.startsWith(one)))"
    page.wait_for_function(heard, arg=list(said), timeout=PATIENCE)


def set_slider_by_keyboard(scope: Page | Locator, trait: str, value: int) -> None:
    """Moves the slider of an integer trait with the arrow keys.

    Raises:
        ValueError: its bounds do not reach so far.
    """
    handle = slider(scope, trait)
    handle.focus()
    low, high = (round(float(handle.get_attribute(f"aria-value{end}") or 0)) for end in ("min", "max"))
    if not low <= value <= high:
        raise ValueError(f"{trait} = {value} lies outside {low} … {high}")
    now = slider_value(scope, trait)
    for _ in range(abs(value - now)):
        handle.press("ArrowRight" if value > now else "ArrowLeft")
