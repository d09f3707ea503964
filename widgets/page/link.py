"""Link to this view: the page's address follows the state, a link opens what it says, and a button copies it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import anywidget
from traitlets import Unicode

from widgets.compare.comparison import Comparison
from widgets.page.address import OF_A, WITHOUT_TEXT, Asked, link, read, take, told, written
from widgets.runner import Runner, asked_for
from widgets.scripts import script
from widgets.state import ViewState

RESTS = 0.5
"""Seconds between two changes of the address: browsers allow few of them."""
RUN = ("text", "model", "experiment")
COPIED = "The link to this view is copied."
NOT_COPIED = "This browser lets no page copy: here is the link to this view."
NO_TEXT = {
    "text": "Your text is too long for a link and is not in it: send it along.",
    "other-text": "It has no room for the text that part 8 compares with.",
    "a-text": "It has no room for the text of A, so nothing is pinned where it is opened.",
}
NOT_PINNED = "The view that the link has as A cannot be shown, so it is not pinned."


class Link(anywidget.AnyWidget):
    """A button that copies the link to the view. It also keeps the page's address up, where the page is the lab's own.

    Its message: `{"copied": true}` after a click, false if the browser did not let it.
    """

    _esm = script(Path(__file__).with_suffix(".js"))

    query = Unicode(None, allow_none=True).tag(sync=True)
    """The query string that the page's address is to have; None until it was read once."""
    page = Unicode().tag(sync=True)
    """The page's address without its query string, as the browser knows it."""
    url = Unicode().tag(sync=True)
    """The link to this view."""

    def __init__(self, state: ViewState, runner: Runner, comparison: Comparison):
        super().__init__()
        self.state, self.runner, self.comparison = state, runner, comparison
        self._always: set[str] = set()
        self._others: list[tuple[str, str]] = []
        self._asked = ""  # the view that is being opened, as a query string
        self._opening: Iterator[tuple[str, ...]] | None = None
        self._awaited: tuple[str, ...] = ()  # what it waits for: a text, a model, an experiment
        self._timer: asyncio.TimerHandle | None = None
        # Before any part hears of a capture, so that each draws it once, as it is asked for.
        runner.observe(self._go_on, "busy")
        runner.observe(self._follow, "busy")
        state.observe(self._follow, state.settings)
        comparison.observe(self._follow, "own")
        self.observe(self._write, "page")

    def take_up(self, query: str) -> None:
        """Take up what a query string asks for; what depends on a run waits for it."""
        state = self.state
        # What the notebook or the server chose may be another thing tomorrow: links always name it.
        self._always = {name for name in state.settings if getattr(state, name) != state.default(name)}
        asked = read(query, state)
        self._others = asked.others
        self._asked = urlencode([pair for pair in parse_qsl(query, keep_blank_values=True) if pair not in self._others])
        self._opening = self._open(asked)
        self._step()
        with self.hold_sync():
            self.query = ""
            self._write()

    def said(self, copied: bool) -> str:
        """What a click on the button ended in, in words."""
        missing = read(self.query or "", self.state).without
        return " ".join([COPIED if copied else f"{NOT_COPIED} {self.url}", *(NO_TEXT[text] for text in missing)])

    def _open(self, asked: Asked) -> Iterator[tuple[str, ...]]:
        """Show first A and then B, as a link asks for them; yields the values of RUN that each step waits for."""
        state = self.state
        view = {name: asked.values.pop(name, getattr(state, name)) for name in RUN}
        later = {name: asked.values.pop(name) for name in list(asked.values) if state.BELOW.get(name) in state.SHAPE}
        ignored = asked.ignored + take(state, asked.values)
        problems = []
        if asked.own is not None:
            first = {name: asked.own.pop(name, view[name]) for name in RUN}
            self.comparison.announce()
            yield tuple(first[name] for name in RUN)
            if self._arrived():
                self.comparison.pin()
                self._set_own(asked.own)
            else:
                self.comparison.unpin()
                problems += [self.runner.message, NOT_PINNED]
        yield tuple(view[name] for name in RUN)
        ignored += take(state, later)
        if asked.own is not None:
            ignored += self._set_own(asked.own)  # again, as all else is as in B, which is known now
        problems += [self.runner.message, told(ignored), *(WITHOUT_TEXT[text] for text in asked.without)]
        self.runner.message = " ".join(dict.fromkeys(filter(None, problems)))

    def _set_own(self, own: dict[str, Any]) -> list[str]:
        """Set what A has otherwise than B, and all else as in B; return what does not fit, as plain words."""
        if self.comparison.pinned is None:
            return []
        pinned = self.comparison.pinned.state
        for name in pinned.OWN:
            if name not in RUN:
                setattr(pinned, name, getattr(self.state, name))
        return take(pinned, own, OF_A)

    def _step(self) -> None:
        """Ask for what the view that is being opened needs next."""
        assert self._opening is not None
        wanted = next(self._opening, None)
        if wanted is None:
            self._opening = None
            self._follow()
            return
        self._awaited = wanted
        with self.state.hold_trait_notifications():
            for name, value in zip(RUN, wanted, strict=True):
                setattr(self.state, name, value)
        self._go_on()  # it may be on show already

    def _go_on(self, _: Any = None) -> None:
        """Go on opening a view once what it waits for is on show or cannot be had."""
        if self._opening is None or self.runner.busy:
            return
        if self._arrived() or self.runner.message:
            self._step()
        else:  # the learner has asked for something else meanwhile
            self._opening = None
            if self.comparison.pinned is None:
                self.comparison.unpin()

    def _arrived(self) -> bool:
        capture = self.runner.capture
        return capture is not None and asked_for(capture) == self._awaited

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
        own = self.comparison.own
        query = written(self._values(), self.state, self._always, own) if self._opening is None else self._asked
        with self.hold_sync():
            self.query = "&".join(filter(None, (query, urlencode(self._others))))
            self.url = link(self.page, query, os.environ)

    def _values(self) -> dict[str, Any]:
        """The settings of what is on show, or soon will be: a text that could not be run is not."""
        values = {name: getattr(self.state, name) for name in self.state.settings}
        if self.runner.capture is not None and not self.runner.busy:
            values |= zip(RUN, asked_for(self.runner.capture), strict=True)
        return values
