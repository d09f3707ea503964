"""Part 6: raw and softmax distributions, layer by layer."""

import numpy as np
import pytest

from core.parts.distributions.numbers import score_distributions
from tests.captures import random_capture
from tests.widgets.panels import dots_of, line_of, on_screen, weighed, words_of

CAPTURE = random_capture(5, 2, 12, 8, spread=1.5)


@pytest.fixture
def part():
    return on_screen("distributions", CAPTURE)


@pytest.mark.parametrize("causal", [False, True])
def test_charts_show_means_and_densities(part, causal: bool) -> None:
    part.state.causal = causal
    expected = score_distributions(CAPTURE, causal)
    at, mean = dots_of(part.means.points, 0)
    np.testing.assert_array_equal(at, np.arange(5))
    np.testing.assert_allclose(mean, expected.mean, rtol=1e-5)
    ends = dots_of(part.means.bars, 0)[1].reshape(5, 2)
    np.testing.assert_allclose(ends[:, 1] - ends[:, 0], 2 * expected.sd, rtol=1e-5)
    np.testing.assert_allclose(part.raw.all.y, expected.raw.density, rtol=1e-5)
    np.testing.assert_allclose(part.softmax.all.y, expected.softmax.drawn_on_log, rtol=1e-5)
    np.testing.assert_allclose(part.softmax.all.x, expected.softmax.centres, rtol=1e-5)
    assert part.softmax.all.y.dtype == np.float32
    assert ("+ M" in lit(part)) == causal


def lit(part) -> str:
    return " ".join(stage.split("</li>")[0] for stage in part.chain.value.split("<li class=lab-lit")[1:])


def test_the_selected_layer_stands_out_and_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("distributions", random_capture(24, 2, 20, 8))
    with weighed(monkeypatch) as sent:
        part.state.layer = 9
    assert 0 < sum(sent) < 10_000
    np.testing.assert_array_equal(line_of(part.raw.one)[1], part.raw.all.y[9])
    for axis, drawn in enumerate(line_of(part.softmax.one)):
        np.testing.assert_array_equal(drawn, (part.softmax.all.x, part.softmax.all.y)[axis][9])
    assert line_of(part.means.mark)[0].tolist() == [9, 9]
    with weighed(monkeypatch) as sent:
        part.state.causal = True
    assert 10_000 < sum(sent) <= 70_000


def test_one_token_has_weights_of_one_and_no_histogram() -> None:
    part = on_screen("distributions", random_capture(3, 2, 1, 8))
    assert "every softmax weight is 1" in words_of(part._numbers)
    assert part.softmax.all.y.max() < part.softmax.y_scale.min, "a line in a plot without values"
    assert len(dots_of(part.means.points, 0)[1]) == 3


def test_a_layer_with_one_weight_has_no_line_and_leaves_the_axis_to_the_others() -> None:
    capture = random_capture(3, 2, 12, 8, spread=1.5)
    whole = on_screen("distributions", capture).softmax.y_scale
    capture.query[1] = 0
    part = on_screen("distributions", capture)
    scale, lines = part.softmax.y_scale, part.softmax.all.y
    assert (lines[1] < scale.min).all(), "a line where there is no histogram"
    assert (scale.min, scale.max) == pytest.approx((whole.min, whole.max))
    assert (lines[[0, 2]] >= scale.min).all()
    assert "in layer 1 all weights are the same" in words_of(part._numbers)
