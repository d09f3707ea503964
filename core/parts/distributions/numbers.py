"""Part 6: raw scores and softmax weights of all heads and tokens, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.attention.distributions import Density, count_bins, density_of
from core.attention.layers import Moments, each_layer
from core.attention.scores import AttentionCall, score_blocks, softmax
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.tables import Table, by_density
from core.progress import Progress, portion, silent
from core.writing import number, percent

RAW_EDGES = np.linspace(-15, 15, 201)
SOFTMAX_BINS = 201
KEPT = 1 << 23
"""Softmax weights of all layers that part 6 holds at most, 32 MiB."""


class ScoreDistributions(NamedTuple):
    """Part 6: raw scores and softmax weights of all heads and tokens, layer by layer."""

    causal: bool
    """Under the model's mask, and of what it leaves only: on and below the diagonal in GPT-2."""
    mean: Float[ndarray, " layer"]
    """of the raw scores"""
    sd: Float[ndarray, " layer"]
    """ddof 1"""
    raw: Density
    """(layer, bin), 200 bins from −15 to 15"""
    softmax: Density
    """(layer, bin), 201 bins of each layer's own, from its smallest to its largest weight"""

    @property
    def one_weight(self) -> Bool[ndarray, " layer"]:
        """All weights of the layer are the same (T = 1): their range has no width, the density is all zeros."""
        return self.softmax.edges[:, 0] == self.softmax.edges[:, -1]

    def sentence(self) -> str:
        low, high = int(self.mean.argmin()), int(self.mean.argmax())
        return (
            f"The layers' mean raw scores go from {number(self.mean[low])} (layer {low}) to "
            f"{number(self.mean[high])} (layer {high}), and {percent(self.raw.outside.mean())} of the scores lie "
            f"outside {number(self.raw.edges[0])} … {number(self.raw.edges[-1])}; {self._softmax_reach()}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        means = {"layer": np.arange(len(self.mean)), "mean": self.mean, "sd": self.sd}
        return (
            Table("part6-means", "A) Means of QKᵀ", lambda: means),
            Table("part6-raw", "B) Distributions of QKᵀ", partial(by_density, self.raw)),
            Table("part6-softmax", "C) Distributions of σ(QKᵀ)", partial(by_density, self.softmax)),
        )

    def _softmax_reach(self) -> str:
        """Where the layers' own bins end, and which layers have none."""
        largest, alike = self.softmax.edges[:, -1], np.flatnonzero(self.one_weight)
        no_histogram = "and a range without width has no histogram"
        if len(alike) == len(largest):
            return f"every softmax weight is {number(largest[0])}, {no_histogram}"
        low, high = int(largest.argmin()), int(largest.argmax())
        reach = f"go from {number(largest[low])} (layer {low}) to {number(largest[high])} (layer {high})"
        if largest[low] == largest[high]:
            reach = f"are {number(largest[low])}"
        reach = f"the layers' largest softmax weights {reach}"
        if not len(alike):
            return reach
        layers = f"layer{'s' * (len(alike) > 1)} {', '.join(map(str, alike))}"
        return f"{reach}, but in {layers} all weights are the same, {no_histogram}"


class _Scores:
    """Part 6's first pass: the raw scores of each layer, and the range of its weights."""

    def __init__(self, capture: Capture, causal: bool):
        self.causal = causal
        self.moments = [Moments() for _ in range(capture.layers)]
        self.raw = np.zeros((capture.layers, len(RAW_EDGES) - 1), np.int64)
        self.low, self.high = np.full(capture.layers, np.inf), np.full(capture.layers, -np.inf)
        seen = capture.heads * (int(capture.masks.sum(axis=(1, 2)).max()) if causal else capture.tokens**2)
        self.keep = capture.layers * seen <= KEPT
        # One array: numpy asks for large pages of memory for it; taking it by 4 kB would cost more than the sums.
        self.kept = np.empty((capture.layers, seen if self.keep else 0), capture.query.dtype)

    def look(self, layer: int, call: AttentionCall) -> None:
        moments = self.moments[layer]
        for block in score_blocks(call, masked=self.causal):
            scores = block.seen(block.scores)
            moments.add(scores)
            self.raw[layer] += count_bins(scores, RAW_EDGES)
            weights = block.seen(softmax(block.scores, out=block.scores))
            self.low[layer] = min(self.low[layer], weights.min())
            self.high[layer] = max(self.high[layer], weights.max())
            if self.keep:
                self.kept[layer, moments.count - weights.size : moments.count] = weights.ravel(order="K")

    def weights(self, layer: int, call: AttentionCall) -> Iterator[Float[ndarray, "*value"]]:
        """All weights of a layer; worked out again unless they were few enough to keep."""
        if self.keep:
            yield self.kept[layer, : self.moments[layer].count]
            return
        for block in score_blocks(call, masked=self.causal):
            yield block.seen(softmax(block.scores, out=block.scores))


def score_distributions(
    capture: Capture, causal: bool = False, progress: Progress = silent
) -> ScoreDistributions:
    """Part 6. Two passes: the range of a layer's weights is known only after the first."""
    scores = _Scores(capture, causal)
    each_layer(capture, scores.look, portion(progress, 0, 0.5))
    softmax_edges = np.linspace(scores.low, scores.high, SOFTMAX_BINS + 1, axis=-1)
    soft = np.zeros((capture.layers, SOFTMAX_BINS), np.int64)

    def count_weights(layer: int, call: AttentionCall) -> None:
        for weights in scores.weights(layer, call):
            soft[layer] += count_bins(weights, softmax_edges[layer])

    each_layer(capture, count_weights, portion(progress, 0.5, 1))
    count = np.array([moment.count for moment in scores.moments])
    return ScoreDistributions(
        causal,
        np.array([moment.mean for moment in scores.moments]),
        np.array([moment.sd for moment in scores.moments]),
        density_of(scores.raw, count, RAW_EDGES),
        density_of(soft, count, softmax_edges),
    )


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    six = score_distributions(capture)
    return {
        "part6_mean": Array(six.mean, ('layer',)),
        "part6_std": Array(six.sd, ('layer',)),
        "part6_raw_edges": Array(six.raw.edges, ('edge',)),
        "part6_raw_density": Array(six.raw.density, ('layer', 'bin')),
        "part6_softmax_edges": Array(six.softmax.edges, ('layer', 'edge')),
        "part6_softmax_density": Array(six.softmax.density, ('layer', 'bin')),
    }
