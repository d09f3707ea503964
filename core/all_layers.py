"""Parts 5, 6 and 8: all layers of a capture, streamed so that no layer's (H, T, T) is ever held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.capture import Capture
from core.distributions import Density, count_bins, density_of
from core.progress import Progress, portion
from core.scores import attention_samples, score_blocks, scores_of_query, softmax, within_heads

RAW_SCORE_EDGES = np.linspace(-20, 20, 101)
RAW_EDGES = np.linspace(-15, 15, 201)
SOFTMAX_BINS = 201
KEPT = 1 << 23
"""Softmax weights of all layers that part 6 holds at most, 32 MiB."""
ATTENTION_EDGES = np.linspace(0, 1, 91)


def silent(fraction: float) -> None:
    """The progress of work that nobody watches."""


def _layers(
    capture: Capture, progress: Progress
) -> Iterator[tuple[int, Float[ndarray, "head token width"], Float[ndarray, "head token width"]]]:
    """Each layer's number, queries and keys; tells progress after each. What progress raises ends the work."""
    for layer in range(capture.layers):
        yield layer, capture.split_heads("query", layer), capture.split_heads("key", layer)
        progress((layer + 1) / capture.layers)


class RawScoresByLayer(NamedTuple):
    """Part 5: part 4's two samples for every layer, on shared bins from −20 to 20."""

    query: int
    first_key: int
    """The keys are those of tokens `first_key` … `query` − 1."""
    within: Density
    """(layer, bin)"""
    across: Density
    within_mean: Float[ndarray, " bin"]
    """Mean over layers of the density."""
    within_sd: Float[ndarray, " bin"]
    """SD over layers of the density, ddof 0."""
    across_mean: Float[ndarray, " bin"]
    across_sd: Float[ndarray, " bin"]


def raw_scores_by_layer(
    capture: Capture,
    query: int | None = None,
    leave_out_first: bool = True,
    progress: Progress = silent,
) -> RawScoresByLayer:
    """Part 5, for part 4's query token and first-token switch; densities of zeros for T ≤ 2."""
    token = capture.tokens - 1 if query is None else query
    first_key = int(leave_out_first)
    within, both = np.zeros((2, capture.layers, len(RAW_SCORE_EDGES) - 1), np.int64)
    for layer, split_query, split_key in _layers(capture, progress):
        scores = scores_of_query(split_query, split_key, token, first_key)
        both[layer] = count_bins(scores, RAW_SCORE_EDGES)
        within[layer] = count_bins(within_heads(scores), RAW_SCORE_EDGES)

    count = np.full(capture.layers, capture.heads * max(0, token - first_key))
    within_density = density_of(within, count, RAW_SCORE_EDGES)
    across_density = density_of(both - within, count * (capture.heads - 1), RAW_SCORE_EDGES)
    return RawScoresByLayer(
        token,
        first_key,
        within_density,
        across_density,
        within_density.density.mean(axis=0),
        within_density.density.std(axis=0),
        across_density.density.mean(axis=0),
        across_density.density.std(axis=0),
    )


class Moments:
    """Count, mean and sum of squared deviations of values that come in blocks (Chan et al. 1983)."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, values: Float[ndarray, "*value"]) -> None:
        mean = float(values.mean())
        deviations = (values - mean).ravel(order="K")
        count, shift = self.count + values.size, mean - self.mean
        self.squares += float(deviations @ deviations) + shift**2 * self.count * values.size / count
        self.mean += shift * values.size / count
        self.count = count

    @property
    def sd(self) -> float:
        """ddof 1; NaN for a single value."""
        return (self.squares / (self.count - 1)) ** 0.5 if self.count > 1 else np.nan


class ScoreDistributions(NamedTuple):
    """Part 6: raw scores and softmax weights of all heads and tokens, layer by layer."""

    causal: bool
    """Under the causal mask, on and below the diagonal only."""
    mean: Float[ndarray, " layer"]
    """of the raw scores"""
    sd: Float[ndarray, " layer"]
    """ddof 1"""
    raw: Density
    """(layer, bin), 200 bins from −15 to 15"""
    softmax: Density
    """(layer, bin), 201 bins from the smallest to the largest weight of all layers"""

    @property
    def one_weight(self) -> bool:
        """All weights are the same (T = 1): their range has no width, the density is all zeros."""
        return bool(self.softmax.edges[0] == self.softmax.edges[-1])


def score_distributions(
    capture: Capture, causal: bool = False, progress: Progress = silent
) -> ScoreDistributions:
    """Part 6. Two passes: the range of the weights is known only after the first.

    The second works out the weights again, unless they are few enough to keep.
    """
    moments = [Moments() for _ in range(capture.layers)]
    raw = np.zeros((capture.layers, len(RAW_EDGES) - 1), np.int64)
    low, high = np.inf, -np.inf
    seen = capture.heads * (capture.tokens * (capture.tokens + 1) // 2 if causal else capture.tokens**2)
    keep = capture.layers * seen <= KEPT
    # One array: numpy asks for large pages of memory for it; taking it by 4 kB would cost more than the sums.
    kept = np.empty((capture.layers, seen if keep else 0), capture.query.dtype)
    for layer, query, key in _layers(capture, portion(progress, 0, 0.5)):
        for block in score_blocks(query, key, causal=causal):
            scores = block.seen(block.scores)
            moments[layer].add(scores)
            raw[layer] += count_bins(scores, RAW_EDGES)
            weights = block.seen(softmax(block.scores, out=block.scores))
            low, high = min(low, float(weights.min())), max(high, float(weights.max()))
            if keep:
                start = moments[layer].count - weights.size
                kept[layer, start : moments[layer].count] = weights.ravel(order="K")

    softmax_edges = np.linspace(low, high, SOFTMAX_BINS + 1)
    soft = np.zeros((capture.layers, SOFTMAX_BINS), np.int64)
    for layer, query, key in _layers(capture, portion(progress, 0.5, 1)):
        for weights in [kept[layer]] if keep else _weights(query, key, causal):
            soft[layer] += count_bins(weights, softmax_edges)

    count = np.array([moment.count for moment in moments])
    return ScoreDistributions(
        causal,
        np.array([moment.mean for moment in moments]),
        np.array([moment.sd for moment in moments]),
        density_of(raw, count, RAW_EDGES),
        density_of(soft, count, softmax_edges),
    )


def _weights(
    query: Float[ndarray, "head token width"], key: Float[ndarray, "head token width"], causal: bool
) -> Iterator[Float[ndarray, "*value"]]:
    for block in score_blocks(query, key, causal=causal):
        yield block.seen(softmax(block.scores, out=block.scores))


class AttentionByLayer(NamedTuple):
    """Part 8: part 7b's three samples for every layer, on 90 bins from 0 to 1."""

    density: Density
    """(layer, sample, bin); samples: final to previous, self, first to self. Zeros where T = 1 leaves none."""
    mean: Float[ndarray, "layer sample"]
    """Mean weight of each sample; NaN where T = 1 leaves none."""


def attention_by_layer(capture: Capture, progress: Progress = silent) -> AttentionByLayer:
    """Part 8."""
    counts = np.zeros((capture.layers, 3, len(ATTENTION_EDGES) - 1), np.int64)
    n = np.zeros((capture.layers, 3), np.int64)
    mean = np.full((capture.layers, 3), np.nan)
    for layer, query, key in _layers(capture, progress):
        for index, values in enumerate(attention_samples(query, key)):
            counts[layer, index] = count_bins(values, ATTENTION_EDGES)
            n[layer, index] = values.size
            if values.size:
                mean[layer, index] = values.mean()
    return AttentionByLayer(density_of(counts, n, ATTENTION_EDGES), mean)
