"""One line a layer, coloured along plasma, the selected layer's on top."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from widgets.charts.colorbar import ColorBar
from widgets.charts.figure import Chart, Limits, assign, nice_limits
from widgets.charts.paths import lines, put
from widgets.theme import Theme

BELOW = 1e-30  # in any data: below every logarithmic axis


class LayerLines(Chart):
    """L curves as one mark, with a colour bar for the layers."""

    def __init__(self, title: str, *, x_label: str, y_label: str, log_y: bool = False, height: int = 340):
        super().__init__(title, x_label=x_label, y_label=y_label, height=height, rows=2, log_y=log_y)
        self.log_y = log_y
        self.selected: int | None = None
        self._x = self._y = np.zeros((0, 0), np.float32)
        self.all = lines(self.x_scale, self.y_scale, stroke_width=1.5)
        self.one = lines(self.x_scale, self.y_scale, stroke_width=2)
        self.bar = ColorBar(self)
        self.finish(self.all, self.one, *self.bar.marks)

    def draw(
        self,
        x: Float[ndarray, "*layer point"],
        y: Float[ndarray, "layer point"],
        *,
        x_limits: Limits | None = None,
        y_limits: Limits | None = None,
    ) -> None:
        """Show all layers, over one x or each over its own; what is 0 is not seen on a logarithmic axis."""
        layers = len(y)
        recolor = layers != len(self._y)
        if self.log_y:
            y = np.maximum(y, BELOW)
        self._x, self._y = np.broadcast_to(x, y.shape), y
        self.limit(x_limits or nice_limits(float(x.min()), float(x.max())), y_limits or self._fit(y))
        with self.all.hold_sync():
            self.all.x, self.all.y = x.astype(np.float32), y.astype(np.float32)
        self.bar.draw((0, max(layers - 1, 0)), "Transformer layer")
        if recolor:
            self.dress(self.theme)
        self.select(self.selected)
        self.reveal()

    def select(self, layer: int | None) -> None:
        """Let one layer's line stand out."""
        self.selected = layer
        put(self.one, [] if layer is None or layer >= len(self._y) else [(self._x[layer], self._y[layer])])

    def dress(self, theme: Theme) -> None:
        assign(self.all, colors=theme.layer_colors(len(self._y)), opacities=[0.75] * len(self._y))
        assign(self.one, colors=[theme.ink])
        self.bar.dress(theme, theme.layer_table(253))

    def _fit(self, y: Float[ndarray, "layer point"]) -> Limits:
        if self.log_y:
            y = y[y > BELOW]
            if not y.size:
                return 0.1, 10.0
        low, high = float(y.min()), float(y.max())
        if self.log_y:
            return float(10 ** np.floor(np.log10(low))), float(10 ** np.ceil(np.log10(high)))
        return nice_limits(min(low, 0.0), high)
