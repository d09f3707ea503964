"""Parts 5, 6 and 8: all layers of a capture, streamed so that no layer's (H, T, T) is ever held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.capture import Capture
from core.distributions import Density, count_bins, density_of
from core.progress import Progress, portion
from core.scores import AttentionCall, attention_samples, score_blocks, scores_of_query, softmax, within_heads
from core.threads import idle_cores

RAW_SCORE_EDGES = np.linspace(-20, 20, 101)
RAW_EDGES = np.linspace(-15, 15, 201)
SOFTMAX_BINS = 201
KEPT = 1 << 23
"""Softmax weights of all layers that part 6 holds at most, 32 MiB."""
ATTENTION_EDGES = np.linspace(0, 1, 91)


def silent(fraction: float) -> None:
    """The progress of work that nobody watches."""


LayerWork = Callable[[int, AttentionCall], None]
"""Takes a layer's number and what its attention was given."""


def _each_layer(capture: Capture, work: LayerWork, progress: Progress) -> None:
    """Do the work of every layer, on the cores that are idle; numpy leaves Python to the others while it computes.

    Tells progress after each layer. What progress raises ends the work.
    """
    with ThreadPoolExecutor(idle_cores()) as pool:
        jobs = [pool.submit(work, layer, capture.call(layer)) for layer in range(capture.layers)]
        try:
            for done, job in enumerate(jobs, start=1):
                job.result()
                progress(done / capture.layers)
        finally:
            pool.shutdown(cancel_futures=True)


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

    def count_scores(layer: int, call: AttentionCall) -> None:
        scores = scores_of_query(call, token, first_key)
        both[layer] = count_bins(scores, RAW_SCORE_EDGES)
        within[layer] = count_bins(within_heads(scores), RAW_SCORE_EDGES)

    _each_layer(capture, count_scores, progress)
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
    _each_layer(capture, scores.look, portion(progress, 0, 0.5))
    softmax_edges = np.linspace(scores.low, scores.high, SOFTMAX_BINS + 1, axis=-1)
    soft = np.zeros((capture.layers, SOFTMAX_BINS), np.int64)

    def count_weights(layer: int, call: AttentionCall) -> None:
        for weights in scores.weights(layer, call):
            soft[layer] += count_bins(weights, softmax_edges[layer])

    _each_layer(capture, count_weights, portion(progress, 0.5, 1))
    count = np.array([moment.count for moment in scores.moments])
    return ScoreDistributions(
        causal,
        np.array([moment.mean for moment in scores.moments]),
        np.array([moment.sd for moment in scores.moments]),
        density_of(scores.raw, count, RAW_EDGES),
        density_of(soft, count, softmax_edges),
    )


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

    def count_samples(layer: int, call: AttentionCall) -> None:
        for index, values in enumerate(attention_samples(call)):
            counts[layer, index] = count_bins(values, ATTENTION_EDGES)
            n[layer, index] = values.size
            if values.size:
                mean[layer, index] = values.mean()

    _each_layer(capture, count_samples, progress)
    return AttentionByLayer(density_of(counts, n, ATTENTION_EDGES), mean)
