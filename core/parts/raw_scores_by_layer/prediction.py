"""What part 5 asks before it is seen: the layer with the lowest scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.raw_scores.prediction import NO_KEYS, mean_within_of
from core.writing import number


def lowest_layer(capture: Capture, settings: Any) -> Number:
    """Part 5: the layer with the most negative mean within heads."""
    if settings.query - settings.skip_first < 1:
        raise NothingToPredict(NO_KEYS)
    means = np.array([mean_within_of(capture, layer, settings) for layer in range(capture.layers)])
    lowest = int(means.argmin())
    return Number(
        f"In which of the layers 0 … {capture.layers - 1} will the scores within heads lie farthest below 0: which "
        "has the most negative mean?",
        low=0,
        high=capture.layers - 1,
        step=1,
        truth=lowest,
        why=f"Layer {lowest} has a mean of {number(means[lowest])}; over all layers it is {number(means.mean())}.",
    )


PREDICTION = Prediction(("query", "skip_first"), lowest_layer)
