"""Part 6: raw scores and softmax weights of all heads and tokens, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.model.capture import Capture
from core.parts.distributions.difference import ScoreDistributionsDifference
from core.parts.distributions.numbers import ScoreDistributions, score_distributions
from core.progress import Progress
from widgets.charts.differences import DENSITY, DifferenceCharts
from widgets.charts.layer_lines import LayerLines
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, upright
from widgets.panel.panel import Panel
from widgets.parts.scale_experiment import ScaleExperiment


class ScoreDistributionsDifferenceCharts(DifferenceCharts):
    """The parts' three charts, B − A, and the ratio of the densities of the weights."""

    slow = True

    def __init__(self) -> None:
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
        self.charts = [self.means, self.raw, self.softmax]

    def draw(self, result: ScoreDistributionsDifference, tokens: Sequence[str]) -> None:
        layers = np.arange(len(result.mean))
        self.means.draw(Curve(layers, result.mean), Curve(layers, result.sd), x_limits=(-0.5, len(layers) - 0.5))
        self.raw.draw(result.raw.centres, result.raw.density)
        self.softmax.draw(result.softmax.centres, result.softmax_ratio, x_limits=(0, 1))


class DistributionsPart(Panel):
    name = "distributions"
    title = "Raw and softmax distributions, layer by layer"
    words = """
        <p>Now every token asks every token, in all heads. A and B show where each layer's raw scores lie and how
        wide they spread; C shows what softmax makes of them, from each layer's smallest weight to its largest. Its
        axis is logarithmic: nearly all weights are close to 0, and only a few are large.</p>
        <p><b>Try it:</b> drag the layer and follow its thick line from B to C: do scores that spread wider give
        larger weights? Then apply the model's mask, which in GPT-2 hides all later tokens: what becomes of the
        largest weights?</p>"""
    controls = ("causal",)
    computed_from = ("causal",)
    marked_from = ("layer",)
    stages = ("scaled", "softmax")
    slow = True
    section_kinds = (ScaleExperiment,)
    difference = ScoreDistributionsDifferenceCharts

    def build(self) -> None:
        self.means = LineChart(
            "A) Means of QKᵀ",
            [Series("Mean ± SD", "attention", line="none", points="circle")],
            x_label="Transformer layer",
            y_label="Activation mean",
            zero="y",
        )
        self.raw = LayerLines("B) Distributions of QKᵀ", x_label="Activation value", y_label="Density")
        self.softmax = LayerLines(
            "C) Distributions of σ(QKᵀ)",
            x_label="Softmax probability",
            y_label="Density (log scale)",
            log_y=True,
        )
        self.row(self.means, self.raw, self.softmax)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> ScoreDistributions:
        return score_distributions(capture, settings.causal, progress)

    def draw(self, result: ScoreDistributions, settings: Any) -> None:
        self.chain.light("scaled", *(("masked",) if result.causal else ()), "softmax")
        layers = np.arange(len(result.mean))
        self.means.draw(
            Curve(layers, result.mean, result.mean - result.sd, result.mean + result.sd),
            x_limits=(-0.5, len(layers) - 0.5),
        )
        self.raw.draw(result.raw.centres, result.raw.density)
        self.softmax.draw(result.softmax.centres, result.softmax.drawn_on_log, x_limits=(0, 1))

    def lay_prediction(self, place: float) -> list[Laid]:
        return [upright(self.softmax, place)]

    def mark(self, settings: Any) -> None:
        self.means.mark_x(settings.layer)
        self.raw.select(settings.layer)
        self.softmax.select(settings.layer)


PART = DistributionsPart
