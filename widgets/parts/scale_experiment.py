"""Part 6, the experiment: another divisor, how wide attention is then, and what the model says."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.attention.intervention import Intervention
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.distributions.scale_experiment import ScaleEffect, intervention, scale_effect
from core.progress import Progress
from widgets.charts.lines import Curve, LineChart, Series
from widgets.experiments.says import SIDES, Says
from widgets.experiments.section import ExperimentSection


class ScaleExperiment(ExperimentSection):
    name = "scale_experiment"
    title = "Why √d, and not √E?"
    words = """
        <p>d is the width of one head, E that of all heads together. A score is a sum of d products, one head's, so √d
        takes their growth out, and √E too much. Divide by too little: one key gets nearly all, and the entropy
        falls. By too much: all keys get the same, and it rises.</p>
        <p>The model has learned with its own divisor: far from it, on either side, its loss grows.
        <b>Try it:</b> compare <i>1</i> with <i>√E</i>. Which costs more? Then take <i>the number</i>: how far can you
        go before the model says something else?</p>"""
    controls = ("divisor", "divided_by", "scale_layers")
    computed_from = ("divisor", "divided_by", "scale_layers", "layer")
    stages = ("scaled", "softmax")

    def build(self) -> None:
        self.entropy = LineChart(
            "Entropy of attention",
            [
                Series(SIDES[0], "attention", points="circle"),
                Series(SIDES[1], "selected", line="dashed", points="square"),
            ],
            x_label="Transformer layer",
            y_label="Entropy, 0 to 1",
            height=370,
        )
        self.says = Says()
        said, *losses = self.says.widgets
        self.row(self.entropy, said)
        for widget in losses:
            self.row(widget)

    def intervention(self, capture: Capture, settings: Any) -> Intervention:
        return intervention(settings)

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> ScaleEffect:
        return scale_effect(experiments, capture, self.intervention(capture, settings), progress)

    def draw(self, result: ScaleEffect, settings: Any) -> None:
        super().draw(result, settings)
        layers = np.arange(len(result.entropy_before))
        both = (result.entropy_before, result.entropy_after)
        self.entropy.draw(
            *(Curve(layers, one) for one in both), x_limits=(-0.5, len(layers) - 0.5), y_limits=(0, 1)
        )
        self.entropy.mark_x(settings.layer if settings.scale_layers == "one" else None)
