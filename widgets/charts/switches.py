"""All layers and heads of a model, each on or off."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, UInt8
from numpy import ndarray

from widgets.charts.figure import Key
from widgets.charts.head_grid import HeadGrid
from widgets.charts.picture import GAP, HATCH, HATCH_PITCH, MASKED, palette
from widgets.theme import Theme, to_rgb

SIDE = 5 * HATCH_PITCH
"""Dots along a side of a head's place."""
EDGE = 2
"""Of them left empty, all around."""
ON = 0


class Switches(HeadGrid):
    """A place for every head: full where it is on, hatched where it is off."""

    def __init__(self, title: str, *, height: int):
        super().__init__(title, height=height, rows=1)
        self.complete(legend=[Key("■", "on", "attention"), Key("▨", "off", "muted")])

    def draw(self, off: Bool[ndarray, "layer head"]) -> None:
        """Show which heads are off."""
        self.lay_out(*off.shape)
        places = np.full((*off.shape, SIDE, SIDE), GAP, np.uint8)
        lines = np.add.outer(np.arange(SIDE), np.arange(SIDE)) % HATCH_PITCH < 2
        inside = slice(EDGE, -EDGE)
        hatched = np.where(lines, HATCH, MASKED)[inside, inside]
        places[:, :, inside, inside] = np.where(off[:, :, None, None], hatched, ON)
        self.paint(places)
        self.reveal()

    def palette(self, theme: Theme) -> UInt8[ndarray, "256 3"]:
        table = palette(theme, "magma")
        table[ON] = to_rgb(theme.attention)
        return table
