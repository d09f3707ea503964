"""What part 8 asks before it is seen: how much tokens give to themselves."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Number
from core.model.capture import Capture
from core.parts.softmax.attention import attention
from core.writing import percent


def self_attention(capture: Capture, settings: Any) -> Number:
    """Part 8: the mean weight of a token on itself."""
    own = attention(capture, settings.layer).self_attention.summary
    if not own.n:
        raise NothingToPredict("A text of one token has no other tokens: run a longer text.")
    seen = capture.call(settings.layer).visible.sum(axis=1)  # token i sees i + 1 where the mask is causal
    equal = float((1 / seen[1:]).mean())
    return Number(
        f"How much of its attention does a token give to itself in layer {settings.layer}, on average over heads "
        "and over all tokens but the first?",
        low=0,
        high=1,
        step=0.01,
        truth=own.mean,
        why=f"Equal shares among the tokens that it sees would give {percent(equal)}.",
        percent=True,
    )


PREDICTION = Prediction(("layer",), self_attention)
