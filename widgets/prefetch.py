"""The layer that comes next, made ready while nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from widgets.panel.follower import Follower
from widgets.state import ViewState

PAUSE = 0.012
"""Seconds after a change, at least: its answer is on its way by then, and a dragging hand comes with the next frame."""


class Prefetch:
    """A hand that drags the layer's slider, the arrow keys and the player go on as they went: after 5 and 6 comes 7.

    What takes long is made ready after as long a rest, so that a hand that drags is not held up by it.
    Where no loop runs (a script, most tests) nothing is made ready.
    """

    def __init__(self, state: ViewState, panels: Sequence[Follower]):
        self._state, self._panels = state, panels
        state.observe(self._turn, "layer")

    def _turn(self, change: Any) -> None:
        coming = change.new + (1 if change.new > change.old else -1)
        if not 0 <= coming < self._state.layer_count:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        rest = max(PAUSE, sum(panel.preparation for panel in self._panels))
        loop.call_later(rest, self._prepare, change.new, coming)

    def _prepare(self, shown: int, coming: int) -> None:
        if self._state.layer == shown:  # else the hand was faster
            for panel in self._panels:
                panel.prepare(layer=coming)
