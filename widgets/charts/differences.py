"""The charts of a difference B − A: densities as lines or as maps of layers, layers as coloured lines, cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.parts.difference import DensityDifference, Difference
from widgets.charts.figure import Limits
from widgets.charts.heatmap import HeatMap
from widgets.charts.lines import Curve, LineChart, Series

DENSITY = "Density, B − A"


class DifferenceCharts:
    """What stands below a part's two views: `charts`, in a row."""

    height: ClassVar[int] = 340
    """Pixels kept free for them."""
    slow: ClassVar[bool] = False
    """What they show takes longer than a moment to work out: a whole model is counted anew."""
    charts: Sequence[Any]

    def draw(self, result: Any, tokens: Sequence[str]) -> None:
        """Show what the part's function of B − A gave; `tokens` in visible form, none where the two texts differ."""
        raise NotImplementedError


class DensityLines(DifferenceCharts):
    """One chart of a line for each sample."""

    def __init__(self, title: str, x_label: str, **samples: tuple[str, str]):
        """Name and colour of each sample's line; the second is dashed."""
        series = [
            Series(name, color, line="dashed" if place else "solid")
            for place, (name, color) in enumerate(samples.values())
        ]
        self.lines = LineChart(title, series, x_label=x_label, y_label=DENSITY, zero="y")
        self.charts = [self.lines]

    def draw(self, result: DensityDifference, tokens: Sequence[str]) -> None:
        self.draw_lines(result.charts[-1].samples)

    def draw_lines(self, samples: Mapping[str, Difference]) -> None:
        """From end to end of their bins where these are the same."""
        one, *others = samples.values()
        shared = all(np.array_equal(one.edges, other.edges) for other in others)
        lines = [Curve(sample.centres, sample.density) for sample in samples.values()]
        self.lines.draw(*lines, x_limits=reach(one.edges) if shared else None)


class DensityMaps(DifferenceCharts):
    """A map for each sample, with a row for each layer, all on one colour scale, centred on zero."""

    def __init__(self, x_label: str, *titles: str):
        self.maps = [
            HeatMap(
                title,
                x_label=x_label,
                y_label="Transformer layer",
                colormap="diverging",
                bar_label="Density",
                bottom_up=True,
            )
            for title in titles
        ]
        self.charts = self.maps

    def draw(self, result: DensityDifference, tokens: Sequence[str]) -> None:
        samples = [next(iter(chart.samples.values()), None) for chart in result.charts[: len(self.maps)]]
        for chart, sample in zip(self.maps, samples, strict=True):
            (chart.widget.add_class if sample is None else chart.widget.remove_class)("lab-away")
        there = [sample for sample in samples if sample is not None]
        most = max((float(np.abs(sample.density).max()) for sample in there), default=0.0) or 1.0
        for chart, sample in zip(self.maps, samples, strict=True):
            if sample is not None:
                chart.draw(sample.density, limits=(-most, most), extent=reach(sample.edges))


class DensityMapsAndLines(DifferenceCharts):
    """Maps, and the means over their layers as lines."""

    def __init__(self, maps: DensityMaps, lines: DensityLines):
        self.maps, self.lines = maps, lines
        self.charts = [*maps.charts, *lines.charts]

    def draw(self, result: DensityDifference, tokens: Sequence[str]) -> None:
        self.maps.draw(result, tokens)
        self.lines.draw(result, tokens)


def reach(edges: Float[ndarray, " edge"]) -> Limits:
    """From the first to the last."""
    return float(edges[0]), float(edges[-1])
