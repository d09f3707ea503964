"""What part 8 asks before two texts are compared: at which stage they differ most."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.softmax_by_layer.two_texts import two_texts
from core.writing import percent


def most_different_stage(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 8: the stage at which A and B lie farthest apart in the layer on show, as a share of their size."""
    a, b = (experiments.of_text(capture, text) for text in (settings.other_text, capture.text))
    of_stage = two_texts(a, b).difference[:, settings.layer]
    if not of_stage.max() > 0:  # nothing differs, or there is nothing to compare
        raise NothingToPredict("Nothing differs between these texts: change one word of text A, and keep the others.")
    return Choice(
        f"Compare text A with the text on show in layer {settings.layer}, on the tokens that both have. At which stage "
        "do they differ most, as a share of their size?",
        ("the queries", "the raw scores", "the masked scores", "the weights after softmax"),
        truth=int(of_stage.argmax()),
        why="Softmax makes powers of scores: a small step of one score moves the shares of its whole row.",
        places=tuple(float(one) for one in of_stage),
        measured=tuple(percent(one) for one in of_stage),
    )


PREDICTION = Prediction(("other_text", "layer"), most_different_stage, runs_model=True)
