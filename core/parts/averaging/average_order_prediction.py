"""What part 9 asks before the two orders of averaging are seen: how much attention they put on different tokens."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.averaging.average_order import layer_order
from core.writing import percent


def share_elsewhere(capture: Capture, settings: Any) -> Number:
    """Part 9: the mean distance of the two orders in the layer on show."""
    if capture.heads < 2:
        raise NothingToPredict("This model has one head: its average is itself, in either order.")
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token leaves no head a choice: run a longer text.")
    distance, mean, one = layer_order(capture.call(settings.layer))
    return Number(
        f"In layer {settings.layer}, average the scores of the heads and take one softmax; or take each head's softmax "
        "and average these. What share of the attention lies on different tokens?",
        low=0,
        high=1,
        step=0.01,
        truth=distance,
        why=f"The entropy is {percent(one)} of the largest there is with one softmax, {percent(mean)} with the mean of "
        "them: softmax bends, and what bends does not change places with an average.",
        percent=True,
    )


PREDICTION = Prediction(("layer",), share_elsewhere)
