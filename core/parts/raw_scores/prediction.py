"""What part 4 asks before it is seen: where the scores within heads lie."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.attention.scores import scores_of_query, within_heads
from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture

NO_KEYS = "Part 4's query token has no tokens before it: choose a later one, or run a longer text."


def mean_within(capture: Capture, settings: Any) -> Number:
    """Part 4: the mean of the scores within heads."""
    if settings.query - settings.skip_first < 1:
        raise NothingToPredict(NO_KEYS)
    mean = mean_within_of(capture, settings.layer, settings)
    reach = float(max(10, 5 * np.ceil(abs(mean) / 5 + 0.5)))
    return Number(
        f"Where will the mean of the scores within heads lie, in layer {settings.layer}, for the query of token "
        f"{settings.query}? Scores of random numbers would lie around 0.",
        low=-reach,
        high=reach,
        step=0.1,
        truth=mean,
        why="A score of −2 gets e⁻² ≈ 0.14 times the weight of a score of 0: most keys are there to be passed over."
        if mean < 0
        else "Above 0: here queries and keys of one head point the same way more often than not.",
    )


def mean_within_of(capture: Capture, layer: int, settings: Any) -> float:
    scores = scores_of_query(capture.call(layer), settings.query, int(settings.skip_first))
    return float(within_heads(scores).mean(dtype=np.float64))


PREDICTION = Prediction(("layer", "query", "skip_first"), mean_within)
