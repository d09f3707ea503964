"""A small heat map for every layer and head, as one picture."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from widgets.charts.colorbar import ColorBar, measured
from widgets.charts.figure import Limits
from widgets.charts.head_grid import HeadGrid
from widgets.charts.matrix import data_limits
from widgets.charts.picture import GAP, LEVELS, MASKED, palette, quantise
from widgets.theme import Theme


class LayerGrid(HeadGrid):
    """Row 0 of each map is at its top. What is NaN is grey."""

    def __init__(self, title: str, *, colormap: str, bar_label: str, height: int):
        super().__init__(title, height=height, rows=2)
        self.colormap, self.bar_label = colormap, bar_label
        self.data_range: Limits = (0.0, 0.0)
        self._values: Float[ndarray, "layer head row column"] = np.zeros((1, 1, 1, 1), np.float32)
        self.bar = ColorBar(self)
        self.complete(*self.bar.marks)

    def draw(self, maps: Float[ndarray, "layer head row column"], *, limits: Limits) -> None:
        """Show the maps on one colour scale."""
        self._values, self.data_range = maps, data_limits(maps)
        self.lay_out(*maps.shape[:2])
        self._shown.pop("color", None)  # these values are not shown yet
        self.need("color", limits)
        self.reveal()

    def recolor(self, limits: Limits) -> None:
        self.paint(laid(self._values, limits))
        self.bar.draw(limits, measured(self.bar_label, self.data_range))

    def palette(self, theme: Theme) -> UInt8[ndarray, "256 3"]:
        return palette(theme, self.colormap)

    def dress(self, theme: Theme) -> None:
        super().dress(theme)
        self.bar.dress(theme, self.palette(theme)[:LEVELS])


def laid(maps: Float[ndarray, "layer head row column"], limits: Limits) -> UInt8[ndarray, "layer head y x"]:
    """The maps' cells, with an empty row above and an empty column before each."""
    layers, heads, rows, columns = maps.shape
    places = np.full((layers, heads, rows + 1, columns + 1), GAP, np.uint8)
    places[:, :, 1:, 1:] = np.where(np.isnan(maps), MASKED, quantise(maps, *limits))
    return places
