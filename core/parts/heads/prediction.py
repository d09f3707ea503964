"""What part 3 asks before it is seen: the head in which the first token stands out."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.parts.heads.numbers import heads
from core.writing import number


def head_with_longest_first(capture: Capture, settings: Any) -> Choice:
    """Part 3: the head in which the first token's column stands out most, against the mean of the other columns."""
    count = capture.heads
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has one column in every head: nothing can stand out.")
    if count < 2:
        raise NothingToPredict("This model has one head: there is no other one to choose.")
    lengths = np.linalg.norm(heads(capture, settings.layer, settings.activation).heads, axis=1)  # (H, T)
    ratios = lengths[:, 0] / lengths[:, 1:].mean(axis=1)
    return Choice(
        f"A column is one token's {settings.activation} in one head. Call it long when its numbers lie far from 0. In "
        f"which head of layer {settings.layer} does token 0, the first, stand out most: where is its column longest "
        "next to the others' mean?",
        tuple(f"head {head}" for head in range(count)),
        int(ratios.argmax()),
        f"Token 0's column is longer than that mean in {(ratios > 1).sum()} of the {count} heads.",
        tuple(map(float, range(count))),
        tuple(f"{number(ratio)} times the others' mean" for ratio in ratios),
    )


PREDICTION = Prediction(("layer", "activation"), head_with_longest_first)
