"""What is to be found in part 6."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import Change
from core.attention.scores import score_blocks
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.costliest import CostliestLayer
from core.writing import number


class MostNegativeMean(Task):
    id = "6-negative"
    words = "Apply the model's mask. Then find the layer with the most negative mean score."
    follows = ("layer", "causal")

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, " layer"]:
        """Mean raw score of what the mask leaves."""
        return np.array([masked_mean(capture, layer) for layer in range(capture.layers)])

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"]) -> Judged:
        if not settings.causal:
            return Judged(False, "The mask is not applied yet.")
        stands = f"Layer {settings.layer}: the mean is {number(survey[settings.layer])}."
        return Judged(settings.layer == int(survey.argmin()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"]) -> dict[str, Any]:
        return dict(layer=int(survey.argmin()), causal=True)


def masked_mean(capture: Capture, layer: int) -> float:
    """The mean raw score of all heads, of what the mask leaves."""
    blocks = [block.seen(block.scores) for block in score_blocks(capture.call(layer), masked=True)]
    return sum(float(block.sum(dtype=np.float64)) for block in blocks) / sum(block.size for block in blocks)


class NeedsDivisor(CostliestLayer):
    id = "6-divisor"
    words = (
        "Take the division away from one layer alone: in the experiment with the divisor, choose “1” in “The chosen "
        "layer”. Find the layer in which this costs the model most."
    )
    follows = ("layer", "divisor", "scale_layers")
    change = Change(divide=1.0)
    made_by = (("divisor", "one"), ("scale_layers", "one"))


TASKS = (MostNegativeMean(), NeedsDivisor())
