"""What part 2 asks before it is seen: the next token."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.tokens import isolated
from core.writing import percent


def next_token(capture: Capture, _: Any) -> Choice:
    """Part 2: which of five tokens the model finds most probable."""
    if len(capture.next_text) < 2:
        raise NothingToPredict("This model has no guesses to choose from.")
    order = np.argsort(capture.next_ids)
    ending = "".join(capture.token_text[-8:]).replace("␣", " ")
    return Choice(
        f"The text ends: “…{isolated(ending)}” Which token will the model find most likely to come next?",
        tuple(f"“{isolated(capture.next_text[at])}”" for at in order),
        int(order.argmin()),
        "No other token of its vocabulary gets more; the chart shows the five that get most.",
        tuple(map(float, order)),
        tuple(percent(float(capture.next_probability[at])) for at in order),
    )


PREDICTION = Prediction((), next_token)
