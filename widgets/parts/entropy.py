"""Part 10: how evenly each head spreads its attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.model.capture import Capture
from core.parts.entropy.difference import EntropyDifference
from core.parts.entropy.numbers import AttentionEntropy, attention_entropy
from core.progress import Progress
from widgets.charts.differences import DifferenceCharts
from widgets.charts.heatmap import HeatMap
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, upright
from widgets.panel.panel import NoValues, Panel
from widgets.parts.head_ranking import HeadRankingSection
from widgets.parts.heads_off import HeadsOffSection

HEADS, LAYERS = "Head", "Transformer layer"
SERIES = Series("Mean", "attention", points="circle")


class EntropyDifferenceCharts(DifferenceCharts):
    """The map and the line, B − A."""

    def __init__(self) -> None:
        title, bar = "Every head: B − A", "Entropy, B − A"
        self.map = HeatMap(title, x_label=HEADS, y_label=LAYERS, colormap="diverging", bar_label=bar, bottom_up=True)
        self.line = LineChart("Mean over the heads: B − A", [SERIES], x_label=LAYERS, y_label=bar, zero="y")
        self.charts = [self.map, self.line]

    def draw(self, result: EntropyDifference, tokens: Sequence[str]) -> None:
        self.map.draw(result.entropy)
        layers = np.arange(len(result.by_layer))
        self.line.draw(Curve(layers, result.by_layer), x_limits=(-0.5, len(layers) - 0.5))


class EntropyPart(Panel):
    name = "entropy"
    title = "Entropy: one token or many"
    words = """
        <p>A head that gives all its attention to one token has entropy 0. One that gives every token it sees the same
        has the largest there is, ln n of n tokens. Here each row's entropy is divided by that, and averaged over the
        text: 0 is one token, 1 is all alike.</p>
        <p><b>Try it:</b> click the darkest cell and the brightest one, and compare their maps in part 7. Do early
        layers look at more tokens than late ones?</p>"""
    marked_from = ("layer", "head")
    stages = ("softmax",)
    slow = True
    difference = EntropyDifferenceCharts
    section_kinds = (HeadsOffSection, HeadRankingSection)

    def build(self) -> None:
        self.map = HeatMap(
            "A) Every head",
            x_label=HEADS,
            y_label=LAYERS,
            colormap="magma",
            bar_label="Entropy",
            bottom_up=True,
        )
        self.map.on_cell_click(self._choose)
        self.line = LineChart("B) Mean over the heads", [SERIES], x_label=LAYERS, y_label="Entropy, 0 to 1")
        self.row(self.map, self.line)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> AttentionEntropy:
        result = attention_entropy(capture, progress)
        if np.isnan(result.entropy).all():
            raise NoValues(result.sentence())
        return result

    def draw(self, result: AttentionEntropy, settings: Any) -> None:
        self.map.draw(result.entropy, limits=(0, 1))
        layers = np.arange(len(result.by_layer))
        self.line.draw(Curve(layers, result.by_layer), x_limits=(-0.5, len(layers) - 0.5), y_limits=(0, 1))

    def mark(self, settings: Any) -> None:
        self.map.highlight(row=settings.layer, column=settings.head)
        self.map.mark_row(settings.layer)
        self.line.mark_x(settings.layer)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [upright(self.line, place)]

    def _choose(self, layer: int, head: int) -> None:
        with self.state.hold_trait_notifications():
            self.state.layer, self.state.head = layer, head


PART = EntropyPart
