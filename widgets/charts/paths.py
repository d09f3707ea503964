"""Marks that draw many shapes as one SVG path, because a node a shape is too slow to follow a slider.

bqplot breaks a line where y is not finite, and a stretch of a single point is drawn as the line's cap: a round
or square dot as wide as the stroke. So the points of a scatter, error bars and bars are each one `Lines` curve.
Only browsers draw such caps: `downloads/shapes.js` makes circles and squares of them in a saved picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from bqplot import Lines
from bqplot.marks import Mark
from bqplot.scales import Scale
from jaxtyping import Float
from numpy import ndarray

Curves = Sequence[tuple[Float[ndarray, " point"], Float[ndarray, " point"]]]


def lines(x_scale: Scale, y_scale: Scale, **traits: object) -> Lines:
    """A Lines mark that leaves the scales alone."""
    return Lines(
        scales={"x": x_scale, "y": y_scale},
        x=EMPTY,
        y=EMPTY,
        preserve_domain={"x": True, "y": True},
        enable_hover=False,
        **traits,
    )


def put(mark: Lines, curves: Curves) -> None:
    """Draw one or more curves of any lengths with a mark, in one message.

    Every row of the mark's arrays begins and ends with a point, as bqplot's script expects: the last one is
    repeated to the longest curve's length, and a curve without points is one outside the plot.
    """
    with mark.hold_sync():
        if not any(len(x) for x, _ in curves):
            mark.x = mark.y = EMPTY
            return
        length = max(2, *(len(x) for x, _ in curves))  # bqplot takes a single number for no array
        block = np.empty((2, len(curves), length), np.float32)
        for row, (x, y) in enumerate(curves):
            for axis, values in enumerate((x, y) if len(x) else _outside(mark)):
                block[axis, row, : len(values)] = values
                block[axis, row, len(values) :] = values[-1]
        mark.x, mark.y = block


def dots(x: Float[ndarray, " point"], y: Float[ndarray, " point"]) -> tuple[ndarray, ndarray]:
    """Single points: each stands alone between gaps."""
    return _parted(np.asarray(x)[:, None], np.asarray(y)[:, None])


def segments(
    x: Float[ndarray, " segment"], low: Float[ndarray, " segment"], high: Float[ndarray, " segment"]
) -> tuple[ndarray, ndarray]:
    """Upright strokes from `low` to `high`: error bars."""
    return _parted(np.stack([x, x], axis=-1), np.stack([low, high], axis=-1))


def strokes(
    left: Float[ndarray, " stroke"], right: Float[ndarray, " stroke"], y: Float[ndarray, " stroke"]
) -> tuple[ndarray, ndarray]:
    """Level strokes from `left` to `right`."""
    return _parted(np.stack([left, right], axis=-1), np.stack([y, y], axis=-1))


def boxes(
    left: Float[ndarray, " box"],
    right: Float[ndarray, " box"],
    low: Float[ndarray, " box"],
    high: Float[ndarray, " box"],
) -> tuple[ndarray, ndarray]:
    """Closed rectangles, to be filled."""
    return _parted(np.stack([left, right, right, left, left], axis=-1), np.stack([low, low, high, high, low], axis=-1))


def _parted(x: Float[ndarray, "shape point"], y: Float[ndarray, "shape point"]) -> tuple[ndarray, ndarray]:
    """Shapes one after the other, with a gap (y NaN) between them."""
    x = np.concatenate([x, x[:, -1:]], axis=1)
    y = np.concatenate([y, np.full((len(y), 1), np.nan)], axis=1)
    return x.reshape(-1)[:-1], y.reshape(-1)[:-1]


def band(
    along: Float[ndarray, " point"], low: Float[ndarray, " point"], high: Float[ndarray, " point"]
) -> tuple[ndarray, ndarray]:
    """The outline between two curves over one axis, there and back."""
    return np.concatenate([along, along[::-1]]), np.concatenate([low, high[::-1]])


class Outline:
    """A frame that can be seen on any colours: a line with a wider one below it."""

    def __init__(self, x_scale: Scale, y_scale: Scale, width: float):
        self.below = lines(x_scale, y_scale, stroke_width=2 * width, apply_clip=False)
        self.line = lines(x_scale, y_scale, stroke_width=width, apply_clip=False)
        self.marks: list[Mark] = [self.below, self.line]

    def put(self, *framed: tuple[float, float, float, float]) -> None:
        """Frame boxes, each by its left, right, low, high; or nothing."""
        curves = [boxes(*np.array(framed).T)] if framed else []
        for mark in (self.below, self.line):
            put(mark, curves)

    def color(self, line: str, below: str) -> None:
        """Colour both lines."""
        self.line.colors, self.below.colors = [line], [below]


def _outside(mark: Lines) -> tuple[Float[ndarray, " 1"], Float[ndarray, " 1"]]:
    """A point to the right of the plot, by some widths: boxes of millions of pixels bring browsers down."""
    low, high = mark.scales["x"].min, mark.scales["x"].max
    away = FAR if low is None or high is None else high + WIDTHS_AWAY * (high - low)
    return np.array([away]), np.array([1.0])


EMPTY = np.zeros(0, np.float32)
WIDTHS_AWAY = 100  # nowhere near any picture, also where a chart that is compared takes a wider scale
FAR = 1e9  # where a scale has no limits
