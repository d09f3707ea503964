"""Part 1: why the scores are divided by √d."""

import numpy as np
import pytest

from core.parts.scaling.numbers import saturation, scaling
from tests.captures import random_capture
from tests.widgets.panels import dots_of, line_of, on_screen, words_of


@pytest.fixture
def part():
    return on_screen("scaling", random_capture(2, 2, 4, 8))


def test_points_and_theory_stand_against_n(part) -> None:
    expected = scaling()
    for row, values in enumerate((expected.std_raw, expected.std_scaled)):
        at, y = dots_of(part.spread.points, row)
        np.testing.assert_array_equal(at, np.arange(5, 101))
        np.testing.assert_allclose(y, values, rtol=1e-6)
    for mark, values in zip(part.spread.lines[2:], (expected.theory_raw, expected.theory_scaled), strict=True):
        np.testing.assert_allclose(line_of(mark)[1], values, rtol=1e-6)


def test_range_seed_and_spread_are_followed(part) -> None:
    before = dots_of(part.spread.points, 0)[1]
    part.state.seed = 1
    drawn_again = dots_of(part.spread.points, 0)[1]
    assert np.abs(drawn_again - before).max() > 0.1
    part.state.sigma = 2.0
    np.testing.assert_allclose(dots_of(part.spread.points, 0)[1], 4 * drawn_again, rtol=1e-5)
    part.state.sizes_from, part.state.sizes_to = 10, 20
    np.testing.assert_array_equal(dots_of(part.spread.points, 0)[0], np.arange(10, 21))


def test_bars_are_the_softmax_of_one_row_with_its_entropy(part) -> None:
    part.state.size = 30
    expected = saturation(30)
    for row, (weights, entropy) in enumerate(
        ((expected.weights_raw, expected.entropy_raw), (expected.weights_scaled, expected.entropy_scaled))
    ):
        outline = part.bars.bars.y[row]  # of a box: two corners at its foot, two at its top, the first again, a gap
        np.testing.assert_allclose(outline[2::6] - outline[0::6], weights, atol=1e-6)
        assert f"{entropy:.3g}" in str(part.bars.names.text[row])
    assert line_of(part.spread.mark)[0].tolist() == [30, 30]


def test_another_size_leaves_the_points_alone(part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.parts.scaling.numbers.np.random.default_rng", _refuse_but(31))
    part.state.size = 31
    assert "At n = 31" in words_of(part._numbers)


def _refuse_but(size: int):
    real = np.random.default_rng

    def generator(seed: list[int]):
        assert seed[1] == size, "another size's product was drawn again"
        return real(seed)

    return generator
