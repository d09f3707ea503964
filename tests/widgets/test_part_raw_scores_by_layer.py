"""Part 5: part 4's samples over all layers."""

import numpy as np
import pytest

from core.parts.raw_scores_by_layer.numbers import raw_scores_by_layer
from tests.captures import random_capture
from tests.widgets.panels import line_of, on_screen, weighed, words_of
from widgets.charts.picture import LEVELS

CAPTURE = random_capture(5, 2, 12, 8, spread=1.5)


@pytest.fixture
def part():
    return on_screen("raw_scores_by_layer", CAPTURE)


def steps(density: np.ndarray, low: float, high: float) -> np.ndarray:
    return np.clip((density - low) / (high - low), 0, 1) * (LEVELS - 1)


def test_maps_show_the_densities_on_one_scale(part) -> None:
    expected = raw_scores_by_layer(CAPTURE)
    for chart, sample in zip(part.maps, (expected.within, expected.across), strict=True):
        assert chart._drawn.cells.dtype == np.uint8
        np.testing.assert_allclose(chart._drawn.cells, steps(sample.density, 0, 0.15), atol=0.51)
        assert chart.extent == (-20, 20)
        assert chart.bottom_up


def test_fit_to_data_takes_both_maps_range(part) -> None:
    part.state.density_fit = True
    expected = raw_scores_by_layer(CAPTURE)
    top = max(expected.within.density.max(), expected.across.density.max())
    np.testing.assert_allclose(part.maps[1]._drawn.cells, steps(expected.across.density, 0, top), atol=0.51)


def test_lines_and_bands_are_mean_and_sd_over_layers(part) -> None:
    expected = raw_scores_by_layer(CAPTURE)
    for index, (mean, sd) in enumerate(
        ((expected.within_mean, expected.within_sd), (expected.across_mean, expected.across_sd))
    ):
        np.testing.assert_allclose(line_of(part.means.lines[index])[1], mean, rtol=1e-5)
        there_and_back = line_of(part.means.bands[index])[1]
        np.testing.assert_allclose(there_and_back[:100], mean - sd, atol=1e-6)
        np.testing.assert_allclose(there_and_back[:99:-1], mean + sd, atol=1e-6)


def test_it_follows_part_4s_query_and_switch(part) -> None:
    part.state.query, part.state.skip_first = 6, False
    expected = raw_scores_by_layer(CAPTURE, 6, leave_out_first=False)
    np.testing.assert_allclose(line_of(part.means.lines[0])[1], expected.within_mean, rtol=1e-5)


def test_a_click_selects_the_layer_and_a_layer_moves_the_mark(part) -> None:
    part.maps[0]._pointed(None, {"event": "click", "domain": {"x": 3.0, "y": 3.2}}, None)
    assert part.state.layer == 3
    assert part.maps[1].pointer.y.tolist() == [3]


def test_a_layer_change_sends_nothing_but_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("raw_scores_by_layer", random_capture(24, 16, 105, 64))
    with weighed(monkeypatch) as sent:
        part.state.layer = 7
    assert 0 < sum(sent) < 2_000
    with weighed(monkeypatch) as sent:
        part.state.query = 50
    assert 2_000 < sum(sent) <= 60_000


def test_one_head_leaves_the_other_map_hatched() -> None:
    part = on_screen("raw_scores_by_layer", random_capture(3, 1, 8, 8))
    assert part.maps[1]._drawn.masked.all()
    assert not part.maps[0]._drawn.masked.any()


def test_two_tokens_have_no_values() -> None:
    assert "longer text" in words_of(on_screen("raw_scores_by_layer", random_capture(2, 2, 2, 8))._notice)
