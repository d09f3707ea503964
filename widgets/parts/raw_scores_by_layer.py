"""Part 5: part 4's two samples over all layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.model.capture import Capture
from core.parts.raw_scores_by_layer.numbers import RawScoresByLayer, raw_scores_by_layer
from core.progress import Progress
from widgets.charts.differences import DensityLines, DensityMaps, DensityMapsAndLines
from widgets.charts.figure import nice_limits
from widgets.charts.heatmap import HeatMap
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.matrix import data_limits
from widgets.charts.overlay import Frame, Laid
from widgets.panel.panel import NoValues, Panel

LIMITS = (0.0, 0.15)
VALUE = "QKᵀ activation value"


def difference_charts() -> DensityMapsAndLines:
    """A map for the scores within heads and one for those across, and their means over the layers."""
    maps = DensityMaps(VALUE, "Within heads: B − A", "Across heads: B − A")
    series = {"within": ("Within heads", "same_head"), "across": ("Across heads", "different_heads")}
    return DensityMapsAndLines(maps, DensityLines("Mean over the layers: B − A", VALUE, **series))


class RawScoresByLayerPart(Panel):
    name = "raw_scores_by_layer"
    title = "The same over all layers"
    words = """
        <p>Each row is one layer: a histogram of part 4's scores, with part 4's query token and first-token
        switch. Compare a row of A with the same row of B: where A reaches farther from the dashed zero line, the
        heads of that layer do something that chance does not.</p>
        <p>The lines are the mean over the layers, the bands one SD up and down. <b>Try it:</b> click the row of A
        that differs most from its row in B, and see that layer in part 4. Then choose another query token
        there.</p>"""
    controls = ("density_fit",)
    computed_from = ("query", "skip_first")
    drawn_from = ("density_fit",)
    marked_from = ("layer",)
    stages = ("scaled",)
    difference = staticmethod(difference_charts)

    def build(self) -> None:
        self.maps = [
            HeatMap(
                title,
                x_label=VALUE,
                y_label="Transformer layer",
                colormap="magma",
                bar_label="Density",
                bottom_up=True,
                zero_line=True,
            )
            for title in ("A) Within heads", "B) Across heads")
        ]
        for chart in self.maps:
            chart.on_cell_click(lambda layer, _: self.state.set_trait("layer", layer))
        self.means = LineChart(
            "Mean ± SD over the layers",
            [Series("Within heads", "same_head"), Series("Across heads", "different_heads", line="dashed")],
            x_label=VALUE,
            y_label="Density",
            zero="x",
        )
        self.row(*self.maps, self.means)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> RawScoresByLayer:
        result = raw_scores_by_layer(capture, settings.query, settings.skip_first, progress)
        if not result.within.n.any():
            raise NoValues(result.sentence())
        return result

    def draw(self, result: RawScoresByLayer, settings: Any) -> None:
        samples = (result.within, result.across)
        limits = data_limits(*(one.density for one in samples)) if settings.density_fit else LIMITS
        reach = (float(result.within.edges[0]), float(result.within.edges[-1]))
        for chart, one in zip(self.maps, samples, strict=True):
            absent = np.broadcast_to(one.n[:, None] == 0, one.density.shape)
            chart.draw(one.density, limits=limits, masked=absent, extent=reach)
        bands = ((result.within_mean, result.within_sd), (result.across_mean, result.across_sd))
        self.means.draw(
            *(Curve(result.within.centres, mean, mean - sd, mean + sd) for mean, sd in bands),
            x_limits=reach,
            y_limits=nice_limits(0.0, max(float((mean + sd).max()) for mean, sd in bands)),
        )

    def lay_prediction(self, place: float) -> list[Laid]:
        return [Frame(chart, row=round(place)) for chart in self.maps]

    def mark(self, settings: Any) -> None:
        for chart in self.maps:
            chart.mark_row(settings.layer)


PART = RawScoresByLayerPart
