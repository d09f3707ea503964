"""Tasks of parts 4, 5 and 6: raw scores, layer by layer."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.capture import Capture
from core.scores import across_heads, score_blocks, scores_of_query, within_heads
from core.settings import Settings
from core.tasks.task import Judged, Task
from core.writing import number


class FirstTokenIn(Task):
    id = "4-apart"
    words = (
        "Take the last token's query, and let the first token in. In which layer do the means within and across "
        "heads lie farthest apart? Go there."
    )
    follows = ("layer", "query", "skip_first")
    impossible = "There is nothing to compare here: it takes two tokens, and a model with two heads."

    def survey(self, capture: Capture) -> Float[ndarray, " layer"] | None:
        """How far the two means lie apart."""
        if capture.tokens < 2 or capture.heads < 2:
            return None
        scores = [_last_scores(capture, layer, 0) for layer in range(capture.layers)]
        return np.array([abs(within_heads(one).mean() - across_heads(one).mean()) for one in scores])

    def judge(self, capture: Capture, settings: Settings, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        if settings.query != capture.tokens - 1:
            return Judged(False, f"The query is that of token {settings.query}; the last is {capture.tokens - 1}.")
        if settings.skip_first:
            return Judged(False, "The first token is still left out.")
        stands = f"Layer {settings.layer}: the means lie {number(survey[settings.layer])} apart."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> Settings | None:
        if survey is None:
            return None
        return Settings(layer=int(survey.argmax()), query=capture.tokens - 1, skip_first=False)


class WidestLayer(Task):
    id = "5-widest"
    words = (
        "Fit the colours to the data. In which layer do the scores within heads spread widest (last token's query, "
        "first token left out)? Click its row."
    )
    follows = ("layer", "query", "skip_first", "density_fit")
    impossible = "The text is too short: it takes three tokens."

    def survey(self, capture: Capture) -> Float[ndarray, " layer"] | None:
        """SD within heads."""
        if capture.tokens < 3:
            return None
        return np.array([within_heads(_last_scores(capture, layer, 1)).std() for layer in range(capture.layers)])

    def judge(self, capture: Capture, settings: Settings, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        if settings.query != capture.tokens - 1 or not settings.skip_first:
            return Judged(False, "Choose the last token in part 4 again, and leave out the first.")
        if not settings.density_fit:
            return Judged(False, "The colours do not fit the data yet.")
        stands = f"Layer {settings.layer}: SD {number(survey[settings.layer])}."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> Settings | None:
        if survey is None:
            return None
        return Settings(layer=int(survey.argmax()), query=capture.tokens - 1, density_fit=True)


class MostNegativeMean(Task):
    id = "6-negative"
    words = "Apply the model's mask. Then find the layer with the most negative mean score."
    follows = ("layer", "causal")

    def survey(self, capture: Capture) -> Float[ndarray, " layer"]:
        """Mean raw score of what the mask leaves."""
        return np.array([_masked_mean(capture, layer) for layer in range(capture.layers)])

    def judge(self, capture: Capture, settings: Settings, survey: Float[ndarray, " layer"]) -> Judged:
        if not settings.causal:
            return Judged(False, "The mask is not applied yet.")
        stands = f"Layer {settings.layer}: the mean is {number(survey[settings.layer])}."
        return Judged(settings.layer == int(survey.argmin()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"]) -> Settings:
        return Settings(layer=int(survey.argmin()), causal=True)


def _last_scores(capture: Capture, layer: int, first_key: int) -> Float[ndarray, "query_head key_head key"]:
    """The last token's scores on those before it, from `first_key` on."""
    return scores_of_query(capture.call(layer), capture.tokens - 1, first_key)


def _masked_mean(capture: Capture, layer: int) -> float:
    """The mean raw score of all heads, of what the mask leaves."""
    blocks = [block.seen(block.scores) for block in score_blocks(capture.call(layer), masked=True)]
    return sum(float(block.sum(dtype=np.float64)) for block in blocks) / sum(block.size for block in blocks)
