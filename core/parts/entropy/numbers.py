"""Part 10: how evenly each head spreads its attention."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, entropy, score_blocks, softmax
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.tables import Table, long
from core.progress import Progress, silent
from core.writing import also, counted, percent


class AttentionEntropy(NamedTuple):
    """Part 10: 0 where a head gives all to one token, 1 where every token it sees gets the same."""

    entropy: Float[ndarray, "layer head"]
    """The mean over query tokens of −Σ A ln A / ln n, n the keys that the query sees; those that see one are left out.

    NaN where every query sees one key alone (T = 1).
    """
    by_layer: Float[ndarray, " layer"]
    """The mean over heads."""

    def sentence(self) -> str:
        if np.isnan(self.entropy).all():
            return "Every token of this text sees itself alone, so no head can choose: run a longer text."
        shape, extremes = self.entropy.shape, (self.entropy.argmin(), self.entropy.argmax())
        least, most = (np.unravel_index(at, shape) for at in extremes)
        low, high = int(self.by_layer.argmin()), int(self.by_layer.argmax())
        layers = (
            f"Averaged over {counted(shape[1], 'head')}, attention is narrowest in layer {low} "
            f"({percent(self.by_layer[low])}) and widest in layer {high} ({percent(self.by_layer[high])})."
        )
        return (
            f"Layer {least[0]}, head {least[1]} looks at fewest tokens: its entropy is {percent(self.entropy[least])} "
            f"of what equal weights would have; layer {most[0]}, head {most[1]} looks at most, "
            f"{percent(self.entropy[most])}.{also(layers if len(self.by_layer) > 1 else '')}"
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        layers = {"layer": np.arange(len(self.by_layer)), "entropy": self.by_layer}
        return (
            Table("part10-heads", "A) Every head", partial(long, self.entropy, "layer", "head", value="entropy")),
            Table("part10-layers", "B) Mean over the heads", lambda: layers),
        )


def attention_entropy(capture: Capture, progress: Progress = silent) -> AttentionEntropy:
    """Part 10."""
    total = np.zeros((capture.layers, capture.heads))
    count = np.zeros((capture.layers, 1))

    def add_layer(layer: int, call: AttentionCall) -> None:
        seen = call.visible.sum(axis=1)  # (T,)
        count[layer] = (seen > 1).sum()
        for block in score_blocks(call, masked=True):
            weights = softmax(block.scores, out=block.scores)
            keys = seen[block.first_query : block.first_query + weights.shape[1]]
            total[layer, block.heads] += summed_spread(weights, keys)

    each_layer(capture, add_layer, progress)
    mean = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return AttentionEntropy(mean, mean.mean(axis=1))


def summed_spread(weights: Float[ndarray, "head query key"], seen: Int[ndarray, " query"]) -> Float[ndarray, " head"]:
    """The sum over queries of −Σ A ln A / ln n, n the keys that the query sees; those that see one are left out."""
    several = seen > 1
    return (entropy(weights)[:, several] / np.log(seen[several])).sum(axis=1)


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    ten = attention_entropy(capture)
    return {
        "part10_entropy": Array(ten.entropy, ("layer", "head")),
        "part10_by_layer": Array(ten.by_layer, ("layer",)),
    }
