"""A learner without a browser: opens the page, looks at a part, moves the layer, runs texts, leaves."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any
from urllib.parse import urljoin

from tornado.httpclient import AsyncHTTPClient

from tests.bench.wire import PATIENCE, Wire

BROWSER = "widgets.page.browser.Browser"
FOLLOWING = ("heads", "raw_scores", "raw_scores_by_layer", "distributions", "attention", "attention_maps", "averaging")
"""Parts and sections that follow the layer."""
CONFIG = re.compile(r'<script id="jupyter-config-data" type="application/json">\s*(\{.*?\})\s*</script>', re.S)
SCRIPT = re.compile(r'<script src="([^"]+)"')

AsyncHTTPClient.configure(None, max_clients=1000, max_body_size=2**28)


class Learner:
    """One open page. Everything raises OSError, TimeoutError, `Lost` or `Wrong` where the lab fails the learner."""

    wire: Wire
    part = ""
    """The one on screen."""

    def __init__(self, url: str, kernel: str):
        self.url, self.kernel = url, kernel

    @classmethod
    async def open(cls, url: str, part: str) -> tuple[Learner, float]:
        """Open the page with its part on screen; the seconds from the request to the part's charts."""
        start = time.perf_counter()
        learner = cls(url, await get_page(url))
        await learner.connect()
        await learner.look_at(part)
        return learner, time.perf_counter() - start

    async def connect(self) -> None:
        """Connect to the kernel: for the first time, or again."""
        channels = urljoin(self.url, f"api/kernels/{self.kernel}/channels")
        self.wire = await Wire.connect(channels.replace("http", "ws", 1))
        await self.wire.send(self._found(_anywidget_id=BROWSER), custom(do="ready"))  # for many updates in a message

    @property
    def layers(self) -> int:
        """How many the model on show has."""
        return self.wire.widgets[self._found(description="Layer")]["max"] + 1

    async def look_at(self, part: str) -> None:
        """Bring a part on screen, and wait until it is drawn."""
        self.part = part
        await self.wire.send(self._found(_anywidget_id=BROWSER), update(visible=[part]))
        await self._settled()

    async def move(self, layer: int) -> float:
        """Move the layer's slider; seconds until every chart on screen has been sent."""
        return await self.wire.send(self._found(description="Layer"), update(value=layer))

    async def run(self, text: str) -> float:
        """Run a text; seconds until every chart on screen shows it."""
        start = time.perf_counter()
        browser = self._found(_anywidget_id=BROWSER)
        await self.wire.send(browser, custom(do="run", text=text))
        await self.wire.until(lambda: self._has("lab-run-progress", "lab-away"))
        await self._settled()
        if self._has("lab-strip", "lab-problem"):
            raise Wrong("The text could not be run.")
        return time.perf_counter() - start

    async def leave(self) -> None:
        """Close the tab: the page tells the server so."""
        self.wire.close()
        await AsyncHTTPClient().fetch(urljoin(self.url, f"voila/api/shutdown/{self.kernel}"), method="POST", body=b"")

    async def kernel_lives(self) -> bool:
        """Whether the server has the kernel still."""
        address = urljoin(self.url, f"api/kernels/{self.kernel}")
        return (await AsyncHTTPClient().fetch(address, raise_error=False)).code == 200

    async def _settled(self) -> None:
        """A slow part sends its charts after the kernel was idle."""
        await self.wire.until(lambda: not self._has(f"lab-part-{self.part}", "lab-busy"))

    def _found(self, **values: Any) -> str:
        """The comm of the widget that has these values."""
        for name, state in self.wire.widgets.items():
            if all(state.get(key) == values[key] for key in values):
                return name
        raise Wrong(f"There is no widget with {values}.")

    def _has(self, widget: str, class_name: str) -> bool:
        """Whether the element that has the one class has the other one too."""
        classes = [state.get("_dom_classes", ()) for state in self.wire.widgets.values()]
        return any(widget in names and class_name in names for names in classes)


class Wrong(Exception):
    """The lab answered, but not as it should."""


def update(**state: Any) -> dict[str, Any]:
    """What a page sends when its learner sets a widget."""
    return {"method": "update", "state": state, "buffer_paths": []}


def custom(**content: Any) -> dict[str, Any]:
    """What a page sends of its own accord."""
    return {"method": "custom", "content": content}


async def get_page(url: str) -> str:
    """The kernel of a page that is asked for, with all that a browser loads for it."""
    page = (await fetch(url)).decode()
    found = CONFIG.search(page)
    if not found:
        raise Wrong("The page names no kernel.")
    config = json.loads(found[1])
    await asyncio.gather(*(fetch(urljoin(url, path)) for path in scripts(page, config)))
    return config["kernelId"]


def scripts(page: str, config: dict[str, Any]) -> list[str]:
    """Paths of what a page loads before its widgets are there: its scripts, and the entries of its extensions."""
    folder = config["fullLabextensionsUrl"]
    entries = [f"{folder}/{each['name']}/{each['load']}" for each in config["federated_extensions"]]
    return [path for path in [*SCRIPT.findall(page), *entries] if not path.startswith("data:")]


async def fetch(address: str) -> bytes:
    """What the server has there. Raises tornado's HTTPClientError, an OSError or TimeoutError."""
    return (await AsyncHTTPClient().fetch(address, request_timeout=PATIENCE)).body
