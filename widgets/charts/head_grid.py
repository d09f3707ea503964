"""What pictures of all layers and heads share: heads side by side, layer 0 at the bottom, one of them framed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from widgets.charts.figure import Chart, Key, assign
from widgets.charts.paths import Outline
from widgets.charts.picture import GAP, Picture, png
from widgets.charts.whole_ticks import whole_ticks
from widgets.theme import Theme


class HeadGrid(Chart):
    """A subclass paints each head's place, and dresses the picture in a theme's colours: `palette`."""

    def __init__(self, title: str, *, height: int, rows: int):
        super().__init__(title, x_label="Head", y_label="Transformer layer", height=height, right=22, rows=rows)
        self.widget.add_class("lab-heatmap")
        self.layers, self.heads = 1, 1
        self._cells = np.full((1, 1), GAP, np.uint8)
        self.picture = Picture(self.x_scale, self.y_scale)
        self.frame = Outline(self.x_scale, self.y_scale, 2)
        self.pointer = self.label([], [], [], x_offset=3, scales={"x": self.unit_x, "y": self.y_scale}, weight="bold")
        self.y_axis.grid_lines = "none"

    def palette(self, theme: Theme) -> UInt8[ndarray, "256 3"]:
        """The picture's colours."""
        raise NotImplementedError

    def select(self, layer: int, head: int) -> None:
        """Frame a head's place, and point at its layer from the right margin."""
        self.frame.put((head - 0.5, head + 0.5, layer - 0.5, layer + 0.5))
        assign(
            self.pointer,
            text=np.array(["◀"], np.str_),
            x=np.ones(1, np.float32),
            y=np.array([layer], np.float32),
        )

    def on_head_click(self, callback: Callable[[int, int], None]) -> None:
        """Call back with the layer and the head that are clicked."""

        def clicked(point: tuple[float, float]) -> None:
            x, y = (round(at) for at in point)
            callback(min(max(y, 0), self.layers - 1), min(max(x, 0), self.heads - 1))

        self.on_click(clicked)

    def lay_out(self, layers: int, heads: int) -> None:
        """Make room for so many."""
        self.layers, self.heads = layers, heads
        x, y = (-0.5, heads - 0.5), (-0.5, layers - 0.5)
        x_ticks, y_ticks = whole_ticks(heads, None, self.plot_height), whole_ticks(layers, None, self.plot_height)
        self.limit(x, y, x_ticks=x_ticks, y_ticks=y_ticks)
        assign(self.picture.mark, x=np.array(x, np.float32), y=np.array(y, np.float32))

    def paint(self, places: UInt8[ndarray, "layer head row column"]) -> None:
        """Show the heads' places, row 0 of each at its top."""
        layers, _, rows, _ = places.shape
        self._cells = places[::-1].transpose(0, 2, 1, 3).reshape(layers * rows, -1)
        self.picture.show(png(self._cells, self.palette(self.theme)))

    def complete(self, *others: object, legend: Sequence[Key] = ()) -> None:
        """End the making, with other marks in front."""
        self.finish(self.picture.mark, *self.frame.marks, self.pointer, *others, legend=legend)

    def dress(self, theme: Theme) -> None:
        self.picture.show(png(self._cells, self.palette(theme)))
        self.frame.color(theme.selected, theme.page)
        assign(self.pointer, colors=[theme.selected], default_size=theme.size_small)
