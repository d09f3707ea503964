"""Part 7, the experiment: another mask, and what the model says then."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import Intervention
from core.model.capture import Capture
from core.parts.softmax.mask_experiment import intervention
from widgets.experiments.section import ExperimentSection


class MaskExperiment(ExperimentSection):
    name = "mask_experiment"
    title = "What is the mask for?"
    words = """
        <p>The model is asked, at every token, for the next one. With the mask it cannot see it. Take the mask off, and
        the answer leaks in; but a model that was trained with the mask has never learned to read ahead. After the last
        token there is nothing to leak: does it still say the same?</p>
        <p><b>Try it:</b> compare <i>None</i> with a <i>window</i> of 4 tokens. Which costs more, a look ahead or a
        short memory? Then hide token 0 alone: why should one token matter so much?
        <a href='#lab-first_token'>Part 4</a> shows how much of the attention it gets.</p>"""
    controls = ("mask_kind", "window", "mask_layers")
    computed_from = ("mask_kind", "window", "mask_layers", "layer")
    stages = ("masked",)

    def intervention(self, capture: Capture, settings: Any) -> Intervention:
        return intervention(settings)
