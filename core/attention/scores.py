"""Raw attention scores, the mask, softmax, and the samples that parts 4 to 8 draw from them.

Vaswani et al. 2017, "Attention Is All You Need", section 3.2: A = softmax(Q Kᵀ / √d + M). What a model has in place of
1/√d and of the causal mask M is its own business: an `AttentionCall` says it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

BLOCK = 1 << 18
"""Scores held at once when a layer is streamed: they stay in the processor's cache."""


class AttentionCall(NamedTuple):
    """What the attention of one layer was given for a text, from which its scores and weights follow."""

    query: Float[ndarray, "head token width"]
    key: Float[ndarray, "head token width"]
    scale: float
    """What the products are multiplied by: 1/√d in GPT-2."""
    softcap: float
    """c of soft-capping, c · tanh(score / c), which keeps scores between −c and c (Gemma 2); ∞ where there is none."""
    visible: Bool[ndarray, "query key"]
    """The keys that each query may see; on and below the diagonal in GPT-2."""

    def raw_scores(
        self, query: Float[ndarray, "*head query width"], key: Float[ndarray, "*head key width"]
    ) -> Float[ndarray, "*head query key"]:
        """S_h = scale · Q_h K_hᵀ, soft-capped, of some of the queries and keys: one head, or several in one product.

        In memory the scores of one key lie side by side: a reduction over keys, as in softmax, then runs along vectors.
        """
        scores = (key @ (query * query.dtype.type(self.scale)).swapaxes(-1, -2)).swapaxes(-1, -2)
        if self.softcap < np.inf:
            cap = scores.dtype.type(self.softcap)
            scores = np.tanh(scores / cap) * cap
        return scores

    @property
    def mask(self) -> Float[ndarray, "query key"]:
        """M: 0 where the query may see the key, −∞ where not, float32."""
        return np.where(self.visible, np.float32(0), np.float32(-np.inf))


def causal_mask(tokens: int) -> Float[ndarray, "query key"]:
    """GPT-2's M: 0 on and below the diagonal, −∞ above, float32."""
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


def entropy(weights: Float[ndarray, "*row entry"]) -> Float[ndarray, "*row"]:
    """Shannon entropy −Σ p ln p over the last axis, in nats; a weight of 0 adds nothing."""
    logs = np.log(weights, out=np.zeros_like(weights), where=weights > 0)
    return np.asarray(np.abs((weights * logs).sum(axis=-1)))  # abs: −Σ of nothing but zeros would be −0.0


class ScoreBlock(NamedTuple):
    """Some heads' raw scores for some query tokens, with every key that these may have."""

    heads: slice
    first_query: int
    scores: Float[ndarray, "head query key"]
    """If masked, with −∞ where the model's mask has it, and cut after the last key that one of the queries sees."""
    visible: Bool[ndarray, "query key"] | None
    """What the mask leaves; None without a mask: everything is."""

    def seen(self, values: Float[ndarray, "head query key"]) -> Float[ndarray, "*value"]:
        """Those values of an array shaped like the scores that the mask leaves."""
        return values if self.visible is None else values[:, self.visible]


def score_blocks(call: AttentionCall, *, masked: bool) -> Iterator[ScoreBlock]:
    """All heads' raw scores, at most about BLOCK of them at once, in whole rows."""
    heads, tokens, _ = call.query.shape
    rows = min(tokens, max(1, BLOCK // tokens))
    step = max(1, BLOCK // (rows * tokens))
    for first in range(0, tokens, rows):
        stop = min(first + rows, tokens)
        keys, hidden, visible = tokens, None, None
        if masked:
            keys = int(np.flatnonzero(call.visible[first:stop].any(axis=0))[-1]) + 1
            visible = np.asfortranarray(call.visible[first:stop, :keys])  # laid out as the scores
            hidden = np.where(visible, np.float32(0), np.float32(-np.inf))
        for head in range(0, heads, step):
            some = slice(head, min(head + step, heads))
            scores = call.raw_scores(call.query[some, first:stop], call.key[some, :keys])
            if hidden is not None:
                scores += hidden
            yield ScoreBlock(some, first, scores, visible)


def scores_of_query(
    call: AttentionCall, token: int, first_key: int
) -> Float[ndarray, "query_head key_head key"]:
    """One token's query in each head on the keys `first_key` … `token` − 1 of each head, without a mask."""
    heads, _, width = call.query.shape
    keys = call.key[:, first_key:token].swapaxes(0, 1)  # (key, head, width): contiguous in a Capture
    scores = call.raw_scores(call.query[:, token], keys.reshape(-1, width))  # (query_head, key · key_head)
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
    """A_h[0, 0]: exactly 1 where the first token sees nothing but itself."""


def attention_samples(call: AttentionCall) -> AttentionSamples:
    """The last row and the diagonal of A_h = softmax(S_h + M) for every head."""
    heads, tokens, _ = call.query.shape
    diagonal = np.zeros((heads, tokens), call.query.dtype)
    final = np.zeros((heads, tokens - 1), call.query.dtype)
    for block in score_blocks(call, masked=True):
        weights = softmax(block.scores, out=block.scores)
        rows, keys = weights.shape[1:]
        own = weights.diagonal(block.first_query, 1, 2)
        diagonal[block.heads, block.first_query : block.first_query + own.shape[1]] = own
        if block.first_query + rows == tokens:
            final[block.heads, : keys] = weights[:, -1, : tokens - 1]
    return AttentionSamples(final, diagonal[:, 1:], diagonal[:, 0])
