"""Part 6, B − A: means, SDs and densities of the scores layer by layer, and the ratio of those of the weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.distributions import Density, count_bins, density_of
from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, score_blocks, softmax
from core.model.capture import Capture
from core.parts.difference import (
    Difference,
    Incomparable,
    Side,
    largest,
    same_layers,
    sides,
    signed,
    subtract,
)
from core.parts.distributions.numbers import SOFTMAX_BINS
from core.parts.tables import Table, by_bin
from core.progress import Progress, portion


class ScoreDistributionsDifference(NamedTuple):
    """Part 6."""

    mean: Float[ndarray, " layer"]
    """B − A of the layers' mean raw scores"""
    sd: Float[ndarray, " layer"]
    """B − A of their SDs"""
    raw: Difference
    """(layer, bin)"""
    softmax: Difference
    """(layer, bin), on bins of each layer's own; empty bins at half of one count, as on the logarithmic axis"""

    @property
    def softmax_ratio(self) -> Float[ndarray, "layer bin"]:
        """log₁₀ B − log₁₀ A of the densities of the weights: the distance on a logarithmic axis.

        0 in a layer where A and B have one weight and no density, the same on both sides.
        """
        a, b = self.softmax.a, self.softmax.b
        return np.log10(np.divide(b, a, out=np.ones_like(a), where=a > 0))

    def sentence(self) -> str:
        (mean,), (sd,) = largest(self.mean), largest(self.sd)
        return (
            f"B − A: the mean raw score differs most in layer {mean} ({signed(self.mean[mean])}), its SD in layer {sd} "
            f"({signed(self.sd[sd])}). On the right a value of 1 says that B's density is ten times A's."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        means = {"layer": np.arange(len(self.mean)), "mean_difference": self.mean, "sd_difference": self.sd}
        soft = self.softmax
        return (
            Table("part6-means-difference", "Means and SDs: B − A", lambda: means),
            Table("part6-raw-difference", "Distributions of QKᵀ: B − A", partial(sides, self.raw)),
            Table(
                "part6-softmax-difference",
                "Distributions of σ(QKᵀ): B ÷ A",
                lambda: by_bin(soft.edges, a=soft.a, b=soft.b, log10_ratio=self.softmax_ratio),
            ),
        )


def distributions(a: Side, b: Side, progress: Progress) -> ScoreDistributionsDifference:
    """Of captures and what the part shows of them; streams over the layers of both.

    Raises:
        Incomparable: different numbers of layers, or all weights of both are the same in every layer (T = 1).
    """
    same_layers(a.capture.layers, b.capture.layers)
    low = np.minimum(a.shown.softmax.edges[:, 0], b.shown.softmax.edges[:, 0])
    high = np.maximum(a.shown.softmax.edges[:, -1], b.shown.softmax.edges[:, -1])
    if (low == high).all():
        raise Incomparable("In each layer all weights of A and of B are the same: there is no difference to show.")
    edges = np.linspace(low, high, SOFTMAX_BINS + 1, axis=-1)
    of_a = _softmax_density(a.capture, edges, a.shown.causal, portion(progress, 0, 0.5))
    of_b = _softmax_density(b.capture, edges, b.shown.causal, portion(progress, 0.5, 1))
    return ScoreDistributionsDifference(
        b.shown.mean - a.shown.mean,
        b.shown.sd - a.shown.sd,
        subtract(a.shown.raw, b.shown.raw),
        Difference(edges, of_a.drawn_on_log, of_b.drawn_on_log),
    )


def _softmax_density(
    capture: Capture, edges: Float[ndarray, "layer edge"], causal: bool, progress: Progress
) -> Density:
    """The densities of the softmax weights on given edges, (layer, bin)."""
    counts = np.zeros((capture.layers, SOFTMAX_BINS), np.int64)
    n = np.zeros(capture.layers, np.int64)

    def count_weights(layer: int, call: AttentionCall) -> None:
        for block in score_blocks(call, masked=causal):
            weights = block.seen(softmax(block.scores, out=block.scores))
            counts[layer] += count_bins(weights, edges[layer])
            n[layer] += weights.size

    each_layer(capture, count_weights, progress)
    return density_of(counts, n, edges)


DIFFERENCES = {"distributions": distributions}
