"""Part 4, the experiment: no look at the first token, or at nothing else, and what the model says then."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import Intervention
from core.model.capture import Capture
from core.parts.raw_scores.first_token_experiment import intervention
from widgets.experiments.section import ExperimentSection


class FirstTokenExperiment(ExperimentSection):
    name = "first_token_experiment"
    title = "What is the first token for?"
    words = """
        <p>Take token 0 away from every head. If its place is only where heads park attention that they have no use
        for, that attention now has to go to tokens that it was never meant for. Then the other way round: let every
        head look at nothing but token 0, so that no token learns of any other. Which costs the model more?</p>
        <p><b>Try it:</b> now in one layer alone, the one in which token 0 gets most.
        <a href='#lab-mask_experiment'>Part 7</a> has these two masks beside others.</p>"""
    controls = ("first_look", "first_layers")
    computed_from = ("first_look", "first_layers", "layer")
    stages = ("masked", "softmax")

    def intervention(self, capture: Capture, settings: Any) -> Intervention:
        return intervention(settings)
