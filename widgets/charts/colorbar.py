"""The colour bar in a chart's header: the scale's limits at its ends, what it measures and the data's own below."""

from __future__ import annotations

import numpy as np
from bqplot.marks import Mark
from jaxtyping import UInt8
from numpy import ndarray

from core.writing import number
from widgets.charts.figure import Chart, Limits
from widgets.charts.picture import LEVELS, Picture, png
from widgets.theme import Theme

THICK = 10  # px
END = 0.84  # of the plot's width: the upper limit stands after it
LONGEST = 5  # letters of a lower limit that the margin holds


class ColorBar:
    """Takes two rows of a chart's header: a gradient over the plot between its limits, then words."""

    def __init__(self, chart: Chart):
        center = chart.row_offsets[0]
        half = THICK / 2 / chart.plot_height
        # Around the plot's upper edge: charts.css moves what is not pixelated up, however high the plot is.
        place = {"x": [0, END], "y": [1 - half, 1 + half]}
        self.picture = Picture(chart.unit_x, chart.unit_y, apply_clip=False, pixelated=False, **place)
        self.low = chart.label([""], [0], [1], x_offset=-7, y_offset=round(center), align="end")
        self.high = chart.label([""], [END], [1], x_offset=7, y_offset=round(center), align="start")
        self.words = chart.label([""], [0], [1], y_offset=round(chart.row_offsets[1] - 1))
        self.marks: list[Mark] = [self.picture.mark, self.low, self.high, self.words]

    def draw(self, limits: Limits, words: str) -> None:
        """Write the scale's limits and what stands below them; one that goes both ways may say so at its upper end."""
        low, high = map(number, limits)
        if len(low) > LONGEST and limits[0] == -limits[1]:
            low, high = "", f"±{high}"
        for mark, text in ((self.low, low), (self.high, high), (self.words, words)):
            mark.text = np.array([text], np.str_)

    def dress(self, theme: Theme, table: UInt8[ndarray, "level 3"]) -> None:
        """Paint the gradient with a palette's colours."""
        colors = np.zeros((256, 3), np.uint8)
        colors[: len(table)] = table
        self.picture.show(png(np.arange(min(len(table), LEVELS), dtype=np.uint8)[None], colors))
        for mark, color in ((self.low, theme.ink), (self.high, theme.ink), (self.words, theme.muted)):
            with mark.hold_sync():
                mark.colors, mark.default_size = [color], theme.size_small


def measured(label: str, data: Limits) -> str:
    """The words below a bar: what the colours measure, and the data's own range."""
    low, high = data
    words = f"data {number(low)} … {number(high)}" if low <= high else "no values"
    return f"{label} · {words}" if label else words
