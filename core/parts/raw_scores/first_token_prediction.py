"""What the section on the first token asks before it is seen: the layer whose heads give it most."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.raw_scores.first_token import first_share
from core.writing import percent


def layer_that_gives_most(capture: Capture, _: Any) -> Number:
    """Part 4: the layer in which token 0 gets most attention, averaged over heads and text."""
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has no token after the first: run a longer text.")
    if capture.layers < 2:
        raise NothingToPredict("This model has one layer: there is no other one to choose.")
    share, even = first_share(capture)
    by_layer = share.mean(axis=1)
    layer = int(by_layer.argmax())
    return Number(
        f"Equal weights would give token 0 {percent(even.mean())} of the attention of the tokens after it. In which of "
        f"the layers 0 … {capture.layers - 1} does it get most, averaged over the heads?",
        low=0,
        high=capture.layers - 1,
        step=1,
        truth=layer,
        why=f"There it gets {percent(by_layer[layer])}; over all layers it is {percent(by_layer.mean())}.",
    )


PREDICTION = Prediction((), layer_that_gives_most)
