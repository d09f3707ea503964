"""The layer that comes next, made ready while nobody waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from widgets.lab import Lab

PAUSE = 0.012
"""Seconds after a change: its answer is on the way by then, and a hand that drags comes with the next screen."""


class Ahead:
    """A hand that drags the layer's slider, the arrow keys and the player go on as they went: after 5 and 6 comes 7.

    Where no loop runs (a script, most tests) nothing is made ready.
    """

    def __init__(self, lab: Lab):
        self.lab = lab
        lab.state.observe(self._turn, "layer")

    def _turn(self, change: Any) -> None:
        coming = change.new + (1 if change.new > change.old else -1)
        if not 0 <= coming < self.lab.state.layer_count:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        loop.call_later(PAUSE, self._prepare, change.new, coming)

    def _prepare(self, shown: int, coming: int) -> None:
        if self.lab.state.layer == shown:  # else the hand was faster
            for panel in self.lab.panels:
                panel.prepare(layer=coming)
