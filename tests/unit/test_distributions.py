"""Histograms, bins, kernel densities and drawn points against numpy and direct sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.attention import distributions
from core.attention.distributions import (
    count_bins,
    density_of,
    drawn_points,
    freedman_diaconis,
    sample,
    summary,
    violin,
)

FLOATS = st.floats(-1e6, 1e6, width=32)
SAMPLES = arrays(np.float32, st.integers(0, 60), elements=FLOATS)


@settings(deadline=None)  # the machine may be busy
@given(values=SAMPLES, low=st.floats(-100, 99), span=st.floats(1e-3, 500), bins=st.integers(1, 300))
def test_counts_are_numpys_but_for_values_on_an_edge(values, low, span, bins):
    edges = np.linspace(low, low + span, bins + 1)
    counts = count_bins(values, edges)
    close = 1e-6 * max(abs(low), abs(low + span))
    for reached in range(1, bins + 1):  # counts up to each edge
        least = np.count_nonzero((values >= low + close) & (values < edges[reached] - close))
        most = np.count_nonzero((values >= low - close) & (values <= edges[reached] + close))
        assert least <= counts[:reached].sum() <= most
    assert counts.min() >= 0


def test_outer_edges_belong_to_the_range_and_nothing_beyond_does():
    edges = np.linspace(-15, 15, 201)
    below, above = np.nextafter(np.float32([-15, 15]), np.float32([-99, 99]))
    values = np.array([below, -15, -15, 0.01, 15, above, -np.inf, np.inf, 1e30], np.float32)
    counts = count_bins(values, edges)
    assert (counts[0], counts[100], counts[-1], counts.sum()) == (2, 1, 1, 4)


def test_a_range_without_width_counts_nothing():
    density = density_of(count_bins(np.ones(4, np.float32), np.ones(11)), np.array(4), np.ones(11))
    assert density.density.tolist() == [0] * 10
    assert density.outside == 0


def test_density_without_values_inside_is_zero_and_says_what_is_outside():
    edges = np.linspace(0, 1, 5)
    counts = np.array([count_bins(np.float32(row), edges) for row in ([5, 6], [0.1, 7], [0.3, 0.9])])
    density = density_of(counts, np.array([2, 2, 2]), edges)
    assert density.density.tolist() == [[0, 0, 0, 0], [4, 0, 0, 0], [0, 2, 0, 2]]
    assert density.outside.tolist() == [1, 0.5, 0]
    assert density.half_count.tolist() == [0, 2, 1]
    assert density.centres.tolist() == [0.125, 0.375, 0.625, 0.875]


@pytest.mark.parametrize("n", [2, 3, 10, 500, 20_000])
@pytest.mark.parametrize("shape", ["normal", "lognormal", "uniform"])
def test_freedman_diaconis_bins_are_numpys(n, shape):
    values = getattr(np.random.default_rng(n), shape)(size=n)
    counts, edges = np.histogram(values, "fd")
    density = freedman_diaconis(values)
    assert len(edges) <= 1_001
    np.testing.assert_allclose(density.edges, edges)
    np.testing.assert_allclose(density.density, np.histogram(values, edges, density=True)[0], rtol=1e-9)
    assert not density.capped
    assert (density.outside, density.n) == (0, counts.sum())


def test_freedman_diaconis_stops_at_a_thousand_bins():
    values = np.concatenate([np.linspace(0, 1, 500), [1e9]])  # numpy would make 4 · 10⁹ bins
    density = freedman_diaconis(values)
    assert density.capped
    assert len(density.density) == 1_000
    np.testing.assert_allclose(np.diff(density.edges), 1e6)
    assert density.density[0] > 0 < density.density[-1]


@pytest.mark.parametrize("values", [[], [3.0], [2.0, 2.0, 2.0], [0.0] * 9 + [1.0]])
def test_freedman_diaconis_of_next_to_nothing_is_one_bin(values):
    density = freedman_diaconis(np.array(values, np.float32))
    assert len(density.density) == 1
    assert density.density[0] == (1 if values else 0)


@settings(deadline=None)  # the machine may be busy
@given(SAMPLES)
def test_freedman_diaconis_holds_every_value(values):
    density = freedman_diaconis(values)
    assert len(density.density) <= 1_000
    assert np.isfinite(density.density).all()
    assert density.outside == 0
    if len(values):
        assert (density.density * np.diff(density.edges)).sum() == pytest.approx(1)


def test_summary():
    assert summary(np.array([-1, 0, 2, 3], np.float32)) == (4, 1.0, math.sqrt(2.5), 0.5)
    nothing = summary(np.zeros(0, np.float32))
    assert nothing.n == 0
    assert np.isnan(nothing[1:]).all()


def direct_kernel_density(values, at):
    """scipy.stats.gaussian_kde's definition, kernel by kernel."""
    bandwidth = np.std(values, ddof=1) * len(values) ** (-1 / 5)
    kernels = [np.exp(-0.5 * ((at - value) / bandwidth) ** 2) for value in values.astype(float)]
    return sum(kernels) / (len(values) * bandwidth * math.sqrt(2 * math.pi))


@pytest.mark.parametrize("n", [2, 3, 17, 400, 5_000])
@pytest.mark.parametrize("shape", ["normal", "exponential", "standard_cauchy"])
def test_violin_is_the_sum_of_kernels_cut_at_the_extremes(n, shape):
    values = getattr(np.random.default_rng(n), shape)(size=n).astype(np.float32)
    drawn = violin(values)
    assert (drawn.at[0], drawn.at[-1]) == (values.min(), values.max())
    expected = direct_kernel_density(values, drawn.at)
    np.testing.assert_allclose(drawn.density, expected, rtol=0, atol=1e-4 * expected.max())


@pytest.mark.parametrize("values", [[], [1.0], [2.5, 2.5, 2.5]])
def test_no_violin_without_spread(values):
    column = sample(np.array(values, np.float32))
    assert column.violin is None
    assert column.drawn.tolist() == values
    assert len(column.jitter) == len(values)


@settings(deadline=None)  # the machine may be busy
@given(SAMPLES)
def test_violin_is_never_negative_or_infinite(values):
    drawn = violin(values)
    assert (drawn is None) == (len(values) < 2 or len(set(values.tolist())) == 1)
    if drawn is not None:
        assert np.isfinite(drawn.density).all()
        assert drawn.density.min() >= 0 < drawn.density.max()


def test_jitter_is_seeded_normal_with_its_sd():
    values = np.arange(2_000, dtype=np.float32)
    jitter = sample(values).jitter
    np.testing.assert_array_equal(jitter, sample(values[::-1]).jitter)
    np.testing.assert_array_equal(jitter, np.random.default_rng(0).normal(0, 0.04, 2_000).astype(np.float32))
    assert jitter.std() == pytest.approx(0.04, rel=0.05)


def test_more_than_2000_points_are_a_seeded_sample_but_statistics_use_all():
    values = np.random.default_rng(1).permutation(9_000).astype(np.float32)
    column = sample(values)
    assert column.sampled
    assert len(set(column.drawn.tolist())) == len(column.drawn) == len(column.jitter) == 2_000
    assert set(column.drawn.tolist()) <= set(values.tolist())
    np.testing.assert_array_equal(column.drawn, sample(values).drawn)
    assert column.summary == summary(values)
    assert column.violin.at[-1] == values.max()
    assert not sample(values[:2_000]).sampled
    assert drawn_points(2_000).tolist() == list(range(2_000))
    assert distributions.MOST_POINTS == 2_000
