"""Part 9, the experiment: all heads of a layer with their average attention, and what the model says then."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import Intervention
from core.model.capture import Capture
from core.parts.averaging.averaged_heads import intervention
from widgets.experiments.section import ExperimentSection


class AveragedHeadsExperiment(ExperimentSection):
    name = "averaged_heads"
    title = "May the model average its heads?"
    words = """
        <p>Here every head of a layer attends as the average head does: the weights of all heads are added up and
        divided by their number. Each head still hands over its own values. If heads did the same thing, nothing would
        change.</p>
        <p><b>Try it:</b> average the heads of <i>all layers</i>, then of <i>the chosen layer</i> alone, and drag the
        layer. Where can the model do without heads of its own? Does the section above say so, too?</p>"""
    controls = ("average_layers",)
    computed_from = ("average_layers", "layer")
    stages = ("softmax",)

    def intervention(self, capture: Capture, settings: Any) -> Intervention:
        return intervention(settings)
