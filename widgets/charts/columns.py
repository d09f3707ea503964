"""Columns in two groups, with lines across them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from numpy import ndarray

from core.writing import number
from widgets.charts.figure import Chart, assign
from widgets.charts.lines import Series
from widgets.charts.paths import boxes, lines, put, strokes
from widgets.theme import Theme

THICK = 0.42  # half of a column, in places
SHADES = (0.34, 0.14)  # of the two groups


class Levels(NamedTuple):
    """Lines across columns: each from the column `start` to the one before `stop`, counted from 0."""

    start: Float[ndarray, " line"]
    stop: Float[ndarray, " line"]
    at: Float[ndarray, " line"]


class Columns(Chart):
    """One column a number, from 0, in the two shades of two groups; levels across them, such as their means.

    Args:
        levels: how each kind of level looks, and how wide its lines are, px; with a legend above the plot.
    """

    def __init__(self, title: str, levels: Mapping[Series, int], *, x_label: str, y_label: str = "", height: int = 300):
        super().__init__(title, x_label=x_label, y_label=y_label, height=height, rows=1)
        self.series = tuple(levels)
        self.columns = lines(self.x_scale, self.y_scale, fill="inside", stroke_width=0)
        self.levels = [
            lines(
                self.x_scale,
                self.y_scale,
                line_style="dashed" if one.line == "dashed" else "solid",
                stroke_width=width,
            )
            for one, width in levels.items()
        ]
        self.finish(self.columns, *self.levels, legend=[one.key for one in levels])

    def draw(self, numbers: Shaped[ndarray, " column"], cut: int, *levels: Levels) -> None:
        """Show the numbers, the first `cut` of them as one group, and levels of each kind."""
        centre = np.arange(len(numbers)) + 0.5
        ticks = {float(place): number(one) for place, one in zip(centre, numbers, strict=True)}
        self.limit((0.0, float(len(numbers))), (0.0, float(numbers.max())), x_ticks=ticks)
        put(
            self.columns,
            [
                boxes(centre[group] - THICK, centre[group] + THICK, np.zeros(len(centre[group])), numbers[group])
                for group in (slice(cut), slice(cut, None))
            ],
        )
        for mark, level in zip(self.levels, levels, strict=True):
            put(mark, [strokes(*level)])
        self.reveal()

    def dress(self, theme: Theme) -> None:
        color = theme.attention
        assign(self.columns, colors=[color] * 2, fill_colors=[color] * 2, fill_opacities=list(SHADES))
        for one, mark in zip(self.series, self.levels, strict=True):
            assign(mark, colors=[getattr(theme, one.color)])
