"""The difference of two views, B − A, of parts 4 to 8: densities on shared edges, layer by layer, cell by cell.

Each function takes what the part shows of A and of B. Where the parts' own bins follow the data (part 4, and the
softmax weights of part 6) both sides are counted again, on bins that hold the values of both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.all_layers import ATTENTION_EDGES, SOFTMAX_BINS, AttentionByLayer, RawScoresByLayer, ScoreDistributions
from core.capture import Capture
from core.distributions import Density, count_bins, density_of, freedman_diaconis
from core.one_layer import Attention, HeadMaps, RawScores
from core.progress import Progress, portion
from core.scores import score_blocks, softmax
from core.writing import counted


class Incomparable(ValueError):
    """A and B cannot be subtracted; the message is a sentence that says why."""


class Difference(NamedTuple):
    """Two densities on the same edges, as in `Density` shared or each layer's own."""

    edges: Float[ndarray, "*of edge"]
    a: Float[ndarray, "*of bin"]
    b: Float[ndarray, "*of bin"]

    @property
    def centres(self) -> Float[ndarray, "*of bin"]:
        """Where the points of a line stand."""
        return (self.edges[..., :-1] + self.edges[..., 1:]) / 2

    @property
    def density(self) -> Float[ndarray, "*of bin"]:
        """B − A."""
        return self.b - self.a

    @property
    def moved(self) -> Float[ndarray, "*of"]:
        """The share of the values that lie in other bins in B than in A, 0 … 1: half of the area between the two."""
        return np.abs(self.density).sum(axis=-1) * (self.edges[..., 1] - self.edges[..., 0]) / 2


def _subtract(a: Density, b: Density) -> Difference:
    """Of densities that are on the same edges already."""
    return Difference(a.edges, a.density, b.density)


def _subtract_values(
    a: Float[ndarray, " value"], b: Float[ndarray, " value"], edges: Float[ndarray, " edge"]
) -> Difference:
    sides = (density_of(count_bins(values, edges), np.array(len(values)), edges).density for values in (a, b))
    return Difference(edges, *sides)


def _same_layers(a: int, b: int) -> None:
    if a != b:
        raise Incomparable(
            f"A has {counted(a, 'layer')} and B has {b}: no row of A belongs to a row of B, so there is no difference "
            "to show. Compare the charts above: they share their scales."
        )


class RawScoresDifference(NamedTuple):
    """Part 4."""

    within: Difference
    across: Difference


def raw_scores_difference(a: RawScores, b: RawScores) -> RawScoresDifference:
    """Part 4: each of the two samples on Freedman–Diaconis bins of the values of A and B together."""
    pairs = ((a.within.values, b.within.values), (a.across.values, b.across.values))
    return RawScoresDifference(
        *(_subtract_values(*pair, freedman_diaconis(np.concatenate(pair)).edges) for pair in pairs)
    )


class RawScoresByLayerDifference(NamedTuple):
    """Part 5."""

    layers: tuple[int, int]
    """of A and of B"""
    within: Difference | None
    """(layer, bin); None where A and B have different numbers of layers."""
    across: Difference | None
    within_mean: Difference
    """Mean over the layers of each."""
    across_mean: Difference


def raw_scores_by_layer_difference(a: RawScoresByLayer, b: RawScoresByLayer) -> RawScoresByLayerDifference:
    """Part 5, on its own bins. The means over layers can be compared whatever the numbers of layers are."""
    layers = (len(a.within.density), len(b.within.density))
    alike = layers[0] == layers[1]
    return RawScoresByLayerDifference(
        layers,
        _subtract(a.within, b.within) if alike else None,
        _subtract(a.across, b.across) if alike else None,
        Difference(a.within.edges, a.within_mean, b.within_mean),
        Difference(a.across.edges, a.across_mean, b.across_mean),
    )


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


def score_distributions_difference(
    a: tuple[Capture, ScoreDistributions], b: tuple[Capture, ScoreDistributions], progress: Progress
) -> ScoreDistributionsDifference:
    """Part 6, of captures and what it shows of them; streams over the layers of both.

    Raises:
        Incomparable: different numbers of layers, or all weights of both are the same in every layer (T = 1).
    """
    (capture_a, shown_a), (capture_b, shown_b) = a, b
    _same_layers(capture_a.layers, capture_b.layers)
    low = np.minimum(shown_a.softmax.edges[:, 0], shown_b.softmax.edges[:, 0])
    high = np.maximum(shown_a.softmax.edges[:, -1], shown_b.softmax.edges[:, -1])
    if (low == high).all():
        raise Incomparable("In each layer all weights of A and of B are the same: there is no difference to show.")
    edges = np.linspace(low, high, SOFTMAX_BINS + 1, axis=-1)
    weights = (
        _softmax_density(capture, edges, shown.causal, portion(progress, half / 2, (half + 1) / 2)).drawn_on_log
        for half, (capture, shown) in enumerate((a, b))
    )
    return ScoreDistributionsDifference(
        shown_b.mean - shown_a.mean,
        shown_b.sd - shown_a.sd,
        _subtract(shown_a.raw, shown_b.raw),
        Difference(edges, *weights),
    )


def _softmax_density(
    capture: Capture, edges: Float[ndarray, "layer edge"], causal: bool, progress: Progress
) -> Density:
    """Part 6's densities of the softmax weights on given edges, (layer, bin)."""
    counts = np.zeros((capture.layers, SOFTMAX_BINS), np.int64)
    n = np.zeros(capture.layers, np.int64)
    for layer in range(capture.layers):
        for block in score_blocks(capture.call(layer), masked=causal):
            weights = block.seen(softmax(block.scores, out=block.scores))
            counts[layer] += count_bins(weights, edges[layer])
            n[layer] += weights.size
        progress((layer + 1) / capture.layers)
    return density_of(counts, n, edges)


class AttentionDifference(NamedTuple):
    """Part 7, one layer. The first token gives itself 1 on both sides."""

    final_to_previous: Difference
    self_attention: Difference


def attention_difference(a: Attention, b: Attention) -> AttentionDifference:
    """Part 7's two samples that can differ, on part 8's bins, 90 from 0 to 1."""
    return AttentionDifference(
        _subtract_values(a.final_to_previous.values, b.final_to_previous.values, ATTENTION_EDGES),
        _subtract_values(a.self_attention.values, b.self_attention.values, ATTENTION_EDGES),
    )


class HeadMapsDifference(NamedTuple):
    """Part 7, one head, cell by cell."""

    raw: Float[ndarray, "query key"]
    """B − A of the raw scores"""
    weights: Float[ndarray, "query key"]
    """B − A of the attention weights"""
    hidden: Bool[ndarray, "query key"]
    """Hidden in both; what one of them sees has a difference."""


def head_maps_difference(a: HeadMaps, b: HeadMaps) -> HeadMapsDifference:
    """Part 7's maps of one head.

    Raises:
        Incomparable: the texts have different numbers of tokens.
    """
    if len(a.raw) != len(b.raw):
        raise Incomparable(
            f"A has {counted(len(a.raw), 'token')} and B has {len(b.raw)}: no cell of A belongs to a cell of B, so "
            "there is no difference to show. Compare the maps above: they share their colours."
        )
    return HeadMapsDifference(b.raw - a.raw, b.weights - a.weights, a.hidden & b.hidden)


class AttentionByLayerDifference(NamedTuple):
    """Part 8. The first token gives itself 1 on both sides."""

    final_to_previous: Difference
    """(layer, bin)"""
    self_attention: Difference


def attention_by_layer_difference(a: AttentionByLayer, b: AttentionByLayer) -> AttentionByLayerDifference:
    """Part 8's two samples that can differ, on its own bins.

    Raises:
        Incomparable: different numbers of layers.
    """
    _same_layers(len(a.mean), len(b.mean))
    edges, sides = a.density.edges, (a.density.density, b.density.density)
    return AttentionByLayerDifference(
        *(Difference(edges, *(side[:, sample] for side in sides)) for sample in range(2))
    )
