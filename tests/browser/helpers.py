"""What the browser tests do with a page: watch it, wait for it, move its controls, compare its pixels."""

import io
import time
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, WebSocket

PATIENCE = 60_000  # ms for anything to appear on a busy machine


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


def stable_screenshot(page: Page, locator: Locator, seconds: float = 15) -> bytes:
    """A PNG of `locator` as soon as two in a row agree.

    Raises:
        TimeoutError: it kept changing for `seconds`.
    """
    until = time.monotonic() + seconds
    locator.scroll_into_view_if_needed()
    last = locator.screenshot(animations="disabled")
    while time.monotonic() < until:
        page.wait_for_timeout(150)
        shot = locator.screenshot(animations="disabled")
        if shot == last:
            return shot
        last = shot
    raise TimeoutError(f"{locator} did not come to rest in {seconds} s")


def pixels_changed(before: bytes, after: bytes) -> int:
    """How many pixels differ between two PNGs; all of the larger one when their sizes differ."""
    first, second = (np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in (before, after))
    if first.shape != second.shape:
        return max(first[..., 0].size, second[..., 0].size)
    return int((first != second).any(axis=-1).sum())


def part(page: Page, number: int) -> Locator:
    """The part with this number on the page."""
    return page.locator(".lab-panel").filter(has=page.locator(f".lab-number:text-is('{number}')"))


def wait_for_part(page: Page, number: int) -> Locator:
    """Brings a part into view and waits until it has drawn its charts, or said why it has none."""
    panel = part(page, number)
    panel.scroll_into_view_if_needed(timeout=PATIENCE)
    panel.locator(".lab-numbers p, .lab-notice p").first.wait_for(timeout=PATIENCE)
    panel.locator(".lab-busy").wait_for(state="detached", timeout=PATIENCE)
    return panel


def set_slider_by_keyboard(scope: Page | Locator, trait: str, value: int) -> None:
    """Moves the slider of a trait of the state to an integer with the arrow keys.

    Raises:
        ValueError: its bounds do not reach so far.
    """
    handle = scope.locator(f".lab-control-{trait.replace('_', '-')} [role=slider]").first
    handle.focus()
    now, low, high = (round(float(handle.get_attribute(f"aria-value{end}") or 0)) for end in ("now", "min", "max"))
    if not low <= value <= high:
        raise ValueError(f"{trait} = {value} lies outside {low} … {high}")
    for _ in range(abs(value - now)):
        handle.press("ArrowRight" if value > now else "ArrowLeft")
