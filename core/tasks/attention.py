"""Tasks of parts 7 and 8: a head to be found by where its tokens look."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.capture import Capture
from core.scores import attention_samples, score_blocks
from core.settings import Settings
from core.tasks.task import Judged, Task
from core.writing import percent


class PreviousToken(Task):
    id = "7-previous"
    words = (
        "Find a head in which most tokens look at the token before them, and click a cell that shows it: a query "
        "on the key just before."
    )
    follows = ("layer", "head", "query", "key")
    impossible = "No head of this model does that with this text: run another text, or choose another model."

    def survey(self, capture: Capture) -> Bool[ndarray, "layer head token"]:
        """Whether a token gives most to the one before; the first never does."""
        found = np.zeros((capture.layers, capture.heads, capture.tokens), bool)
        for layer in range(capture.layers):
            for block in score_blocks(capture.call(layer), masked=True):
                first, favourite = block.first_query, block.scores.argmax(axis=-1)  # softmax keeps the order
                tokens = np.arange(first, first + favourite.shape[1])
                found[layer, block.heads, tokens[0] : tokens[-1] + 1] = favourite == tokens - 1
        return found

    def judge(self, capture: Capture, settings: Settings, survey: Bool[ndarray, "layer head token"]) -> Judged:
        here = survey[settings.layer, settings.head]
        share = float(here[1:].mean()) if capture.tokens > 1 else 0.0
        stands = f"Layer {settings.layer}, head {settings.head}: {percent(share)} of the tokens do."
        if share <= 0.5:
            return Judged(False, stands)
        clicked = settings.key == settings.query - 1 and bool(here[settings.query])
        return Judged(clicked, stands if clicked else f"{stands} Now click a bright cell just left of the diagonal.")

    def reach(self, capture: Capture, survey: Bool[ndarray, "layer head token"]) -> Settings | None:
        share = survey[:, :, 1:].sum(axis=-1) / max(1, capture.tokens - 1)
        if not share.max() > 0.5:
            return None
        layer, head = (int(at) for at in np.unravel_index(share.argmax(), share.shape))
        query = int(survey[layer, head].argmax())
        return Settings(layer=layer, head=head, query=query, key=query - 1)


class MostSelfAttention(Task):
    id = "8-self"
    words = (
        "Find the layer and the head in which tokens give most to themselves, on average and without the first: "
        "the layer here, the head in part 7."
    )
    follows = ("layer", "head")
    impossible = "The text is too short: it takes two tokens."

    def survey(self, capture: Capture) -> Float[ndarray, "layer head"] | None:
        """The mean weight of a token on itself."""
        if capture.tokens < 2:
            return None
        layers = [attention_samples(capture.call(layer)) for layer in range(capture.layers)]
        return np.stack([one.self_attention.mean(axis=1) for one in layers])

    def judge(self, capture: Capture, settings: Settings, survey: Float[ndarray, "layer head"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        here = survey[settings.layer, settings.head]
        stands = f"Layer {settings.layer}, head {settings.head}: {percent(float(here))} on average."
        return Judged(bool(here == survey.max()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, "layer head"] | None) -> Settings | None:
        if survey is None:
            return None
        layer, head = (int(at) for at in np.unravel_index(survey.argmax(), survey.shape))
        return Settings(layer=layer, head=head)
