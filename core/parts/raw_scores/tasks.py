"""What is to be found in part 4."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import Change
from core.attention.scores import across_heads, scores_of_query, within_heads
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.costliest import CostliestLayer
from core.parts.outstanding_head import OutstandingHead
from core.parts.raw_scores.first_token import first_share
from core.parts.raw_scores.head_pairs import pair_means
from core.writing import number, percent


class FirstTokenIn(Task):
    id = "4-apart"
    words = (
        "Take the last token's query, and let the first token in. In which layer do the means within and across "
        "heads lie farthest apart? Go there."
    )
    follows = ("layer", "query", "skip_first")
    impossible = "There is nothing to compare here: it takes two tokens, and a model with two heads."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, " layer"] | None:
        """How far the two means lie apart."""
        if capture.tokens < 2 or capture.heads < 2:
            return None
        scores = [last_scores(capture, layer, 0) for layer in range(capture.layers)]
        return np.array([abs(within_heads(one).mean() - across_heads(one).mean()) for one in scores])

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        if settings.query != capture.tokens - 1:
            return Judged(False, f"The query is that of token {settings.query}; the last is {capture.tokens - 1}.")
        if settings.skip_first:
            return Judged(False, "The first token is still left out.")
        stands = f"Layer {settings.layer}: the means lie {number(survey[settings.layer])} apart."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        if survey is None:
            return None
        return dict(layer=int(survey.argmax()), query=capture.tokens - 1, skip_first=False)


def last_scores(capture: Capture, layer: int, first_key: int) -> Float[ndarray, "query_head key_head key"]:
    """The last token's scores on those before it, from `first_key` on."""
    return scores_of_query(capture.call(layer), capture.tokens - 1, first_key)


class DiagonalApart(Task):
    id = "4-diagonal"
    words = "In which layer does the diagonal of all head pairs lie farthest from the rest, by their means? Go there."
    follows = ("layer",)
    impossible = "This model has one head: there are no pairs to compare."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, " layer"] | None:
        """How far the mean of the diagonal and that of the rest lie apart."""
        if capture.heads < 2:
            return None
        means = [pair_means(capture.call(layer))[..., None] for layer in range(capture.layers)]
        return np.array([abs(within_heads(one).mean() - across_heads(one).mean()) for one in means])

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        stands = f"Layer {settings.layer}: the two means lie {number(survey[settings.layer])} apart."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        return None if survey is None else dict(layer=int(survey.argmax()))


class FirstTokenHead(OutstandingHead):
    id = "4-first"
    words = "Find the head that gives token 0 most of its attention, averaged over the text, and click its cell."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, "layer head"] | None:
        """The share of every head."""
        return first_share(capture).share if capture.tokens > 1 else None

    def stands(self, where: str, value: float) -> str:
        return f"{where.capitalize()}: token 0 gets {percent(value)}."


class FirstTokenAlone(CostliestLayer):
    id = "4-alone"
    words = (
        "Leave one layer nothing but token 0 to look at: in the experiment, choose “Only it may be looked at” in “The "
        "chosen layer”. Find the layer in which this costs the model most."
    )
    follows = ("layer", "first_look", "first_layers")
    change = Change(mask="onlyfirst")
    made_by = (("first_look", "onlyfirst"), ("first_layers", "one"))


TASKS = (FirstTokenIn(), DiagonalApart(), FirstTokenHead(), FirstTokenAlone())
