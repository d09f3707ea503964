"""Part 4, all pairs of heads: the mean score of every head's queries on every head's keys."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.distributions import Sample, sample
from core.attention.scores import BLOCK, AttentionCall, across_heads, within_heads
from core.model.capture import Capture
from core.parts.tables import Columns, Table, in_samples, long
from core.progress import Progress, silent
from core.writing import counted, number

ONE_HEAD = "The model has one head, so there are no other pairs."


class HeadPairs(NamedTuple):
    """The grid of one layer; the model computes its diagonal only."""

    layer: int
    pairs: int
    """Pairs of a query token and a key token that it may see: each mean is over all of them."""
    means: Float[ndarray, "query_head key_head"]
    """The mean of scale · Q_q K_kᵀ over these pairs, soft-capped where the layer does that."""
    within: Sample
    """The diagonal, by head."""
    across: Sample
    """The rest, by query head, then key head."""

    def sentence(self) -> str:
        own = self.within.values
        said = (
            f"Layer {self.layer}: over {counted(self.pairs, 'pair')} of tokens the mean score within a head is "
            f"{number(own.mean())}, highest in head {own.argmax()} ({number(own.max())})"
        )
        if not len(self.across.values):
            return f"{said}. {ONE_HEAD}"
        off = np.where(np.eye(len(own), dtype=bool), -np.inf, self.means)
        query, key = np.unravel_index(off.argmax(), off.shape)
        return (
            f"{said}; across heads it is {number(self.across.values.mean())}, highest for queries of head {query} on "
            f"keys of head {key} ({number(off.max())})."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def both() -> Columns:
            values = np.concatenate([self.within.values, self.across.values])
            return {"sample": in_samples(within=len(self.means), across=len(values) - len(self.means)), "mean": values}

        grid = partial(long, self.means, "query_head", "key_head", value="mean")
        return (
            Table("part4b-grid", "A) Every pair of heads", grid),
            Table("part4b-pairs", "B) On the diagonal and off it", both),
        )


def head_pairs(capture: Capture, layer: int, progress: Progress = silent) -> HeadPairs:
    """The mean scores of all pairs of heads in one layer, over the pairs of tokens that the model's mask leaves."""
    call = capture.call(layer)
    means = pair_means(call, progress)
    own, other = within_heads(means[..., None]), across_heads(means[..., None])
    return HeadPairs(layer, int(call.visible.sum()), means, sample(own), sample(other))


def pair_means(call: AttentionCall, progress: Progress = silent) -> Float[ndarray, "query_head key_head"]:
    """Without soft-capping a mean of products is a product of sums, and no score is computed:

    Σᵢ Σⱼ qᵢ · kⱼ over the keys j that query i sees is Σᵢ qᵢ · (Σⱼ kⱼ). With it every score is, a block at a time.
    """
    count = call.visible.sum()
    if call.softcap < np.inf:
        return _capped_sums(call, progress) / count
    seen = call.visible.astype(call.key.dtype) @ call.key  # (H, T, d): for each query the sum of the keys it sees
    query, keys = (array.reshape(len(array), -1).astype(np.float64) for array in (call.query, seen))
    return query @ keys.T * (call.scale / count)


def _capped_sums(call: AttentionCall, progress: Progress) -> Float[ndarray, "query_head key_head"]:
    heads, tokens, width = call.query.shape
    sums = np.zeros((heads, heads))
    rows = max(1, BLOCK // (heads * tokens))
    for head in range(heads):
        for first in range(0, tokens, rows):
            visible = call.visible[first : first + rows]
            query = np.broadcast_to(call.query[head, first : first + rows], (heads, len(visible), width))
            scores = call.raw_scores(query, call.key)
            sums[head] += np.where(visible, scores, 0).sum(axis=(1, 2), dtype=np.float64)
        progress((head + 1) / heads)
    return sums
