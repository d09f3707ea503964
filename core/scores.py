"""Raw attention scores, the causal mask, softmax, and the samples that parts 4 to 8 draw from them.

Vaswani et al. 2017, "Attention Is All You Need", section 3.2: A = softmax(Q Kᵀ / √d + M).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

BLOCK = 1 << 18
"""Scores held at once when a layer is streamed: they stay in the processor's cache."""


def raw_scores(
    query: Float[ndarray, "*head query width"], key: Float[ndarray, "*head key width"]
) -> Float[ndarray, "*head query key"]:
    """S_h = Q_h K_hᵀ / √d of one head, or of several in one batched product.

    In memory the scores of one key lie side by side: a reduction over keys, as in softmax, then runs along vectors.
    """
    scale = query.dtype.type(1 / np.sqrt(query.shape[-1]))
    return (key @ (query * scale).swapaxes(-1, -2)).swapaxes(-1, -2)


def causal_mask(tokens: int) -> Float[ndarray, "query key"]:
    """M: 0 on and below the diagonal, −∞ above, float32."""
    return np.triu(np.full((tokens, tokens), -np.inf, np.float32), k=1)


def softmax(
    scores: Float[ndarray, "*row key"], out: Float[ndarray, "*row key"] | None = None
) -> Float[ndarray, "*row key"]:
    """Softmax over the last axis, into `out` (the scores' own array will do) or a new array.

    −∞ gets exactly 0. Each row needs one finite score.
    """
    weights = np.subtract(scores, scores.max(axis=-1, keepdims=True), out=out)
    np.exp(weights, out=weights)
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights


class ScoreBlock(NamedTuple):
    """Some heads' raw scores for some query tokens, with every key that these may have."""

    heads: slice
    first_query: int
    scores: Float[ndarray, "head query key"]
    """With −∞ above the diagonal, and cut after the last query's own key, if causal."""
    visible: Bool[ndarray, "query key"] | None
    """On and below the diagonal; None without a mask: everything is."""

    def seen(self, values: Float[ndarray, "head query key"]) -> Float[ndarray, "*value"]:
        """Those values of an array shaped like the scores that the mask leaves."""
        return values if self.visible is None else values[:, self.visible]


def score_blocks(
    query: Float[ndarray, "head token width"], key: Float[ndarray, "head token width"], *, causal: bool
) -> Iterator[ScoreBlock]:
    """All heads' raw scores, at most about BLOCK of them at once, in whole rows."""
    heads, tokens, _ = query.shape
    rows = min(tokens, max(1, BLOCK // tokens))
    step = max(1, BLOCK // (rows * tokens))
    for first in range(0, tokens, rows):
        stop = min(first + rows, tokens)
        keys = stop if causal else tokens
        hidden = np.asfortranarray(causal_mask(stop)[first:]) if causal else None  # (query, key), laid out as scores
        for head in range(0, heads, step):
            some = slice(head, min(head + step, heads))
            scores = raw_scores(query[some, first:stop], key[some, :keys])
            if hidden is not None:
                scores += hidden
            yield ScoreBlock(some, first, scores, None if hidden is None else hidden == 0)


def scores_of_query(
    query: Float[ndarray, "head token width"],
    key: Float[ndarray, "head token width"],
    token: int,
    first_key: int,
) -> Float[ndarray, "query_head key_head key"]:
    """One token's query in each head on the keys `first_key` … `token` − 1 of each head, over √d."""
    heads, _, width = query.shape
    keys = key[:, first_key:token].swapaxes(0, 1)  # (key, head, width): contiguous in a Capture
    scores = raw_scores(query[:, token], keys.reshape(-1, width))  # (query_head, key · key_head)
    return scores.reshape(heads, keys.shape[0], heads).swapaxes(1, 2)


def within_heads(
    scores: Float[ndarray, "query_head key_head key"],
) -> Float[ndarray, " value"]:
    """Query and key of the same head, ordered by head, then position: H · n values."""
    return np.einsum("hhk->hk", scores).reshape(-1)


def across_heads(
    scores: Float[ndarray, "query_head key_head key"],
) -> Float[ndarray, " value"]:
    """Query and key of different heads, ordered by query head, key head, position: H · (H − 1) · n values."""
    return scores[~np.eye(len(scores), dtype=bool)].reshape(-1)


class AttentionSamples(NamedTuple):
    """One layer's weights that part 7b looks at."""

    final_to_previous: Float[ndarray, "head previous"]
    """A_h[T−1, 0 … T−2]"""
    self_attention: Float[ndarray, "head other"]
    """A_h[i, i] for i = 1 … T−1"""
    first_to_self: Float[ndarray, " head"]
    """A_h[0, 0]: exactly 1, as the first token sees nothing but itself."""


def attention_samples(
    query: Float[ndarray, "head token width"], key: Float[ndarray, "head token width"]
) -> AttentionSamples:
    """The last row and the diagonal of A_h = softmax(S_h + M) for every head."""
    heads, tokens, _ = query.shape
    diagonal = np.empty((heads, tokens), query.dtype)
    final = np.empty((heads, tokens - 1), query.dtype)
    for block in score_blocks(query, key, causal=True):
        weights = softmax(block.scores, out=block.scores)
        stop = block.first_query + weights.shape[1]
        diagonal[block.heads, block.first_query : stop] = weights.diagonal(block.first_query, 1, 2)
        if stop == tokens:
            final[block.heads] = weights[:, -1, :-1]
    return AttentionSamples(final, diagonal[:, 1:], diagonal[:, 0])
