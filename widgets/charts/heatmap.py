"""A matrix as colours, one byte a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from bqplot.marks import Mark
from jaxtyping import Bool, Float, UInt8
from numpy import ndarray

from widgets.charts.colorbar import ColorBar, measured
from widgets.charts.figure import Chart, Limits, assign
from widgets.charts.matrix import Drawn, color_values, data_limits, without_values, write_values_into
from widgets.charts.paths import Outline, lines, put
from widgets.charts.picture import LEVELS, Picture, Remembered, block_mean, hatch, palette, png, quantise
from widgets.charts.whole_ticks import whole_ticks
from widgets.theme import Theme

PIXELS = 600  # about what a screen has for a chart's width: larger arrays are reduced to it
MOST_CELLS_WITH_VALUES = 12
NARROWEST_FRAME = 9  # px
Cell = tuple[int, int]


class HeatMap(Chart):
    """One matrix, with a colour bar. Row 0 is at the top, or at the bottom with `bottom_up`.

    Args:
        colormap: of `widgets.theme.colormap`; "diverging" for signed numbers, its scale centred on zero.
        bar_label: what the colours measure.
        zero_line: a white dashed line at x = 0 (the columns are bins of values: give `draw` their extent).
        token_labels: room for tokens on both axes.
        square: as high as wide, whatever the room is, and then without a height of its own.
        diagonal: frame every cell on it.
        bar: show the colour bar; its room is kept without it, so that charts side by side line up.
    """

    def __init__(
        self,
        title: str,
        *,
        x_label: str,
        y_label: str,
        colormap: str = "plasma",
        bar_label: str = "",
        bottom_up: bool = False,
        zero_line: bool = False,
        token_labels: bool = False,
        square: bool = False,
        diagonal: bool = False,
        bar: bool = True,
        height: int = 340,
    ):
        # Small squares get all the width that there is: values have to fit into their cells.
        left, right, bottom = (92, 22, 112) if token_labels else (30, 6, 52) if square else (52, 22, 52)
        super().__init__(
            title,
            x_label=x_label,
            y_label=y_label,
            height=height,
            left=left,
            right=right,
            bottom=bottom,
            rows=2,
            y_top=not bottom_up,
        )
        self.widget.add_class("lab-heatmap")
        self.colormap, self.bar_label, self.bottom_up, self.square = colormap, bar_label, bottom_up, square
        self.shape = (1, 1)
        self.extent: Limits = (-0.5, 0.5)
        self.data_range: Limits = (0.0, 0.0)
        self._placed: tuple[object, ...] | None = None  # what `_place` was last given
        self._given = (np.zeros((1, 1), np.float32), np.zeros((1, 1), bool))  # values, masked
        self._drawn = Drawn(np.zeros((1, 1), np.uint8), np.zeros((1, 1), bool), b"")
        self._painted: Remembered[Drawn] = Remembered()
        self.picture = Picture(self.x_scale, self.y_scale)
        self.bar = ColorBar(self)
        self.values = self.label([], [], [], align="middle", scales={"x": self.x_scale, "y": self.y_scale})
        self.zero = lines(self.x_scale, self.unit_y, line_style="dashed", stroke_width=1.5)
        self.frame = Outline(self.x_scale, self.y_scale, 1.5)
        self.diagonal = [Outline(self.x_scale, self.y_scale, 1.5)] if diagonal else []
        self.pointer = self.label([], [], [], x_offset=3, scales={"x": self.unit_x, "y": self.y_scale}, weight="bold")
        if zero_line:
            put(self.zero, [(np.zeros(2), np.array([0.0, 1.0]))])
        if token_labels:
            self.x_axis.tick_style = {
                "text-anchor": "end",
                "transform": "translate(-0.86em, 0.21em) rotate(-60deg)",
            }
            self.x_axis.label_offset = "98px"
        if square:
            self.widget.add_class("lab-square").layout.min_height = None
            if token_labels:
                self.widget.add_class("lab-labelled")
        outlines = [mark for outline in (*self.diagonal, self.frame) for mark in outline.marks]
        marks: list[Mark] = [self.picture.mark, self.zero, self.values, *outlines, self.pointer]
        self.finish(*marks, *(self.bar.marks if bar else []))

    def draw(
        self,
        values: Float[ndarray, "row column"],
        *,
        limits: Limits | None = None,
        masked: Bool[ndarray, "row column"] | None = None,
        extent: Limits | None = None,
        row_labels: Sequence[str] | None = None,
        column_labels: Sequence[str] | None = None,
        write_values: bool = False,
    ) -> None:
        """Show a matrix.

        Args:
            limits: of the colour scale; None fits it to the data.
            masked: cells that are hatched, always the same of one array; cells that are not finite are too.
            extent: x at the left edge of the first and the right edge of the last column, if x is a value.
            row_labels, column_labels: tokens, in place of numbers.
            write_values: write them into the cells, if there are few.
        """
        masked = without_values(values, masked)
        self.data_range = data_limits(np.where(masked, np.nan, values))
        limits = self._fitted(self.data_range) if limits is None else limits
        self._place(values.shape, extent, row_labels, column_labels)
        self._given = (values, masked)
        self._shown.pop("color", None)  # these values are not shown yet
        self.need("color", limits)
        few = write_values and max(values.shape) <= MOST_CELLS_WITH_VALUES
        if few or len(self.values.text):
            write_values_into(self.values, values if few else values[:0])
            self._color_values(palette(self.theme, self.colormap))
        self.reveal()

    def sketch(
        self,
        values: Float[ndarray, "row column"],
        *,
        limits: Limits,
        masked: Bool[ndarray, "row column"] | None = None,
    ) -> None:
        """Make the picture of a matrix that `draw` may soon be given, if it has the shape of the one on show."""
        if values.shape == self.shape:
            self._paint(values, without_values(values, masked), limits)

    def recolor(self, limits: Limits) -> None:
        self._drawn = self._paint(*self._given, limits)
        self.picture.show(self._drawn.data)
        rows, columns = self._steps
        self.note = f"Each dot of the picture is the mean of {rows} × {columns} cells." if rows * columns > 1 else ""
        self.bar.draw(limits, measured(self.bar_label, self.data_range))

    def highlight(self, *, row: int | None = None, column: int | None = None) -> None:
        """Frame a row, a column, or with both a cell; with neither, nothing. A frame is wide enough to be seen."""
        if row is None and column is None:
            self.frame.put()
            return
        left, right = self._edges(column) if column is not None else self.extent
        low, high = (row - 0.5, row + 0.5) if row is not None else (-0.5, self.shape[0] - 0.5)
        least = NARROWEST_FRAME / self.plot_height  # of the plot, on a square one also of its width
        x = max(0.0, (self.extent[1] - self.extent[0]) * least - (right - left)) / 2
        y = max(0.0, self.shape[0] * least - (high - low)) / 2
        self.frame.put((left - x, right + x, low - y, high + y))

    def mark_row(self, row: int | None) -> None:
        """Point at a row (the selected layer) from the right margin."""
        text = [] if row is None else ["◀"]
        at = [] if row is None else [row]
        assign(
            self.pointer,
            text=np.array(text, np.str_),
            x=np.ones(len(at), np.float32),
            y=np.array(at, np.float32),
        )

    def on_cell_click(self, callback: Callable[[int, int], None]) -> None:
        """Call back with the row and column of a click."""
        self.on_click(lambda point: callback(*self.cell(*point)))

    def on_cell_hover(self, callback: Callable[[Cell | None], None]) -> None:
        """Call back with the (row, column) under the pointer, and with None when it leaves."""
        self.on_hover(lambda point: callback(None if point is None else self.cell(*point)))

    def cell(self, x: float, y: float) -> Cell:
        """Row and column at a point in data coordinates."""
        left, right = self.extent
        rows, columns = self.shape
        column = int((x - left) / (right - left) * columns)
        return min(max(round(y), 0), rows - 1), min(max(column, 0), columns - 1)

    def dress(self, theme: Theme) -> None:
        table = palette(theme, self.colormap)
        self.bar.dress(theme, table[:LEVELS])
        self.picture.show(self._png(*self._drawn[:2]))
        assign(self.zero, colors=["#FFFFFF"])
        for outline in (*self.diagonal, self.frame):
            outline.color("#FFFFFF", "#000000")
        assign(self.pointer, colors=[theme.selected], default_size=theme.size_small)
        self._color_values(table)

    def _fitted(self, data: Limits) -> Limits:
        low, high = data if data[0] <= data[1] else (0.0, 1.0)
        if self.colormap == "diverging":
            reach = max(abs(low), abs(high)) or 1.0
            return -reach, reach
        return low, high

    def _edges(self, column: int) -> Limits:
        left, right = self.extent
        width = (right - left) / self.shape[1]
        return left + column * width, left + (column + 1) * width

    def _place(
        self,
        shape: tuple[int, ...],
        extent: Limits | None,
        rows: Sequence[str] | None,
        columns: Sequence[str] | None,
    ) -> None:
        if (shape, extent, rows, columns) == self._placed:
            return
        self._placed = (shape, extent, rows, columns)
        height, width = shape
        self.shape = (height, width)
        self.extent = extent if extent is not None else (-0.5, width - 0.5)
        y = (-0.5, height - 0.5)
        x_ticks = whole_ticks(width, columns, self.plot_height) if extent is None else None
        self.limit(self.extent, y, x_ticks=x_ticks, y_ticks=whole_ticks(height, rows, self.plot_height))
        for outline in self.diagonal:
            outline.put(*((*self._edges(at), at - 0.5, at + 0.5) for at in range(min(shape))))
        # The last dots may reach beyond the matrix. An image's first y is its lower side.
        down, across = (-(-size // step) * step / size for size, step in zip(shape, self._steps, strict=True))
        x, y = ((low, low + (high - low) * over) for (low, high), over in ((self.extent, across), (y, down)))
        assign(
            self.picture.mark,
            x=np.array(x, np.float32),
            y=np.array(y if self.bottom_up else y[::-1], np.float32),
        )

    @property
    def _steps(self) -> tuple[int, int]:
        """Rows and columns of the matrix that one dot of the picture is the mean of."""
        width = self.plot_height if self.square else PIXELS
        return -(-self.shape[0] // self.plot_height), -(-self.shape[1] // width)

    def _paint(
        self, values: Float[ndarray, "row column"], masked: Bool[ndarray, "row column"], limits: Limits
    ) -> Drawn:
        def paint() -> Drawn:
            rows, columns = self._steps
            shown, hidden = values, masked
            if rows * columns > 1:
                shown = block_mean(np.where(masked, np.nan, values), rows, columns)
                hidden = ~np.isfinite(shown)
            cells = quantise(shown, *limits)
            return Drawn(cells, hidden, self._png(cells, hidden))

        return self._painted.get(values, (limits, self.theme), paint)

    def _png(self, cells: UInt8[ndarray, "row column"], masked: Bool[ndarray, "row column"]) -> bytes:
        cells = hatch(cells, masked, self.plot_height) if masked.any() else cells
        return png(cells[::-1] if self.bottom_up else cells, palette(self.theme, self.colormap))

    def _color_values(self, table: UInt8[ndarray, "256 3"]) -> None:
        if len(self.values.text):
            color_values(self.values, self._drawn, self.theme, table)
