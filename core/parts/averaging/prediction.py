"""What part 9 asks before it is seen: the slope of the averages."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.words import STUDY_SCALE, scale_sign
from core.parts.averaging.numbers import averaging
from core.writing import number


def slope(capture: Capture, settings: Any) -> Choice:
    """Part 9: the slope when each product is divided by the root of its own width."""
    count = capture.heads
    if count < 2:
        raise NothingToPredict("This model has one head: both calculations are the same.")
    values = {"√H": count**0.5, "1": 1.0, "1/√H": count**-0.5, "1/H": 1 / count}
    measured = averaging(capture, settings.layer, "own_width").slope
    divided = "Q Kᵀ is divided by √E, the root of all the widths together; each head's product by √d"
    why = "the average divides by H, but √E is only √H times √d"
    if scale_sign(capture, settings.layer) != STUDY_SCALE:
        scale = number(float(capture.scale[settings.layer]))
        divided = f"Each head's product is multiplied by the model's own scale, {scale}, and Q Kᵀ by that over √H"
        why = "the average divides by H, but the two scales differ by √H only"
    return Choice(
        f"{divided}, and then the {count} heads are averaged. On a line of which slope will the points lie?",
        tuple(f"{name} = {number(value)}" if name != "1" else "1" for name, value in values.items()),
        int(np.abs(np.array(list(values.values())) - measured).argmin()),
        f"The points' own slope is {number(measured)}: {why}.",
        tuple(values.values()),
    )


PREDICTION = Prediction(("layer", "normalisation"), slope, needs={"normalisation": "own_width"})
