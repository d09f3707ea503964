"""Part 8: part 7's attention weights over all layers."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from core.model.capture import Capture
from core.parts.softmax_by_layer.numbers import AttentionByLayer, attention_by_layer
from core.progress import Progress
from widgets.charts.differences import DensityMaps
from widgets.charts.heatmap import HeatMap
from widgets.charts.matrix import data_limits
from widgets.charts.overlay import Laid, upright
from widgets.panel.panel import Panel
from widgets.parts.patching import PatchingSection
from widgets.parts.two_texts import TwoTextsSection

LIMITS = (0.0, 0.5)
VALUE = "Softmax attention prob"


class SoftmaxByLayerPart(Panel):
    name = "softmax_by_layer"
    title = "Self- and cross-token attention over all layers"
    words = """
        <p>Each row is one layer: a histogram of part 7's attention weights in all its heads. A: what the last
        token gives to each token before it. B: what the other tokens give to themselves. C: what the first token
        gives to itself. Why does C look the same in every layer of GPT-2?</p>
        <p>A row that is bright only at the left hands out its attention in small shares; one that reaches to the
        right has heads that put much of it in one place. <b>Try it:</b> click the row of B that reaches farthest,
        and look in part 7 for the head that does it.</p>"""
    controls = ("attention_fit",)
    drawn_from = ("attention_fit",)
    marked_from = ("layer",)
    stages = ("softmax",)
    slow = True
    section_kinds = (TwoTextsSection, PatchingSection)
    # The first token's never differ.
    difference = partial(DensityMaps, VALUE, "Final to previous: B − A", "Self-attention: B − A")

    def build(self) -> None:
        self.maps = [
            HeatMap(
                title,
                x_label=VALUE,
                y_label="Transformer layer",
                colormap="magma",
                bar_label="Density",
                bottom_up=True,
            )
            for title in ("A) Final to previous", "B) Self-attention", "C) First to self")
        ]
        for chart in self.maps:
            chart.on_cell_click(lambda layer, _: self.state.set_trait("layer", layer))
        self.row(*self.maps)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> AttentionByLayer:
        return attention_by_layer(capture, progress)

    def draw(self, result: AttentionByLayer, settings: Any) -> None:
        edges, density, _, n, *_ = result.density
        reach = (float(edges[0]), float(edges[-1]))
        limits = data_limits(density) if settings.attention_fit else LIMITS
        for index, chart in enumerate(self.maps):
            absent = np.broadcast_to(n[:, index, None] == 0, density[:, index].shape)
            chart.draw(density[:, index], limits=limits, masked=absent, extent=reach)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [upright(self.maps[1], place)]

    def mark(self, settings: Any) -> None:
        for chart in self.maps:
            chart.mark_row(settings.layer)


PART = SoftmaxByLayerPart
