"""What part 10 asks before it is seen: the layer with the narrowest attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.entropy.numbers import attention_entropy
from core.writing import percent


def narrowest_layer(capture: Capture, _: Any) -> Number:
    """Part 10: the layer with the lowest mean entropy."""
    means = attention_entropy(capture).by_layer
    if np.isnan(means).all():
        raise NothingToPredict("A text of one token leaves no head a choice: run a longer text.")
    if len(means) < 2:
        raise NothingToPredict("This model has one layer: there is no other one to choose.")
    layer = int(means.argmin())
    return Number(
        f"In which of the layers 0 … {len(means) - 1} will the heads look at fewest tokens: which has the lowest mean "
        "entropy?",
        low=0,
        high=len(means) - 1,
        step=1,
        truth=layer,
        why=f"Layer {layer} has {percent(means[layer])} of the entropy of equal weights; over all layers it is "
        f"{percent(means.mean())}.",
    )


PREDICTION = Prediction((), narrowest_layer)
