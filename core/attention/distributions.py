"""Densities, histograms, summaries, kernel densities, and the points that stand for a large sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

MOST_BINS = 1_000
MOST_POINTS = 2_000
JITTER = 0.04
SEED = 0
VIOLIN_POINTS = 129
CHUNK = 1 << 16
"""Values placed at once: what that takes stays in the processor's cache."""
NO_WIDTH = 1e-30
"""A range narrower than this counts as one of no width: float32 could not tell places in it apart."""
ATTENTION_EDGES = np.linspace(0, 1, 91)
"""The bins of attention weights in parts 7 and 8."""


class Density(NamedTuple):
    """Histograms on equal bins: counts / (values inside the edges · bin width), zeros for none inside.

    The leading axes, if any, are what the histograms are of: layers, or layers and samples. The edges have them too
    where each histogram has bins of its own.
    """

    edges: Float[ndarray, "*#of edge"]
    density: Float[ndarray, "*of bin"]
    outside: Float[ndarray, "*of"]
    """Share of the values that lie outside the edges, 0 … 1; 0 where there are no values."""
    n: Int[ndarray, "*of"]
    """Values, inside and outside."""
    half_count: Float[ndarray, "*of"]
    """The density that half of one value would have: where a logarithmic axis draws an empty bin."""
    capped: bool = False
    """The rule asked for more than MOST_BINS bins."""

    @property
    def centres(self) -> Float[ndarray, "*of bin"]:
        """Where the points of a line stand."""
        return (self.edges[..., :-1] + self.edges[..., 1:]) / 2

    @property
    def drawn_on_log(self) -> Float[ndarray, "*of bin"]:
        """The density with empty bins at half of one count."""
        return np.where(self.density > 0, self.density, self.half_count[..., None])


def count_bins(values: Float[ndarray, "*value"], edges: Float[ndarray, " edge"]) -> Int[ndarray, " bin"]:
    """How many values lie in each of equal bins; as in numpy.histogram the last bin has its right edge.

    About five times as fast as numpy.histogram, which places each value a second time to mend rounding: here
    a value within rounding of an edge may land in the bin beside it. A range of zero width counts nothing.
    """
    low, high, bins = float(edges[0]), float(edges[-1]), len(edges) - 1
    counts = np.zeros(bins + 1, np.int64)
    if not high - low > NO_WIDTH:
        return counts[:-1]
    flat = values.ravel(order="K")  # as they lie in memory
    if flat.size and not (flat.min() >= low and flat.max() <= high):
        flat = flat[(flat >= low) & (flat <= high)]
    for start in range(0, len(flat), CHUNK):
        place = flat[start : start + CHUNK] - low
        place *= bins / (high - low)
        counts += np.bincount(place.astype(np.intp), minlength=bins + 1)
    counts[-2] += counts[-1]  # values on the last edge
    return counts[:-1]


def density_of(
    counts: Int[ndarray, "*of bin"],
    n: Int[ndarray, "*of"],
    edges: Float[ndarray, "*#of edge"],
    *,
    capped: bool = False,
) -> Density:
    """The density that belongs to counts on equal bins, shared or each histogram's own, of `n` values in all."""
    inside = counts.sum(axis=-1)
    # A value's share of the density; 0 where nothing lies inside, so that no division makes a NaN.
    width = (edges[..., -1] - edges[..., 0]) / counts.shape[-1]
    weighs = np.divide(1, inside * width, out=np.zeros(inside.shape), where=inside * width > 0)
    outside = np.divide(n - inside, n, out=np.zeros(inside.shape), where=(n > 0) & (width > 0))
    return Density(edges, counts * weighs[..., None], outside, np.asarray(n), weighs / 2, capped)


def freedman_diaconis(values: Float[ndarray, " value"]) -> Density:
    """The density on the sample's own bins, of width 2 · IQR / n^⅓ (Freedman and Diaconis 1981).

    As numpy.histogram(bins="fd"), but at most MOST_BINS bins: then `capped`. No values: one bin, 0 to 1.
    """
    if not len(values):
        return density_of(np.zeros(1, np.int64), np.array(0), np.array([0.0, 1.0]))
    low, high = float(values.min()), float(values.max())
    if not high - low > NO_WIDTH:
        low, high = low - 0.5, high + 0.5  # numpy's rule
    upper, lower = np.percentile(values, [75, 25])
    width = 2 * float(upper - lower) / len(values) ** (1 / 3)
    wanted = np.ceil((high - low) / width) if width > 0 else 1
    edges = np.linspace(low, high, int(min(wanted, MOST_BINS)) + 1)
    return density_of(count_bins(values, edges), np.array(len(values)), edges, capped=bool(wanted > MOST_BINS))


class Summary(NamedTuple):
    """A sample in four numbers; the last three are NaN for no values."""

    n: int
    mean: float
    sd: float
    """ddof 0"""
    above_zero: float
    """Share of the values above 0, 0 … 1."""


def summary(values: Float[ndarray, " value"]) -> Summary:
    if not len(values):
        return Summary(0, np.nan, np.nan, np.nan)
    exact = values.astype(np.float64)
    return Summary(len(values), float(exact.mean()), float(exact.std()), float((values > 0).mean()))


class Violin(NamedTuple):
    """A kernel density from a sample's smallest to its largest value."""

    at: Float[ndarray, " point"]
    density: Float[ndarray, " point"]


def violin(values: Float[ndarray, " value"]) -> Violin | None:
    """Gaussian kernel density with Scott's bandwidth SD · n^(−1/5) (ddof 1), cut at the sample's extremes.

    None for fewer than two values or no spread. The values are shared out to cells of at most a 64th of the
    bandwidth (linear binning, Wand 1994) and smoothed by FFT: within 1e-4 of the sum over all values' kernels.
    """
    if len(values) < 2 or values.min() == values.max():
        return None
    exact = values.astype(np.float64)
    low, high = exact.min(), exact.max()
    bandwidth = exact.std(ddof=1) * len(exact) ** -0.2
    steps = VIOLIN_POINTS - 1
    finer = int(np.ceil(64 * (high - low) / (steps * bandwidth)))
    cells = steps * finer + 1
    cell = (high - low) / (cells - 1)

    place = (exact - low) / cell
    left = np.minimum(place.astype(np.intp), cells - 2)
    share = place - left
    padded = 1 << int(np.ceil(np.log2(cells + 8 * bandwidth / cell)))  # the FFT wraps around: let it meet zeros
    weights = np.bincount(left, 1 - share, padded) + np.bincount(left + 1, share, padded)

    kernel = np.exp(-2 * (np.pi * bandwidth * np.fft.rfftfreq(padded, cell)) ** 2)
    smooth = np.fft.irfft(np.fft.rfft(weights) * kernel, padded)[:cells:finer] / (len(exact) * cell)
    return Violin(np.linspace(low, high, VIOLIN_POINTS), np.maximum(smooth, 0))


def drawn_points(count: int) -> Int[ndarray, " point"]:
    """Which of `count` points are drawn: all of at most MOST_POINTS, else a seeded sample in rising order."""
    if count <= MOST_POINTS:
        return np.arange(count)
    return np.sort(np.random.default_rng(SEED).choice(count, MOST_POINTS, replace=False, shuffle=False))


class Sample(NamedTuple):
    """Values, and what a column of jittered points with a violin needs."""

    values: Float[ndarray, " value"]
    drawn: Float[ndarray, " point"]
    """The values that are drawn as points: all, or a seeded sample of MOST_POINTS."""
    jitter: Float[ndarray, " point"]
    """How far to the side of its column each point is drawn."""
    summary: Summary
    violin: Violin | None

    @property
    def sampled(self) -> bool:
        """Not every value is drawn, and the chart has to say so."""
        return len(self.drawn) < len(self.values)


def sample(values: Float[ndarray, "*value"]) -> Sample:
    """Summary, violin and drawn points of all the values of an array."""
    flat = values.reshape(-1)
    drawn = flat[drawn_points(len(flat))]
    jitter = np.random.default_rng(SEED).normal(0, JITTER, len(drawn)).astype(np.float32)
    return Sample(flat, drawn, jitter, summary(flat), violin(flat))
