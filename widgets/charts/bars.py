"""Bars: rows of upright ones over a shared axis, and a list of tokens with their values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.writing import number
from widgets.charts.figure import Chart, assign, short
from widgets.charts.paths import boxes, lines, put
from widgets.charts.whole_ticks import whole_step
from widgets.theme import Theme

PITCH = 1.35  # from one row's foot to the next, in heights of a row: room for its words
LONGEST_TOKEN = 13  # letters
THICK = 0.36  # half of a bar, in places


class Row(NamedTuple):
    """How one row of bars looks."""

    name: str
    color: str
    """The theme's name of it."""


class Bars(Chart):
    """Rows of bars one above the other, on the same places and with the same scale from 0."""

    def __init__(self, title: str, rows: Sequence[Row], *, x_label: str, y_label: str, height: int = 340):
        super().__init__(title, x_label=x_label, y_label=y_label, height=height)
        self.rows = tuple(rows)
        self.feet = PITCH * np.arange(len(rows))[::-1]
        self.bars = lines(self.x_scale, self.y_scale, fill="inside", stroke_width=0)
        self.names = self.label(
            [row.name for row in rows],
            np.zeros(len(rows)),
            self.feet + 1.12,
            x_offset=4,
            scales={"x": self.unit_x, "y": self.y_scale},
        )
        self.finish(self.bars, self.names)

    def draw(self, values: Float[ndarray, "row place"], *, top: float = 1.0, remarks: Sequence[str] = ()) -> None:
        """Show the rows; `top` is the value of a full height, a remark stands beside each row's name."""
        places = values.shape[1]
        at = np.arange(places)
        ticks = {float(place): str(place) for place in range(0, places, whole_step(places))}
        heights = {foot + part: number(part * top) for foot in self.feet for part in (0, 0.5, 1)}
        self.limit((-0.5, places - 0.5), (0, PITCH * len(self.rows)), x_ticks=ticks, y_ticks=heights)
        put(
            self.bars,
            [
                boxes(at - THICK, at + THICK, np.full(places, foot), foot + row / top)
                for foot, row in zip(self.feet, values, strict=True)
            ],
        )
        names = [row.name for row in self.rows]
        text = [f"{name}: {remark}" for name, remark in zip(names, remarks, strict=True)] if remarks else names
        self.names.text = np.array(text, np.str_)
        self.reveal()

    def dress(self, theme: Theme) -> None:
        colors = [getattr(theme, row.color) for row in self.rows]
        assign(self.bars, colors=colors, fill_colors=colors, fill_opacities=[1.0] * len(colors))
        assign(self.names, colors=colors, default_size=theme.size_small)


class TokenBars(Chart):
    """One bar a token, from the left, its value at its end; the first token is at the top."""

    def __init__(self, title: str, *, x_label: str, color: str = "attention", height: int = 240, left: int = 120):
        super().__init__(title, x_label=x_label, y_label="", height=height, left=left, right=64, y_top=True)
        self.color = color
        self.bars = lines(self.x_scale, self.y_scale, fill="inside", stroke_width=0)
        scales = {"x": self.x_scale, "y": self.y_scale}
        self.values = self.label([], [], [], x_offset=6, scales=scales)
        self.x_axis.grid_lines = "solid"
        self.y_axis.grid_lines = "none"
        self.finish(self.bars, self.values)

    def draw(
        self,
        tokens: Sequence[str],
        values: Float[ndarray, " token"],
        *,
        top: float = 1.0,
        texts: Sequence[str] = (),
    ) -> None:
        """Show the tokens' values on a scale from 0 to `top`; `texts` are written in place of the numbers."""
        at = np.arange(len(values))
        ticks = {float(place): short(token, LONGEST_TOKEN) for place, token in enumerate(tokens)}
        self.limit((0.0, top), (-0.5, len(values) - 0.5), y_ticks=ticks)
        put(self.bars, [boxes(np.zeros(len(at)), values, at - THICK, at + THICK)])
        words = list(texts) or [number(float(value)) for value in values]
        assign(
            self.values,
            text=np.array(words, np.str_),
            x=values.astype(np.float32),
            y=at.astype(np.float32),
        )
        self.reveal()

    def dress(self, theme: Theme) -> None:
        color = getattr(theme, self.color)
        assign(self.bars, colors=[color], fill_colors=[color], fill_opacities=[1.0])
        assign(self.values, colors=[theme.ink], default_size=theme.size_small)
