"""Curves over a shared axis: points, lines, bands, error bars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from bqplot import Lines
from bqplot.marks import Mark
from jaxtyping import Float
from numpy import ndarray

from widgets.charts.figure import Chart, Key, Limits, assign, nice_limits
from widgets.charts.paths import band, dots, lines, put, segments
from widgets.theme import Theme

SIGNS = {"circle": "●", "square": "■"}


class Series(NamedTuple):
    """How one curve looks: a line, points of a shape, or both; its legend entry, if it has a name."""

    name: str
    color: str
    """The theme's name of it."""
    line: Literal["solid", "dashed", "none"] = "solid"
    points: Literal["circle", "square", "none"] = "none"

    @property
    def key(self) -> Key:
        """Its legend entry: a sign that looks like it."""
        stroke = {"solid": "━━", "dashed": "╍╍", "none": ""}[self.line]
        return Key(stroke + SIGNS.get(self.points, ""), self.name, self.color)


class Curve(NamedTuple):
    """The numbers of one series; `low` and `high` are its band, or its error bars if it has points."""

    x: Float[ndarray, " point"]
    y: Float[ndarray, " point"]
    low: Float[ndarray, " point"] | None = None
    high: Float[ndarray, " point"] | None = None

    @property
    def spread(self) -> tuple[Float[ndarray, " point"], Float[ndarray, " point"]] | None:
        """`low` and `high`, if there are both."""
        return None if self.low is None or self.high is None else (self.low, self.high)


class LineChart(Chart):
    """Named series over one pair of axes, with the legend above the plot.

    Args:
        zero: a dashed line where "x" or "y" is zero.
        log_y: y is logarithmic.
    """

    def __init__(
        self,
        title: str,
        series: Sequence[Series],
        *,
        x_label: str,
        y_label: str,
        zero: Literal["x", "y", "none"] = "none",
        log_y: bool = False,
        height: int = 340,
    ):
        keys = list(dict.fromkeys(one.key for one in series if one.name))
        super().__init__(title, x_label=x_label, y_label=y_label, height=height, rows=1 if keys else 0, log_y=log_y)
        self.series = tuple(series)
        self.log_y = log_y
        self.zero = zero_line(self, zero)
        self.bands = [lines(self.x_scale, self.y_scale, fill="inside", stroke_width=0) for _ in series]
        self.bars = lines(self.x_scale, self.y_scale, stroke_width=2)
        self.lines = [
            lines(self.x_scale, self.y_scale, line_style="dashed" if one.line == "dashed" else "solid")
            for one in series
        ]
        self.points = lines(self.x_scale, self.y_scale, stroke_width=6)
        self.mark = lines(self.x_scale, self.unit_y, stroke_width=6)
        marks: list[Mark] = [*self.bands, self.zero, self.mark, self.bars, self.points, *self.lines]
        self.finish(*marks, legend=keys)

    def draw(self, *curves: Curve, x_limits: Limits | None = None, y_limits: Limits | None = None) -> None:
        """Show one curve a series, in their order; limits that are not given fit the data."""
        self.limit(x_limits or self._fit("x", curves), y_limits or self._fit("y", curves))
        points, bars = [], []
        for shape, curve, line, area in zip(self.series, curves, self.lines, self.bands, strict=True):
            pointed, spread = shape.points != "none", curve.spread
            put(line, [(curve.x, curve.y)] if shape.line != "none" else [])
            put(area, [band(curve.x, *spread)] if spread and not pointed else [])
            points.append(dots(curve.x, curve.y) if pointed else NOTHING)
            bars.append(segments(curve.x, *spread) if spread and pointed else NOTHING)
        put(self.points, points)
        put(self.bars, bars)
        self.reveal()

    def mark_x(self, x: float | None) -> None:
        """Mark a place on the x axis, such as the selected layer, with an upright line."""
        put(self.mark, [] if x is None else [(np.array([x, x]), np.array([0.0, 1.0]))])

    def dress(self, theme: Theme) -> None:
        colors = [getattr(theme, one.color) for one in self.series]
        for color, line, area in zip(colors, self.lines, self.bands, strict=True):
            assign(line, colors=[color])
            assign(area, colors=[color], fill_colors=[color], fill_opacities=[0.18], opacities=[1])
        assign(self.points, colors=colors)
        assign(self.bars, colors=colors)
        assign(self.zero, colors=[theme.muted])
        assign(self.mark, colors=[theme.selected], opacities=[0.35])

    def _fit(self, axis: Literal["x", "y"], curves: Sequence[Curve]) -> Limits:
        parts = (
            [curve.x for curve in curves]
            if axis == "x"
            else [part for curve in curves for part in (curve.y, curve.low, curve.high) if part is not None]
        )
        values = np.concatenate([part[np.isfinite(part)] for part in parts]) if parts else np.zeros(0)
        if not values.size:
            return 0.1, 1.0
        low, high = float(values.min()), float(values.max())
        if axis == "x":
            return (low, high) if high > low else (low - 0.5, high + 0.5)
        if self.log_y:
            return 10 ** np.floor(np.log10(low)), 10 ** np.ceil(np.log10(high))
        return nice_limits(min(low, 0.0) if low >= 0 else low, high)


NOTHING = (np.zeros(0), np.zeros(0))


def zero_line(chart: Chart, zero: Literal["x", "y", "none"]) -> Lines:
    """A dashed line across the plot where x or y is zero."""
    across, still = np.array([0.0, 1.0]), np.zeros(2)
    mark = lines(
        chart.x_scale if zero == "x" else chart.unit_x,
        chart.unit_y if zero == "x" else chart.y_scale,
        line_style="dashed",
        stroke_width=1.25,
    )
    if zero != "none":
        put(mark, [(still, across) if zero == "x" else (across, still)])
    return mark
