"""What the experiment with averaged heads asks before it is run: in which of three layers the average costs most."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.attention.intervention import UNCHANGED
from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.averaging.averaged_heads import averaged_in
from core.writing import number


def costliest_layer(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 9: of the first, the middle and the last layer, the one whose average raises the mean loss most."""
    if capture.heads < 2:
        raise NothingToPredict("This model has one head: its average is itself.")
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has no loss: run a longer text.")
    layers = tuple(dict.fromkeys((0, capture.layers // 2, capture.layers - 1)))
    before, *after = experiments.says(capture, [UNCHANGED, *(averaged_in((layer,)) for layer in layers)])
    rises = [said.loss - before.loss for said in after]
    return Choice(
        "Give all heads of one layer their average attention. In which of these layers does the mean loss rise most?",
        tuple(f"layer {layer}" for layer in layers),
        truth=int(np.argmax(rises)),
        why=f"As it is, the mean loss is {number(before.loss)} nats a token; the more it rises, the less one head can "
        "stand in for another.",
        places=tuple(range(len(layers))),
        measured=tuple(f"{rise:+.3g}".replace("-", "−") for rise in rises),
    )


PREDICTION = Prediction((), costliest_layer, runs_model=True)
