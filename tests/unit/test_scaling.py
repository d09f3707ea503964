"""Part 1 and the softmax beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.attention.scores import causal_mask, entropy, softmax
from core.parts.scaling.numbers import random_product, saturation, scaling
from tests import reference
from tests.parity import assert_close


@pytest.mark.parametrize(("first", "last", "seed", "sigma"), [(5, 100, 0, 1.0), (2, 9, 7, 2.5), (8, 8, 1, 0.1)])
def test_spreads_match_the_loop(first, last, seed, sigma):
    one = scaling(first, last, seed, sigma)
    expected = reference.part1(range(first, last + 1), seed, sigma).arrays
    assert one.sizes.tolist() == list(range(first, last + 1))
    assert_close(one.std_raw, expected["part1_std_raw"])
    assert_close(one.std_scaled, expected["part1_std_scaled"])
    assert_close(one.theory_raw, expected["part1_theory"])
    assert_close(one.theory_scaled, np.full(last - first + 1, sigma**2))


def test_measured_spread_follows_the_theory():
    one = scaling()
    assert (one.std_raw / one.theory_raw).mean() == pytest.approx(1, abs=0.02)
    assert one.std_scaled[-20:] == pytest.approx(one.theory_scaled[-20:], abs=0.1)


def test_saturation_takes_the_first_row_of_the_same_product():
    shown = saturation(64, seed=3, sigma=1.5)
    row = random_product(64, 3, 1.5)[0]
    assert scaling(64, 64, 3, 1.5).std_raw[0] == random_product(64, 3, 1.5).std()
    for got, entries, weights, spread in (
        (shown.row_raw, row, shown.weights_raw, shown.entropy_raw),
        (shown.row_scaled, row / 8, shown.weights_scaled, shown.entropy_scaled),
    ):
        np.testing.assert_allclose(got, entries)
        expected = reference.softmax_of(list(entries))
        np.testing.assert_allclose(weights, expected, atol=1e-12)
        assert spread == pytest.approx(-sum(p * math.log(p) for p in expected), abs=1e-9)
    assert shown.entropy_raw < shown.entropy_scaled < shown.entropy_uniform == math.log(64)


def test_entropy_at_its_ends():
    assert entropy(np.array([[1.0, 0, 0, 0], [0.25] * 4])).tolist() == [0, pytest.approx(math.log(4))]
    assert math.copysign(1, entropy(np.array([1.0, 0]))) == 1


def test_softmax_of_large_and_masked_scores():
    weights = softmax(np.array([[1000, 1000, -np.inf], [-1e30, 0, 1], [5, 5, 5]], np.float32))
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=3 * np.finfo(np.float32).eps)
    assert weights[0].tolist() == [0.5, 0.5, 0]
    assert weights[1, 2] == pytest.approx(math.e / (1 + math.e))


def test_causal_mask_hides_what_comes_after():
    mask = causal_mask(4)
    assert [[mask[i, j] == (-np.inf if j > i else 0) for j in range(4)] for i in range(4)] == [[True] * 4] * 4
