"""Part 9: ignoring heads, averaging them, and the means of groups."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.parts.averaging import SETTINGS
from core.parts.averaging.group_means import group_means
from core.parts.averaging.numbers import averaging
from tests.captures import random_capture
from tests.parity import TOLERANCE, assert_close, close_to_slope
from tests.reference import head_slice


@pytest.mark.parametrize(("heads", "width", "tokens"), [(4, 8, 20), (3, 5, 7), (1, 6, 5), (2, 3, 1)])
@pytest.mark.parametrize("normalisation", SETTINGS[0].options)
def test_each_normalisation_against_loops(heads, width, tokens, normalisation):
    capture = random_capture(2, heads, tokens, width)
    nine = averaging(capture, 1, normalisation)
    whole_divisor, head_divisor, slope = {
        "matched": (math.sqrt(width) * heads, math.sqrt(width), 1),
        "plain": (1, 1, 1 / heads),
        "own_width": (math.sqrt(width * heads), math.sqrt(width), 1 / math.sqrt(heads)),
    }[normalisation]
    whole, mean = np.zeros((2, tokens, tokens))
    for i in range(tokens):
        for j in range(tokens):
            whole[i, j] = capture.query[1, i].astype(float).dot(capture.key[1, j]) / whole_divisor
            products = [
                head_slice(capture.query[1], head, width)[i].dot(head_slice(capture.key[1], head, width)[j])
                for head in range(heads)
            ]
            mean[i, j] = sum(products) / heads / head_divisor
    assert_close(nine.all_heads, whole)
    assert_close(nine.per_head_mean, mean)
    assert nine.expected_slope == pytest.approx(slope)
    assert nine.slope == close_to_slope(slope, whole, mean)
    x, y = nine.all_heads.ravel().astype(float), nine.per_head_mean.ravel().astype(float)
    assert nine.slope == pytest.approx(sum(x * y) / sum(x * x))
    np.testing.assert_array_equal(nine.difference, nine.all_heads - nine.per_head_mean)
    assert nine.largest_difference == np.abs(nine.difference).max()
    assert nine.limits == (min(x.min(), y.min()), max(x.max(), y.max()))


def test_matched_differences_are_float32_rounding():
    nine = averaging(random_capture(1, 16, 105, 64), 0)
    assert nine.all_heads.dtype == nine.per_head_mean.dtype == np.float32
    assert 0 < nine.largest_difference <= TOLERANCE * np.abs(nine.all_heads).max()
    assert nine.sampled
    x, y, difference = nine.points
    assert len(x) == len(y) == len(difference) == 2_000
    np.testing.assert_array_equal(x, nine.all_heads.ravel()[nine.drawn])
    np.testing.assert_array_equal(difference, x - y)


def test_slope_of_nothing_but_zeros_is_no_number():
    assert math.isnan(averaging(random_capture(1, 2, 4, 3, spread=0.0), 0).slope)


@pytest.mark.parametrize("count", [2, 4, 5, 9])
def test_group_means_agree_only_for_equal_groups(count):
    for cut in range(1, count):
        means = group_means(count, cut)
        first, second = list(range(1, cut + 1)), list(range(cut + 1, count + 1))
        assert (means.first, means.second) == (sum(first) / len(first), sum(second) / len(second))
        assert means.overall == (count + 1) / 2
        assert means.difference == means.overall - (means.first + means.second) / 2
        assert (means.difference == 0) == (len(first) == len(second))
