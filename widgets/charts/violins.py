"""Samples side by side: jittered points inside a kernel density."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from bqplot.marks import Mark

from core.attention.distributions import Sample
from widgets.charts.figure import Chart, Limits, assign, nice_limits, padded
from widgets.charts.lines import NOTHING, zero_line
from widgets.charts.paths import FAR, band, dots, lines, put
from widgets.theme import Theme

LONG_NAME = 15  # letters
HALF_WIDTH = 0.38  # of the widest violin; groups stand 1 apart


class Group(NamedTuple):
    """How one sample looks. Points are circles in the first group of a chart, squares in the second."""

    name: str
    color: str
    """The theme's name of it."""
    outline: Literal["solid", "dashed"] = "solid"


class Violins(Chart):
    """One column a group, at x = 0, 1, …; a sample without a violin gets its points and a line at its mean.

    Args:
        zero: a dashed line at y = 0.
    """

    def __init__(
        self,
        title: str,
        groups: Sequence[Group],
        *,
        y_label: str,
        zero: bool = False,
        height: int = 360,
    ):
        super().__init__(title, x_label="", y_label=y_label, height=height, bottom=46)
        self.widget.add_class("lab-violins")
        self.groups = tuple(groups)
        self.zero = zero_line(self, "y" if zero else "none")
        self.points = lines(self.x_scale, self.y_scale, stroke_width=4)
        self.outlines = [
            lines(self.x_scale, self.y_scale, line_style=group.outline, stroke_width=2, fill="inside")
            for group in groups
        ]
        self.limit(x=(-0.46, len(groups) - 0.54))
        self.x_axis.visible = False
        words = [_two_lines(group.name) for group in groups]
        at, foot = np.arange(len(groups)), np.zeros(len(groups))
        self.names = [
            self.label(line, at, foot, y_offset=y, align="middle", scales={"x": self.x_scale, "y": self.unit_y})
            for line, y in zip(zip(*words, strict=True), (14, 33), strict=True)
        ]
        marks: list[Mark] = [self.zero, *self.outlines, self.points, *self.names]
        self.finish(*marks)

    def draw(self, *samples: Sample, y_limits: Limits | None = None) -> None:
        """Show one sample a group, in their order."""
        values = np.concatenate([sample.values for sample in samples])
        if y_limits is None and values.size:
            y_limits = nice_limits(float(values.min()), float(values.max()))
        self.limit(y=padded(y_limits) if y_limits else None)
        # All jitters begin alike. So shorter samples share the longest one's, and x is sent only when that changes.
        jitter = max((sample.jitter for sample in samples), key=len)
        heights = [np.append(sample.drawn, np.full(len(jitter) - len(sample.drawn), FAR)) for sample in samples]
        put(self.points, [dots(place + jitter, y) for place, y in enumerate(heights)])
        for place, (mark, sample) in enumerate(zip(self.outlines, samples, strict=True)):
            put(mark, [_outline(place, sample)])
        drawn = [
            f"{len(sample.drawn):,} of {len(sample.values):,} ({group.name})"
            for group, sample in zip(self.groups, samples, strict=True)
            if sample.sampled
        ]
        self.note = f"Points drawn: {', '.join(drawn)}; the violin is made of all." if drawn else ""
        self.reveal()

    def dress(self, theme: Theme) -> None:
        colors = [getattr(theme, group.color) for group in self.groups]
        assign(self.zero, colors=[theme.muted])
        assign(self.points, colors=colors, opacities=[0.8] * len(colors))
        for color, mark in zip(colors, self.outlines, strict=True):
            assign(mark, colors=[color], fill_colors=[color], fill_opacities=[0.2])
        for names in self.names:
            assign(names, colors=colors, default_size=theme.size_small)


def _two_lines(name: str) -> tuple[str, str]:
    """A long name in two lines, because words in a figure do not wrap."""
    if len(name) <= LONG_NAME or " " not in name:
        return name, ""
    cut = min((at for at, sign in enumerate(name) if sign == " "), key=lambda at: abs(at - len(name) / 2))
    return name[:cut], name[cut + 1 :]


def _outline(place: int, sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    if sample.violin is None:
        if not len(sample.values):
            return NOTHING
        return place + np.array([-HALF_WIDTH, HALF_WIDTH]), np.full(2, sample.summary.mean)
    at, density = sample.violin
    half = HALF_WIDTH * density / density.max()
    y, x = band(at, place - half, place + half)
    return np.append(x, x[0]), np.append(y, y[0])
