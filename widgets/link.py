"""Link to this view: the page's address follows the state, a link opens what it says, and a button copies it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import anywidget
from traitlets import Unicode

from widgets.address import WITHOUT_TEXT, Asked, link, read, take, told, too_long, written
from widgets.runner import Runner
from widgets.state import ViewState

RESTS = 0.5
"""Seconds between two changes of the address: browsers allow few of them."""
RUN = ("text", "model")
COPIED = "The link to this view is copied."
NOT_COPIED = "This browser lets no page copy: here is the link to this view."
NO_TEXT = "Your text is too long for a link and is not in it: send it along."


class Link(anywidget.AnyWidget):
    """A button that copies the link to the view. It also keeps the page's address up, where the page is the lab's own.

    Its message: `{"copied": true}` after a click, false if the browser did not let it.
    """

    _esm = Path(__file__).with_suffix(".js")

    query = Unicode(None, allow_none=True).tag(sync=True)
    """The query string that the page's address is to have; None until it was read once."""
    page = Unicode().tag(sync=True)
    """The page's address without its query string, as the browser knows it."""
    url = Unicode().tag(sync=True)
    """The link to this view."""

    def __init__(self, state: ViewState, runner: Runner):
        super().__init__()
        self.state, self.runner = state, runner
        self._always: set[str] = set()
        self._others: list[tuple[str, str]] = []
        self._asked: Asked | None = None  # what a link asked for and waits for its capture
        self._timer: asyncio.TimerHandle | None = None
        # Before any part hears of a capture, so that each draws it once, as it is asked for.
        runner.observe(self._settle, ["shown", "message"])
        runner.observe(self._follow, "busy")
        state.observe(self._follow, state.settings)
        self.observe(self._write, "page")

    def take_up(self, query: str) -> None:
        """Take up what a query string asks for; what depends on a text or a model that must run waits for it."""
        state = self.state
        # What the notebook or the server chose may be another thing tomorrow: links always name it.
        self._always = {name for name in state.settings if getattr(state, name) != state.default(name)}
        asked = read(query, state)
        self._others = asked.others
        run = {name: asked.values.pop(name) for name in RUN if name in asked.values}
        later = {name: asked.values.pop(name) for name in list(asked.values) if state.BELOW.get(name) in state.SHAPE}
        self._asked = asked._replace(values=later, ignored=asked.ignored + take(state, asked.values))
        with state.hold_trait_notifications():
            for name, value in run.items():
                setattr(state, name, value)
        self._settle()
        self.query = ""
        self._write()

    def said(self, copied: bool) -> str:
        """What a click on the button ended in, in words."""
        outcome = COPIED if copied else f"{NOT_COPIED} {self.url}"
        return f"{outcome} {NO_TEXT}" if too_long(self._values()["text"]) else outcome

    def _settle(self, _: Any = None) -> None:
        """Set what waited for the capture, once it is there or cannot be had."""
        if self._asked is None or self.runner.busy:
            return
        asked, self._asked = self._asked, None
        ignored = asked.ignored + take(self.state, asked.values)
        sentences = (self.runner.message, told(ignored), WITHOUT_TEXT if asked.without_text else "")
        self.runner.message = " ".join(filter(None, sentences))

    def _follow(self, _: Any = None) -> None:
        if self.query is None or self._timer is not None:
            return
        try:
            self._timer = asyncio.get_running_loop().call_later(RESTS, self._write)
        except RuntimeError:  # no loop: a script
            self._write()

    def _write(self, _: Any = None) -> None:
        self._timer = None
        if self.query is None:
            return
        query = written(self._values(), self.state, self._always)
        with self.hold_sync():
            self.query = "&".join(filter(None, (query, urlencode(self._others))))
            self.url = link(self.page, query, os.environ)

    def _values(self) -> dict[str, Any]:
        """The settings of what is on show, or soon will be: a text that could not be run is not."""
        values = {name: getattr(self.state, name) for name in self.state.settings}
        if self.runner.capture is not None and not self.runner.busy:
            values |= {"text": self.runner.capture.text, "model": self.runner.capture.model.name}
        return values
