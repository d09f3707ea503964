"""What the overview asks before it is seen: the layer of the head that looks most at the previous token."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.heads.overview import overview
from core.writing import percent


def layer_of_previous_token_head(capture: Capture, _: Any) -> Number:
    """Part 3: the layer whose head gives most to the token before, averaged over the text."""
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has no previous one: run a longer text.")
    if capture.layers < 2:
        raise NothingToPredict("This model has one layer: there is no other one to choose.")
    shown = overview(capture)
    most = shown.previous_token_heads[0]
    return Number(
        f"Every head gives some of its attention to the token just before. In which of the layers 0 … "
        f"{capture.layers - 1} is the head that gives most to it?",
        low=0,
        high=capture.layers - 1,
        step=1,
        truth=most.layer,
        why=f"Head {most.head} of layer {most.layer} gives it {percent(most.score)}, averaged over the text; over all "
        f"heads it is {percent(shown.to_previous.mean())}.",
    )


PREDICTION = Prediction((), layer_of_previous_token_head)
