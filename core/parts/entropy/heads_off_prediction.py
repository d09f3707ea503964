"""What the experiment with heads asks before it is run: what becomes of the loss without the chosen head."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.attention.intervention import UNCHANGED
from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.entropy.head_ranking import without
from core.writing import number, percent

STEPS = (0.0, 0.01, 0.1)
"""Of the loss: where one answer ends and the next begins."""
ANSWERS = ("it falls", "it rises by less than 1 %", "it rises by 1 to 10 %", "it rises by more than 10 %")


def loss_without_head(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 10: how far the mean loss rises without the chosen head."""
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has no loss: run a longer text.")
    off = without(settings.layer, settings.head, settings.off_weights)
    before, after = (float(losses.mean()) for losses in experiments.losses(capture, [UNCHANGED, off]))
    share = after / before - 1
    return Choice(
        f"Head {settings.head} of layer {settings.layer}, one of {capture.layers * capture.heads} heads, is switched "
        "off. What becomes of the mean loss of your text?",
        ANSWERS,
        truth=int(np.searchsorted(STEPS, share, side="right")),
        why=f"It goes from {number(before)} to {number(after)} nats a token: {percent(abs(share))} "
        f"{'more' if share >= 0 else 'less'}.",
        places=tuple(range(len(ANSWERS))),
    )


PREDICTION = Prediction(("layer", "head", "off_weights"), loss_without_head, runs_model=True)
