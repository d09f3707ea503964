"""A learner's prediction laid over a chart."""

from __future__ import annotations

from typing import Any

import numpy as np
from bqplot.marks import Mark
from jaxtyping import Float
from numpy import ndarray

from core.writing import number
from widgets.charts.figure import Chart, Point, assign
from widgets.charts.heatmap_grid import NAME_OFFSET, HeatMapGrid
from widgets.charts.paths import boxes, lines, put
from widgets.charts.pixels import Pixels
from widgets.theme import Theme

Line = tuple[Float[ndarray, " point"], Float[ndarray, " point"]]
ENDS = np.array([0.0, 1.0])
HEAD = {"align": "end", "y_offset": -15}
"""Of a name above the plot, at the right."""


class Overlay:
    """A dashed line with a name on top of a chart, until it is taken off.

    The line's x and y are shares of the plot, or data where `scales` says so; the name stands at `at`, as `label` says.
    Without `clip` the line may leave the plot.
    """

    def __init__(
        self, chart: Chart, line: Line, name: str, at: Point, label: dict[str, Any], clip: bool = True, **scales: Any
    ):
        self.chart = chart
        scales = {"x": chart.unit_x, "y": chart.unit_y, **scales}
        self.line = lines(scales["x"], scales["y"], line_style="dashed", stroke_width=2.5, apply_clip=clip)
        put(self.line, [line])
        self.label = chart.label([name], [at[0]], [at[1]], weight="bold", **label)
        self.marks: list[Mark] = [self.line, self.label]
        self._pixels = Pixels(*self.marks)
        chart.widget.marks = [*chart.widget.marks, *self.marks]

    def apply(self, theme: Theme) -> None:
        """Show it in a theme."""
        self._pixels.enlarge(theme.scale)
        assign(self.line, colors=[theme.selected])
        assign(self.label, colors=[theme.selected], default_size=theme.size_small)

    def take_off(self) -> None:
        """Leave the chart as it was."""
        self.chart.widget.marks = [mark for mark in self.chart.widget.marks if mark not in self.marks]
        for mark in self.marks:
            mark.close()


class Frame:
    """A prediction that is a row or a cell of a heat map."""

    def __init__(self, chart: Any, **place: int):
        self.chart = chart
        chart.highlight(**place)

    def apply(self, _: Theme) -> None:
        """Its black and white can be seen on any colours."""

    def take_off(self) -> None:
        """Leave the chart as it was."""
        self.chart.highlight()


Laid = Overlay | Frame


def level(chart: Chart, y: float) -> Overlay:
    """A line across the plot."""
    name, y = _within(y, chart.y_scale, "↑", "↓")
    return Overlay(chart, (ENDS, np.full(2, y)), f"╍╍ {name}", (1, 1), HEAD, y=chart.y_scale)


def choice(chart: Chart, place: float) -> Overlay:
    """A line across the bar that was chosen."""
    scales = {"x": chart.unit_x, "y": chart.y_scale}
    label = {"align": "end", "x_offset": -6, "y_offset": -9, "scales": scales}
    return Overlay(chart, (ENDS, np.full(2, place)), "Your choice", (1, place), label, y=chart.y_scale)


def upright(chart: Chart, x: float) -> Overlay:
    """A line from the plot's foot to its top."""
    name, x = _within(x, chart.x_scale, "→", "←")
    right = x > (chart.x_scale.min + chart.x_scale.max) / 2
    scales = {"x": chart.x_scale, "y": chart.unit_y}
    label = {"align": "end" if right else "start", "x_offset": -6 if right else 6, "y_offset": 14, "scales": scales}
    return Overlay(chart, (np.full(2, x), ENDS), name, (x, 1), label, x=chart.x_scale)


def sloped(chart: Chart, slope: float) -> Overlay:
    """A line through the origin, as far as it stays in the plot."""
    limits = np.array([chart.x_scale.min, chart.x_scale.max])
    x = np.clip(limits, *sorted((chart.y_scale.min / slope, chart.y_scale.max / slope)))
    name = f"╍╍ You: slope {number(slope)}"
    return Overlay(chart, (x, slope * x), name, (1, 1), HEAD, x=chart.x_scale, y=chart.y_scale)


def framed(chart: HeatMapGrid, head: int) -> Overlay:
    """A frame around the panel that was chosen and its name, in the gaps between panels."""
    left, right, top, bottom = chart.mosaic.box(head)
    beside, below = chart.mosaic.gap / 3, chart.mosaic.name / 8
    line = boxes(*(np.array([edge]) for edge in (left - beside, right + beside, top - 7.5 * below, bottom + below)))
    scales = {"x": chart.x_scale, "y": chart.y_scale}
    label = {"align": "end", "y_offset": NAME_OFFSET, "scales": scales}
    return Overlay(chart, line, "You", (right, top), label, clip=False, **scales)


def _within(value: float, scale: Any, above: str, below: str) -> tuple[str, float]:
    """A name and a place: the plot's edge, with an arrow, for what lies outside."""
    name = f"You: {number(value)}"
    if value > scale.max:
        return f"{name} {above}", scale.max
    if value < scale.min:
        return f"{name} {below}", scale.min
    return name, value
