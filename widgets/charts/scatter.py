"""Points in the plane."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from widgets.charts.figure import Chart, Limits, assign, nice_limits, padded
from widgets.charts.lines import zero_line
from widgets.charts.paths import dots, lines, put
from widgets.theme import Theme


class ScatterChart(Chart):
    """Up to a few thousand points as one path, all of one kind.

    Args:
        color: the theme's name of it.
        identity: the dashed line y = x.
        zero: a dashed line at y = 0.
    """

    def __init__(
        self,
        title: str,
        *,
        x_label: str,
        y_label: str,
        color: str = "attention",
        identity: bool = False,
        zero: bool = False,
        height: int = 360,
    ):
        super().__init__(title, x_label=x_label, y_label=y_label, height=height, left=88)
        self.color, self.identity = color, identity
        self.zero = zero_line(self, "y" if zero else "none")
        self.diagonal = lines(self.x_scale, self.y_scale, line_style="dashed", stroke_width=1.5)
        self.points = lines(self.x_scale, self.y_scale, stroke_width=5)
        self.remark = self.label([""], [0.02], [0.95], weight="bold")
        self.finish(self.zero, self.points, self.diagonal, self.remark)

    def draw(
        self,
        x: Float[ndarray, " point"],
        y: Float[ndarray, " point"],
        *,
        remark: str = "",
        x_limits: Limits | None = None,
        y_limits: Limits | None = None,
    ) -> None:
        """Show points, with a remark in the plot's corner, such as their slope."""
        x_limits = x_limits or nice_limits(float(x.min()), float(x.max()))
        y_limits = y_limits or nice_limits(float(y.min()), float(y.max()))
        self.limit(padded(x_limits), padded(y_limits))
        put(self.points, [dots(x, y)])
        if self.identity:
            put(self.diagonal, [(np.array(x_limits), np.array(x_limits))])
        self.remark.text = np.array([remark], np.str_)
        self.reveal()

    def dress(self, theme: Theme) -> None:
        assign(self.zero, colors=[theme.muted])
        assign(self.diagonal, colors=[theme.muted])
        assign(self.points, colors=[getattr(theme, self.color)], opacities=[0.7])
        assign(self.remark, colors=[theme.ink], default_size=theme.size_small)
