"""What the ranking asks before it is run: the head of the chosen layer that is missed most."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.attention.intervention import UNCHANGED
from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.entropy.head_ranking import without
from core.writing import number


def most_missed_of_layer(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 10: the head without which the mean loss is highest, of one layer's."""
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has no loss: run a longer text.")
    if capture.heads < 2:
        raise NothingToPredict("This model has one head in each layer: there is no other one to choose.")
    heads = range(capture.heads)
    runs = [UNCHANGED, *(without(settings.layer, head, settings.off_weights) for head in heads)]
    before, *after = (float(losses.mean()) for losses in experiments.losses(capture, runs))
    lower = sum(loss < before for loss in after)
    return Choice(
        f"Each head of layer {settings.layer} is switched off alone. Without which is the mean loss of your text "
        "highest? Part 7 shows where each of them looks.",
        tuple(f"head {head}" for head in heads),
        truth=int(np.argmax(after)),
        why=f"With all heads on it is {number(before)}. Without {lower} of the {capture.heads} heads it is lower.",
        places=tuple(map(float, heads)),
        measured=tuple(f"{number(loss)} nats a token without it" for loss in after),
    )


PREDICTION = Prediction(("layer", "off_weights"), most_missed_of_layer, runs_model=True)
