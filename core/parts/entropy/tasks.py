"""What is to be found in part 10: the head that looks at fewest tokens, and those that the model misses most."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from core.attention.intervention import UNCHANGED
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.entropy.head_ranking import head_ranking, without
from core.parts.entropy.heads_off import read_heads, write_heads
from core.parts.entropy.numbers import attention_entropy
from core.parts.outstanding_head import OutstandingHead
from core.writing import number, percent


class NarrowestHead(OutstandingHead):
    id = "10-narrow"
    words = (
        "Find the head that looks at fewest tokens: the one with the lowest entropy. Click its cell, and see in part 7 "
        "which tokens it looks at."
    )
    lowest = True

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, "layer head"] | None:
        """The entropy of every head."""
        return attention_entropy(capture).entropy if capture.tokens > 1 else None

    def stands(self, where: str, value: float) -> str:
        return f"{where.capitalize()}: {percent(value)} of what equal weights would have."


class MostMissedHead(OutstandingHead):
    id = "10-missed"
    words = "Find the head without which the mean loss rises most when its weights are 0. Go to its layer and head."
    runs_model = True

    def survey(self, capture: Capture, experiments: Experiments) -> Float[ndarray, "layer head"] | None:
        """What the mean loss rises by without each head."""
        return head_ranking(experiments, capture).rise if capture.tokens > 1 else None

    def stands(self, where: str, value: float) -> str:
        return f"Without {where}: {told(value)} the mean loss."


class HeadOfRepetition(Task):
    id = "10-repeat"
    words = (
        "Which head carries the repetition? Run a text that says things twice. A token is repeated when it and the "
        "token before it have stood side by side before. Switch off, alone and with weights of 0, the head without "
        "which the loss of repeated tokens rises most."
    )
    follows = ("heads_off", "off_weights")
    impossible = "Nothing is said twice in this text: run one in which two tokens in a row come again."
    runs_model = True

    def survey(self, capture: Capture, experiments: Experiments) -> Float[ndarray, "layer head"] | None:
        """What the mean loss of repeated tokens rises by without each head; None where there is no such token."""
        repeated = repetitions(capture.token_ids)
        if not repeated.any():
            return None
        each = [without(layer, head) for layer, head in np.ndindex(capture.layers, capture.heads)]
        before, *after = (losses[repeated].mean() for losses in experiments.losses(capture, [UNCHANGED, *each]))
        return (np.array(after, float) - before).reshape(capture.layers, capture.heads)

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, "layer head"]) -> Judged:
        off = read_heads(settings.heads_off, capture.layers, capture.heads)
        if off.sum() != 1 or settings.off_weights != "zero":
            return Judged(False, "Not exactly one head is off with weights of 0.")
        here = survey[off][0]
        return Judged(bool(here == survey.max()), f"Without this head: {told(here)} the mean loss of repeated tokens.")

    def reach(self, capture: Capture, survey: Float[ndarray, "layer head"] | None) -> dict[str, Any] | None:
        if survey is None:
            return None
        return dict(heads_off=write_heads(survey == survey.max()), off_weights="zero")


def repetitions(token_ids: Int[ndarray, " token"]) -> Bool[ndarray, " later"]:
    """Of each token but the first, whether the one before it and it have stood in this order before."""
    pairs = list(zip(token_ids[:-1].tolist(), token_ids[1:].tolist(), strict=True))
    return np.array([pair in pairs[:place] for place, pair in enumerate(pairs)], bool)


def told(rise: float) -> str:
    """What is added to a loss, or taken from it."""
    return f"{number(rise)} nats on" if rise >= 0 else f"{number(-rise)} nats off"


TASKS = (NarrowestHead(), MostMissedHead(), HeadOfRepetition())
