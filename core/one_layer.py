"""Parts 3, 4 and 7: one layer of a capture."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from core.capture import Capture
from core.distributions import Density, Sample, freedman_diaconis, sample
from core.model_words import mask_words
from core.scores import (
    across_heads,
    attention_samples,
    causal_mask,
    scores_of_query,
    softmax,
    within_heads,
)

Activation = Literal["query", "key", "value"]
MASK_SIZE = 5


class Heads(NamedTuple):
    """Part 3: one layer's activations by head, each transposed as the heat maps show it."""

    layer: int
    activation: Activation
    heads: Float[ndarray, "head width token"]
    lowest: float
    highest: float


def heads(capture: Capture, layer: int, activation: Activation = "query") -> Heads:
    """Part 3: Q_hᵀ (or K_hᵀ, V_hᵀ) of every head, (H, d, T), a view of the capture."""
    split = capture.split_heads(activation, layer).swapaxes(1, 2)
    return Heads(layer, activation, split, float(split.min()), float(split.max()))


class RawScores(NamedTuple):
    """Part 4: one query's scores on the previous keys, within and across heads; empty for T ≤ 2."""

    layer: int
    query: int
    first_key: int
    """The keys are those of tokens `first_key` … `query` − 1."""
    within: Sample
    """Ordered by head, then position."""
    across: Sample
    """Ordered by query head, then key head, then position."""
    within_density: Density
    across_density: Density


def raw_score_samples(
    capture: Capture, layer: int, query: int | None = None, leave_out_first: bool = True
) -> RawScores:
    """Part 4, for the query of token `query` (0 … T−1; None: the last).

    Scores on keys of another head mean nothing to the model: they are the control group.
    """
    token = capture.tokens - 1 if query is None else query
    first_key = int(leave_out_first)
    scores = scores_of_query(capture.call(layer), token, first_key)
    within, across = within_heads(scores), across_heads(scores)
    return RawScores(
        layer,
        token,
        first_key,
        sample(within),
        sample(across),
        freedman_diaconis(within),
        freedman_diaconis(across),
    )


class CausalMask(NamedTuple):
    """Part 7a: what the causal mask is and what softmax makes of it."""

    binary: Float[ndarray, "query key"]
    """1 above the diagonal: hidden."""
    causal: Float[ndarray, "query key"]
    """M, with −∞ above the diagonal."""
    softmax: Float[ndarray, "query key"]
    """Softmax of M: row i is 1 / (i + 1) up to the diagonal."""
    hidden: Bool[ndarray, "query key"]
    """Where M is −∞, which no colour scale holds."""


def masking(size: int = MASK_SIZE) -> CausalMask:
    """Part 7a, for N = `size` tokens."""
    causal = causal_mask(size)
    hidden = np.isneginf(causal)
    return CausalMask(hidden.astype(np.float32), causal, softmax(causal), hidden)


class Attention(NamedTuple):
    """Part 7b: one layer's weights of the last token on those before, and of tokens on themselves."""

    layer: int
    final_to_previous: Sample
    """A_h[T−1, 0 … T−2], ordered by head, then position; empty for T = 1."""
    self_attention: Sample
    """A_h[i, i], i = 1 … T−1, ordered by head, then position; empty for T = 1."""
    first_to_self: Sample
    """A_h[0, 0] by head, each exactly 1 where the first token has nothing else to look at."""


def attention(capture: Capture, layer: int) -> Attention:
    """Part 7b of one layer."""
    return Attention(layer, *(sample(values) for values in attention_samples(capture.call(layer))))


class HeadMaps(NamedTuple):
    """One head at every stage from Q Kᵀ to the attention weights, each T × T."""

    layer: int
    head: int
    product: Float[ndarray, "query key"]
    """Q_h K_hᵀ"""
    raw: Float[ndarray, "query key"]
    """S_h, by the model's own scale: Q_h K_hᵀ / √d in GPT-2"""
    masked: Float[ndarray, "query key"]
    """S_h + M, with −∞ where the model's mask has it: above the diagonal in GPT-2."""
    weights: Float[ndarray, "query key"]
    """A_h"""
    hidden: Bool[ndarray, "query key"]
    """Where the mask is −∞."""
    mask_words: str
    """Which keys a query may see, in a sentence; empty for the causal mask."""

    def stages(self, query: int, key: int) -> tuple[float, float, float, float]:
        """One cell's value after Q Kᵀ, its scale, + M, softmax."""
        product, raw, masked, weight = (
            float(stage[query, key]) for stage in (self.product, self.raw, self.masked, self.weights)
        )
        return product, raw, masked, weight

    def strongest(self, query: int, count: int = 3) -> Int[ndarray, " key"]:
        """The key tokens that a query token gives most to, in falling order; at most `count`, none hidden."""
        visible = np.flatnonzero(~self.hidden[query])
        return visible[np.argsort(-self.weights[query, visible], kind="stable")[:count]]


def head_maps(capture: Capture, layer: int, head: int) -> HeadMaps:
    """Part 7b's maps of the selected head."""
    call = capture.call(layer)
    query, key = call.query[head], call.key[head]
    raw = np.ascontiguousarray(call.raw_scores(query, key))
    masked = raw + call.mask
    return HeadMaps(layer, head, query @ key.T, raw, masked, softmax(masked), ~call.visible, mask_words(capture, layer))
