"""Many small heat maps that share their scales, as one picture."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from numpy import ndarray

from widgets.charts.colorbar import ColorBar, measured
from widgets.charts.figure import Chart, Limits, Point, assign
from widgets.charts.matrix import data_limits
from widgets.charts.paths import Outline
from widgets.charts.picture import GAP, LEVELS, Picture, Remembered, block_mean, palette, png, quantise
from widgets.charts.whole_ticks import whole_step
from widgets.theme import Theme

MOST_CELLS = 125_000  # one byte each before compression
NAME_HEIGHT = 22  # px above each panel for its name
NAME_OFFSET = -10  # px from the panel's upper edge
GAP_WIDTH = 14  # px between panels, on a figure WIDTH wide
WIDTH = 860


class Mosaic(NamedTuple):
    """Where the panels stand, in cells of the picture, x from the left and y from the top."""

    heads: int
    rows: int
    """of a panel"""
    columns: int
    """of a panel, after `step`"""
    step: int
    """Columns of the data that one column of the picture is the mean of."""
    across: int
    """Panels side by side."""
    name: int
    """Empty rows above each panel."""
    gap: int
    """Empty columns after each panel."""

    @property
    def down(self) -> int:
        return ceil(self.heads / self.across)

    @property
    def pitch(self) -> tuple[int, int]:
        """From one panel to the next, (x, y)."""
        return self.columns + self.gap, self.rows + self.name

    def corner(self, head: int) -> tuple[int, int]:
        """Upper left corner of a panel."""
        row, column = divmod(head, self.across)
        return column * self.pitch[0], row * self.pitch[1] + self.name

    def box(self, head: int) -> tuple[int, int, int, int]:
        """Left, right, upper and lower edge of a panel."""
        left, top = self.corner(head)
        return left, left + self.columns, top, top + self.rows

    def head_at(self, x: float, y: float) -> int | None:
        """The head whose panel or name is there."""
        column, row = int(x // self.pitch[0]), int(y // self.pitch[1])
        head = row * self.across + column
        return head if 0 <= column < self.across and 0 <= head < self.heads else None

    def lay(self, cells: UInt8[ndarray, "head row column"]) -> UInt8[ndarray, "y x"]:
        """The picture: each head's row 0 at the bottom of its panel, all else GAP."""
        places = np.full((self.down * self.across, self.pitch[1], self.pitch[0]), GAP, np.uint8)
        places[: self.heads, self.name :, : self.columns] = cells[:, ::-1]
        grid = places.reshape(self.down, self.across, *places.shape[1:]).transpose(0, 2, 1, 3)
        return grid.reshape(self.down * self.pitch[1], -1)[:, : self.across * self.pitch[0] - self.gap]


class Painted(NamedTuple):
    """A mosaic's cells, and the PNG of them."""

    cells: UInt8[ndarray, "y x"]
    data: bytes


class HeatMapGrid(Chart):
    """H panels in ⌈√H⌉ columns, row 0 of each at the bottom; the places that are left over stay empty."""

    def __init__(
        self,
        title: str,
        *,
        x_label: str,
        y_label: str,
        colormap: str = "plasma",
        bar_label: str = "",
        height: int = 640,
    ):
        super().__init__(title, x_label=x_label, y_label=y_label, height=height, rows=2, y_top=True)
        self.widget.add_class("lab-heatmap")
        self.colormap, self.bar_label = colormap, bar_label
        self.mosaic = Mosaic(0, 1, 1, 1, 1, 0, 0)
        self.selected: int | None = None
        self.data_range: Limits = (0.0, 0.0)
        self._values: Float[ndarray, "head row column"] = np.zeros((1, 1, 1), np.float32)
        self._cells = np.full((1, 1), GAP, np.uint8)
        self._ranges: Remembered[Limits] = Remembered()
        self._painted: Remembered[Painted] = Remembered()
        self.picture = Picture(self.x_scale, self.y_scale)
        self.bar = ColorBar(self)
        self.names = self.label([], [], [], y_offset=NAME_OFFSET, scales={"x": self.x_scale, "y": self.y_scale})
        self.frame = Outline(self.x_scale, self.y_scale, 3)
        self.y_axis.grid_lines = "none"
        self.finish(self.picture.mark, self.names, *self.frame.marks, *self.bar.marks)

    def draw(
        self, values: Float[ndarray, "head row column"], *, name: str = "Qh", limits: Limits | None = None
    ) -> None:
        """Show one panel a head, labelled `name` and its number; without limits the scale fits the data."""
        self.data_range = self._ranges.get(values, None, lambda: data_limits(values))
        limits = self.data_range if limits is None else limits
        self._place(*values.shape)
        step = self.mosaic.step
        self.note = f"Each dot of the picture is the mean of {step} tokens." if step > 1 else ""
        texts = np.array([f"{name}{head}" for head in range(self.mosaic.heads)], np.str_)
        if not np.array_equal(texts, self.names.text):
            self.names.text = texts
        self._values = values
        self._shown.pop("color", None)  # these values are not shown yet
        self.need("color", limits)
        self.reveal()

    def sketch(self, values: Float[ndarray, "head row column"], *, limits: Limits | None = None) -> None:
        """Make the picture of values that `draw` may soon be given, if they have the shape of those on show."""
        if values.shape == self._values.shape:
            data_range = self._ranges.get(values, None, lambda: data_limits(values))
            self._paint(values, data_range if limits is None else limits)

    def recolor(self, limits: Limits) -> None:
        self._cells, data = self._paint(self._values, limits)
        self.picture.show(data)
        self.bar.draw(limits, measured(self.bar_label, self.data_range))

    def select(self, head: int | None) -> None:
        """Frame a head's panel."""
        selected = head if head is not None and head < self.mosaic.heads else None
        if selected != self.selected:
            self.selected = selected
            self._frame()

    def _frame(self) -> None:
        self.frame.put(*([] if self.selected is None else [self.mosaic.box(self.selected)]))
        self._color_names()

    def on_head_click(self, callback: Callable[[int], None]) -> None:
        """Call back with the head whose panel or name is clicked."""

        def clicked(point: Point) -> None:
            head = self.mosaic.head_at(*point)
            if head is not None:
                callback(head)

        self.on_click(clicked)

    def dress(self, theme: Theme) -> None:
        table = palette(theme, self.colormap)
        self.bar.dress(theme, table[:LEVELS])
        self.picture.show(png(self._cells, table))
        self.frame.color(theme.selected, theme.page)
        assign(self.names, default_size=theme.size_small)
        self._color_names()

    def _paint(self, values: Float[ndarray, "head row column"], limits: Limits) -> Painted:
        def paint() -> Painted:
            step = self.mosaic.step
            cells = self.mosaic.lay(quantise(block_mean(values, 1, step) if step > 1 else values, *limits))
            return Painted(cells, png(cells, palette(self.theme, self.colormap), strategy=zlib.Z_RLE))

        return self._painted.get(values, (limits, self.mosaic, self.theme), paint)

    def _color_names(self) -> None:
        theme, heads = self.theme, range(self.mosaic.heads)
        self.names.colors = [theme.selected if head == self.selected else theme.ink for head in heads] or [theme.ink]

    def _place(self, heads: int, rows: int, columns: int) -> None:
        """Lay the mosaic out anew if its shape is another one."""
        across = ceil(sqrt(heads))
        down = ceil(heads / across)
        step = ceil(columns / max(1, MOST_CELLS // (heads * rows)))
        fewer = ceil(columns / step)
        cell_height = (self.plot_height - down * NAME_HEIGHT) / (down * rows)
        cell_width = (WIDTH - (across - 1) * GAP_WIDTH) / (across * fewer)
        name, gap = max(1, round(NAME_HEIGHT / cell_height)), max(1, round(GAP_WIDTH / cell_width))
        mosaic = Mosaic(heads, rows, fewer, step, across, name, gap)
        if mosaic == self.mosaic:
            return
        self.mosaic = mosaic
        width, height = across * mosaic.pitch[0] - gap, down * mosaic.pitch[1]
        last = [mosaic.corner((down - 1) * across + place)[0] for place in range(heads - (down - 1) * across)]
        first = [mosaic.corner(row * across)[1] for row in range(down)]
        tokens = {token: (token + 0.5) / step for token in panel_ticks(columns)}
        dims = {dim: rows - dim - 0.5 for dim in panel_ticks(rows)}
        self.limit((0, width), (0, height), x_ticks=on_panels(tokens, last), y_ticks=on_panels(dims, first))
        assign(self.picture.mark, x=np.array([0, width], np.float32), y=np.array([height, 0], np.float32))
        corners = np.array([mosaic.corner(head) for head in range(heads)], np.float32)
        assign(self.names, x=corners[:, 0], y=corners[:, 1])
        self.selected = self.selected if self.selected is not None and self.selected < heads else None
        self._frame()


def panel_ticks(count: int) -> range:
    """A few whole numbers, none so near the end that its word would touch the next panel's."""
    return range(0, max(1, round(0.87 * count)), whole_step(count, 3))


def on_panels(ticks: dict[int, float], starts: list[int]) -> dict[float, str]:
    """The same ticks, number → place within a panel, on each of the panels that start there."""
    return {start + place: str(word) for start in starts for word, place in ticks.items()}
