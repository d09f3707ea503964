"""The difference B − A of a part: what its two pictures show, subtracted on the same bins, rows or cells."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, NamedTuple

import numpy as np
from ipywidgets import HTML, VBox
from jaxtyping import Float
from numpy import ndarray

from core import compare
from core.capture import Capture
from core.compare_sentences import sentence
from core.compare_tables import tables
from core.tables import Table
from widgets.charts import Curve, HeatMap, LayerLines, LineChart, Series
from widgets.charts.figure import Limits
from widgets.compare.pinned import PinnedPanel, bare
from widgets.panel import NoValues, Panel
from widgets.parts.all_layers import VALUE
from widgets.worker import Report

DENSITY = "Density, B − A"
NOTHING = "One of the two views has no values here, so there is no difference to show."
SAME = "A and B are the same in this part, so there is no difference to show yet."


class Side(NamedTuple):
    """One of the two views of a part."""

    capture: Capture
    shown: Any
    """What the part shows of it."""


class Sides(NamedTuple):
    a: Side
    b: Side


class DifferencePanel(Panel):
    """Stands below a part's twin; follows what the part and its twin have drawn."""

    of: ClassVar[str]
    """The part's name."""

    def __init__(self, twin: PinnedPanel, live: Panel):
        self.twin, self.live = twin, live
        self._sides: Sides | None = None
        super().__init__(twin.lab)
        for panel in (twin, live):
            panel.listeners.append(self.refresh)

    def part(self) -> None:
        """Follow the part no longer."""
        for panel in (self.twin, self.live):
            panel.listeners.remove(self.refresh)

    def source(self) -> Sides | None:
        panels = (self.twin, self.live)
        if any(panel.result is None for panel in panels):
            if any(panel._notice.value for panel in panels):
                raise NoValues(NOTHING)
            return None
        if self.twin.shows_what(self.live):
            raise NoValues(SAME)
        shown = [panel.result for panel in panels]
        if self._sides is None or any(side.shown is not one for side, one in zip(self._sides, shown, strict=True)):
            self._sides = Sides(*(Side(panel.capture, panel.result) for panel in panels))
        return self._sides

    def compute(self, sides: Any, settings: Any, progress: Report) -> Any:
        try:
            return self.subtract(sides.a, sides.b, progress)
        except compare.Incomparable as why:
            raise NoValues(str(why)) from why

    def subtract(self, a: Side, b: Side, progress: Report) -> Any:
        """B − A, a result of `core.compare`; may raise Incomparable."""
        raise NotImplementedError

    def numbers(self, result: Any, settings: Any) -> str:
        return sentence(result)

    @property
    def capture(self) -> Capture:
        """B's."""
        assert self._sides is not None
        return self._sides.b.capture

    def tables(self, result: Any, tokens: Sequence[str]) -> tuple[Table, ...]:
        return tables(result, self.shared_tokens)

    @property
    def shared_tokens(self) -> Sequence[str]:
        """The tokens of both texts, in visible form; none where they have different ones."""
        assert self._sides is not None
        a, b = (side.capture.token_text for side in self._sides)
        return a if a == b else ()

    def _lay_out(self) -> VBox:
        heading = HTML(f"<h3 id='lab-{self.name}'>Difference B − A</h3>").add_class("lab-heading")
        return bare(self, heading, self.lab.takeaway)


class RawScoresDifference(DifferencePanel):
    of, name = "raw_scores", "raw_scores_difference"

    def build(self) -> None:
        self.lines = density_lines("Distributions: B − A", "Same head", "Diff heads", "Dot product value")
        self.row(self.lines)

    def subtract(self, a: Side, b: Side, progress: Report) -> compare.RawScoresDifference:
        return compare.raw_scores_difference(a.shown, b.shown)

    def draw(self, result: compare.RawScoresDifference, settings: Any) -> None:
        self.lines.draw(*(Curve(one.centres, one.density) for one in result))


class AllLayersDifference(DifferencePanel):
    of, name = "all_layers", "all_layers_difference"

    def build(self) -> None:
        names = ("Within heads", "Across heads")
        self.maps = [layer_map(f"{name}: B − A", VALUE) for name in names]
        self.lines = density_lines("Mean over the layers: B − A", *names, VALUE)
        self.row(*self.maps, self.lines)

    def subtract(self, a: Side, b: Side, progress: Report) -> compare.RawScoresByLayerDifference:
        return compare.raw_scores_by_layer_difference(a.shown, b.shown)

    def draw(self, result: compare.RawScoresByLayerDifference, settings: Any) -> None:
        for chart in self.maps:
            (chart.widget.add_class if result.within is None else chart.widget.remove_class)("lab-away")
        if result.within is not None and result.across is not None:
            draw_maps(self.maps, [result.within.density, result.across.density], result.within.edges)
        means = (result.within_mean, result.across_mean)
        self.lines.draw(*(Curve(one.centres, one.density) for one in means), x_limits=reach(means[0].edges))


class DistributionsDifference(DifferencePanel):
    of, name = "distributions", "distributions_difference"
    slow = True

    def build(self) -> None:
        self.means = LineChart(
            "Means and SDs: B − A",
            [
                Series("Mean", "attention", line="none", points="circle"),
                Series("SD", "warning", line="none", points="square"),
            ],
            x_label="Transformer layer",
            y_label="Activation, B − A",
            zero="y",
        )
        self.raw = LayerLines("Distributions of QKᵀ: B − A", x_label="Activation value", y_label=DENSITY)
        self.softmax = LayerLines(
            "Distributions of σ(QKᵀ): B ÷ A",
            x_label="Softmax probability",
            y_label="Powers of ten between the densities",
        )
        self.row(self.means, self.raw, self.softmax)

    def subtract(self, a: Side, b: Side, progress: Report) -> compare.ScoreDistributionsDifference:
        return compare.score_distributions_difference(a, b, progress)

    def draw(self, result: compare.ScoreDistributionsDifference, settings: Any) -> None:
        layers = np.arange(len(result.mean))
        self.means.draw(
            Curve(layers, result.mean), Curve(layers, result.sd), x_limits=(-0.5, len(layers) - 0.5)
        )
        self.raw.draw(result.raw.centres, result.raw.density)
        self.softmax.draw(result.softmax.centres, result.softmax_ratio, x_limits=(0, 1))


class AttentionDifference(DifferencePanel):
    of, name = "attention", "attention_difference"

    def build(self) -> None:
        names = ("Final to prev", "Self, other tokens")
        colors = ("attention", "warning")
        self.lines = density_lines("Distributions: B − A", *names, "Softmax attention weight", colors)
        self.row(self.lines)

    def subtract(self, a: Side, b: Side, progress: Report) -> compare.AttentionDifference:
        return compare.attention_difference(a.shown, b.shown)

    def draw(self, result: compare.AttentionDifference, settings: Any) -> None:
        self.lines.draw(*(Curve(one.centres, one.density) for one in result), x_limits=(0, 1))


class AttentionMapsDifference(DifferencePanel):
    of, name = "attention_maps", "attention_maps_difference"
    height = 400

    def build(self) -> None:
        tokens = partial(HeatMap, x_label="Key token", y_label="Query token", colormap="diverging", square=True)
        self.maps = [
            tokens(title, token_labels=True, height=self.height)
            for title in ("Raw scores S: B − A", "Attention weights: B − A")
        ]
        self.row(*self.maps)

    def subtract(self, a: Side, b: Side, progress: Report) -> compare.HeadMapsDifference:
        return compare.head_maps_difference(a.shown, b.shown)

    def draw(self, result: compare.HeadMapsDifference, settings: Any) -> None:
        labels = self.shared_tokens or None
        for chart, matrix, hidden in zip(self.maps, result, (None, result.hidden), strict=False):
            chart.draw(matrix, masked=hidden, row_labels=labels, column_labels=labels)


class SoftmaxLayersDifference(DifferencePanel):
    of, name = "softmax_layers", "softmax_layers_difference"

    def build(self) -> None:
        titles = ("Final to previous: B − A", "Self-attention: B − A")  # the first token's never differ
        self.maps = [layer_map(title, "Softmax attention prob") for title in titles]
        self.row(*self.maps)

    def subtract(self, a: Side, b: Side, progress: Report) -> compare.AttentionByLayerDifference:
        return compare.attention_by_layer_difference(a.shown, b.shown)

    def draw(self, result: compare.AttentionByLayerDifference, settings: Any) -> None:
        samples = (result.final_to_previous, result.self_attention)
        draw_maps(self.maps, [one.density for one in samples], samples[0].edges)


DIFFERENCES = {
    kind.of: kind
    for kind in (
        RawScoresDifference,
        AllLayersDifference,
        DistributionsDifference,
        AttentionDifference,
        AttentionMapsDifference,
        SoftmaxLayersDifference,
    )
}
"""By the part's name."""


def density_lines(
    title: str, first: str, second: str, x_label: str, colors: tuple[str, str] = ("same_head", "different_heads")
) -> LineChart:
    series = [Series(first, colors[0]), Series(second, colors[1], line="dashed")]
    return LineChart(title, series, x_label=x_label, y_label=DENSITY, zero="y")


def layer_map(title: str, x_label: str) -> HeatMap:
    return HeatMap(
        title,
        x_label=x_label,
        y_label="Transformer layer",
        colormap="diverging",
        bar_label="Density",
        bottom_up=True,
    )


def draw_maps(maps: list[HeatMap], layers: list[Float[ndarray, "layer bin"]], edges: Float[ndarray, " edge"]) -> None:
    """On one colour scale, centred on zero."""
    most = max(float(np.abs(density).max()) for density in layers) or 1.0
    for chart, density in zip(maps, layers, strict=True):
        chart.draw(density, limits=(-most, most), extent=reach(edges))


def reach(edges: Float[ndarray, " edge"]) -> Limits:
    return float(edges[0]), float(edges[-1])
