"""What the grid of head pairs asks before it is seen: whose queries are farthest from what chance gives."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.parts.raw_scores.head_pairs import pair_means
from core.writing import counted, number


def head_apart(capture: Capture, settings: Any) -> Choice:
    """Part 4: the head whose mean on its own keys lies farthest from the mean of its row across heads."""
    heads = capture.heads
    if heads < 2:
        raise NothingToPredict("This model has one head: there are no pairs to compare.")
    means = pair_means(capture.call(settings.layer))
    across = (means.sum(axis=1) - means.diagonal()) / (heads - 1)
    apart = means.diagonal() - across
    below = int((apart < 0).sum())
    return Choice(
        f"Each row of the grid is one head's queries in layer {settings.layer}: on that head's own keys, and on those "
        "of every other head. In which row does the head's own mean lie farthest from the mean of the others?",
        tuple(f"head {head}" for head in range(heads)),
        int(np.abs(apart).argmax()),
        f"{counted(below, 'head')} of {heads} {'lies' if below == 1 else 'lie'} below the rest of the row: there most "
        "keys are to be passed over.",
        tuple(float(head) for head in range(heads)),
        tuple(f"{number(one)} against {number(other)}" for one, other in zip(means.diagonal(), across, strict=True)),
    )


PREDICTION = Prediction(("layer",), head_apart)
