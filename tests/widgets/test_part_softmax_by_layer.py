"""Part 8: attention weights over all layers."""

import numpy as np
import pytest

from core.parts.softmax_by_layer.numbers import attention_by_layer
from tests.captures import random_capture
from tests.widgets.panels import on_screen, weighed, words_of
from widgets.charts.picture import LEVELS

CAPTURE = random_capture(5, 2, 12, 8, spread=1.5)


@pytest.fixture
def part():
    return on_screen("softmax_by_layer", CAPTURE)


@pytest.mark.parametrize("fit", [False, True])
def test_maps_show_the_densities_on_one_scale(part, fit: bool) -> None:
    part.state.attention_fit = fit
    density = attention_by_layer(CAPTURE).density.density
    top = density.max() if fit else 0.5
    for index, chart in enumerate(part.maps):
        steps = np.clip(density[:, index] / top, 0, 1) * (LEVELS - 1)
        np.testing.assert_allclose(chart._drawn.cells, steps, atol=0.51)
        assert chart.extent == (0, 1)
        assert chart.bottom_up


def test_a_click_selects_the_layer_and_a_layer_moves_the_mark(part) -> None:
    part.maps[2]._pointed(None, {"event": "click", "domain": {"x": 0.5, "y": 4.4}}, None)
    assert part.state.layer == 4
    assert part.maps[0].pointer.y.tolist() == [4]


def test_a_layer_change_sends_nothing_but_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("softmax_by_layer", random_capture(24, 4, 105, 16))
    with weighed(monkeypatch) as sent:
        part.state.layer = 7
    assert 0 < sum(sent) < 2_000


def test_one_token_shows_the_first_and_says_that_others_are_missing() -> None:
    part = on_screen("softmax_by_layer", random_capture(3, 2, 1, 8))
    assert [bool(chart._drawn.masked.all()) for chart in part.maps] == [True, True, False]
    assert "one token" in words_of(part._numbers)
