"""Two charts that are to be compared: the same ranges on both, whichever of them changes."""

import numpy as np
import pytest

from tests.widgets.charts import indices
from widgets.charts.figure import Chart
from widgets.charts.heatmap import HeatMap
from widgets.charts.heatmap_grid import HeatMapGrid
from widgets.charts.layer_lines import LayerLines
from widgets.charts.lines import Curve, LineChart, Series


def line_chart() -> LineChart:
    return LineChart("", [Series("", "query")], x_label="x", y_label="y")


def curve(low: float, high: float) -> Curve:
    return Curve(np.array([low, high]), np.array([low, high]))


def shown(chart: Chart) -> tuple[float, float, float, float]:
    return chart.x_scale.min, chart.x_scale.max, chart.y_scale.min, chart.y_scale.max


def test_both_show_all_that_either_needs_whichever_changes() -> None:
    first, second = line_chart(), line_chart()
    first.draw(curve(0, 1), x_limits=(0, 1), y_limits=(0, 1))
    second.draw(curve(0, 1), x_limits=(-2, 0.5), y_limits=(0.5, 3))
    second.share_scales(first)
    assert shown(first) == shown(second) == (-2, 1, 0, 3)
    assert first.y_axis.tick_values.tolist() == second.y_axis.tick_values.tolist()
    first.draw(curve(0, 1), x_limits=(0, 4), y_limits=(-1, 1))
    assert shown(first) == shown(second) == (-2, 4, -1, 3)
    second.draw(curve(0, 1), x_limits=(0, 1), y_limits=(0, 1))
    assert shown(first) == shown(second) == (0, 4, -1, 1)


def test_a_chart_drawn_after_the_other_joins_its_scales_at_once() -> None:
    first, second = line_chart(), line_chart()
    first.draw(curve(0, 1), x_limits=(0, 1), y_limits=(0, 1))
    second.share_scales(first)
    assert shown(first) == (0, 1, 0, 1)
    second.draw(curve(0, 1), x_limits=(0, 9), y_limits=(0, 1))
    assert shown(first) == shown(second) == (0, 9, 0, 1)


@pytest.mark.parametrize("end", ["first", "second"])
def test_apart_again_each_has_its_own_scale(end: str) -> None:
    first, second = line_chart(), line_chart()
    first.draw(curve(0, 1), x_limits=(0, 1), y_limits=(0, 1))
    second.draw(curve(0, 1), x_limits=(-2, 0.5), y_limits=(0.5, 3))
    second.share_scales(first)
    (first if end == "first" else second).share_scales(None)
    assert shown(first) == (0, 1, 0, 1)
    assert shown(second) == (-2, 0.5, 0.5, 3)
    first.draw(curve(0, 1), x_limits=(0, 7), y_limits=(0, 1))
    assert shown(second) == (-2, 0.5, 0.5, 3)


def test_a_logarithmic_axis_keeps_its_powers_of_ten() -> None:
    first, second = (LayerLines("", x_label="x", y_label="y", log_y=True) for _ in range(2))
    x = np.array([0.0, 1.0])
    first.draw(x, np.array([[0.1, 1.0]]))
    second.share_scales(first)
    second.draw(x, np.array([[10.0, 1000.0]]))
    assert (first.y_scale.min, first.y_scale.max) == pytest.approx((0.1, 1000))
    assert first.y_axis.tick_values.tolist() == pytest.approx([0.1, 1, 10, 100, 1000])


def heat_map() -> HeatMap:
    return HeatMap("", x_label="x", y_label="y")


def test_maps_share_their_colours_so_that_equal_values_look_equal() -> None:
    first, second = heat_map(), heat_map()
    first.draw(np.array([[0.0, 1.0]]))
    assert indices(first.picture)[0].tolist() == [0, 252]
    second.share_scales(first)
    second.draw(np.array([[1.0, 4.0]]))
    assert indices(first.picture)[0].tolist() == [0, 63]
    assert indices(second.picture)[0].tolist() == [63, 252]
    for chart in (first, second):
        assert (chart.bar.low.text[0], chart.bar.high.text[0]) == ("0", "4")
    assert first.bar.words.text[0] == "data 0 … 1"
    second.share_scales(None)
    assert indices(first.picture)[0].tolist() == [0, 252]
    assert indices(second.picture)[0].tolist() == [0, 252]


def test_maps_of_different_sizes_keep_their_own_rows_and_columns() -> None:
    first, second = heat_map(), heat_map()
    first.draw(np.zeros((4, 3)))
    second.share_scales(first)
    second.draw(np.ones((9, 2)))
    assert shown(first) == (-0.5, 2.5, -0.5, 3.5)
    assert shown(second) == (-0.5, 1.5, -0.5, 8.5)
    assert first.y_axis.tick_values.tolist() == [0, 1, 2, 3]


def test_maps_over_values_share_that_axis() -> None:
    first, second = heat_map(), heat_map()
    first.draw(np.zeros((4, 3)), extent=(0, 1))
    second.share_scales(first)
    second.draw(np.ones((9, 2)), extent=(-1, 0.5))
    assert shown(first) == (-1, 1, -0.5, 3.5)
    assert shown(second) == (-1, 1, -0.5, 8.5)


def test_grids_share_their_colours() -> None:
    first, second = (HeatMapGrid("", x_label="x", y_label="y") for _ in range(2))
    first.draw(np.array([[[0.0, 1.0]]]))
    before = indices(first.picture)
    second.share_scales(first)
    second.draw(np.array([[[0.0, 4.0]]]))
    assert first.bar.high.text[0] == second.bar.high.text[0] == "4"
    after = indices(first.picture)
    assert (before.shape, before.max(where=before < 253, initial=0)) == (after.shape, 252)
    assert after.max(where=after < 253, initial=0) == 63
