"""The heat map."""

import numpy as np
import pytest

from tests.widgets.charts import colors, indices, point, sent_by_widgets
from widgets.charts.heatmap import HeatMap
from widgets.charts.matrix import data_limits
from widgets.charts.picture import HATCH, LEVELS, MASKED
from widgets.theme import DARK, LIGHT, to_rgb

RAMP = np.arange(12.0).reshape(3, 4)
LAST = LEVELS - 1


def heat_map(**options: object) -> HeatMap:
    return HeatMap("A map", x_label="Key", y_label="Query", **options)


def test_row_0_is_at_the_top_or_at_the_bottom():
    for bottom_up, expected in ((False, RAMP), (True, RAMP[::-1])):
        chart = heat_map(bottom_up=bottom_up)
        chart.draw(RAMP, limits=(0, 11))
        assert np.array_equal(indices(chart.picture), np.rint(expected / 11 * LAST))
        assert chart.y_scale.reverse is not bottom_up
        # An image's first y is its lower side: there stands the last row, or the first.
        assert chart.picture.mark.y.tolist() == ([-0.5, 2.5] if bottom_up else [2.5, -0.5])


def test_pixels_are_centred_on_whole_numbers():
    chart = heat_map()
    chart.draw(RAMP)
    assert chart.picture.mark.x.tolist() == [-0.5, 3.5]
    assert (chart.x_scale.min, chart.x_scale.max, chart.y_scale.min, chart.y_scale.max) == (-0.5, 3.5, -0.5, 2.5)
    assert chart.y_axis.tick_values.tolist() == [0, 1, 2]


def test_a_value_axis_runs_from_edge_to_edge():
    chart = heat_map(bottom_up=True, zero_line=True)
    chart.draw(RAMP, extent=(-20, 20))
    assert chart.picture.mark.x.tolist() == [-20, 20]
    assert chart.x_axis.tick_labels["-20"] == "−20"
    assert chart.zero.x.tolist() == [0, 0]
    assert chart.zero.line_style == "dashed"
    assert chart.zero.colors == ["#FFFFFF"]
    assert chart.cell(-20, 0) == (0, 0)
    assert chart.cell(19.9, 2.2) == (2, 3)
    assert chart.cell(25, -4) == (0, 3)


def test_the_bar_prints_the_scales_limits_and_the_datas():
    chart = heat_map(bar_label="Score")
    chart.draw(RAMP - 4, limits=(-2, 2))
    assert (chart.bar.low.text[0], chart.bar.high.text[0]) == ("−2", "2")
    assert chart.bar.words.text[0] == "Score · data −4 … 7"
    assert chart.data_range == (-4, 7)
    chart.draw(RAMP - 4)
    assert (chart.bar.low.text[0], chart.bar.high.text[0]) == ("−4", "7")


def test_signed_numbers_are_centred_on_zero():
    chart = heat_map(colormap="diverging")
    chart.draw(np.array([[-1.0, 0.0, 4.0]]))
    assert (chart.bar.low.text[0], chart.bar.high.text[0]) == ("−4", "4")
    assert indices(chart.picture)[0, 1] == LAST // 2


def test_masked_cells_are_never_a_value():
    values = np.array([[5.0, -np.inf], [1.0, 2.0]])
    chart = heat_map()
    chart.draw(values, masked=np.array([[True, False], [False, False]]))
    cells = indices(chart.picture)
    half = len(cells) // 2
    assert set(np.unique(cells[:half])) == {HATCH, MASKED}
    assert set(np.unique(cells[half:])) == {0, LAST}
    assert chart.data_range == (1, 2)


def test_nothing_but_masked_cells_is_said():
    chart = heat_map()
    chart.draw(np.full((2, 2), np.nan))
    assert chart.bar.words.text[0] == "no values"


def test_few_cells_carry_their_values():
    chart = heat_map()
    chart.draw(np.array([[0.0, -np.inf], [0.5, 1 / 3]]), write_values=True)
    assert chart.values.text.tolist() == ["0", "−∞", "0.5", "0.33"]
    assert chart.values.x.tolist() == [0, 1, 0, 1]
    assert chart.values.y.tolist() == [0, 0, 1, 1]
    chart.draw(np.full((9, 9), 1 / 9), write_values=True)
    assert set(chart.values.text.tolist()) == {".11"}
    chart.draw(np.zeros((13, 13)), write_values=True)
    assert len(chart.values.text) == 0


def test_values_in_cells_stay_legible_in_the_dark():
    chart = heat_map()
    chart.draw(np.array([[0.0, 1.0, -np.inf]]), write_values=True)
    assert chart.values.colors == ["#FFFFFF", "#16181C", "#16181C"]
    chart.apply(DARK)
    assert chart.values.colors == ["#FFFFFF", "#16181C", "#FFFFFF"]


def test_tokens_stand_on_the_axes_where_they_fit():
    chart = heat_map(token_labels=True, height=480)
    tokens = [f"token{place}" for place in range(100)]
    chart.draw(np.zeros((5, 5)), row_labels=tokens[:5], column_labels=tokens[:5])
    assert chart.y_axis.tick_labels == {str(place): f"token{place}" for place in range(5)}
    chart.draw(np.zeros((100, 100)), row_labels=tokens, column_labels=tokens)
    steps = set(np.diff(chart.y_axis.tick_values))
    assert len(steps) == 1
    pitch = steps.pop() * chart.plot_height / 100
    assert 17 <= pitch < 17 + chart.plot_height / 100
    chart.draw(np.zeros((1, 1)), row_labels=["incomprehensible"], column_labels=["x"])
    assert chart.y_axis.tick_labels == {"0": "incompreh…"}


def test_a_larger_array_is_reduced_and_says_so():
    chart = heat_map()
    values = np.random.default_rng(0).random((3 * chart.plot_height - 1, 700))
    chart.draw(values, limits=(0, 1))
    cells = indices(chart.picture)
    assert cells.shape == (chart.plot_height, 350)
    assert cells[2, 3] == np.rint(values[6:9, 6:8].mean() * LAST)
    assert "3 × 2" in chart.note
    assert chart.picture.mark.x.tolist() == [-0.5, 699.5]
    assert chart.picture.mark.y.tolist() == [len(values) + 0.5, -0.5], "the last dots have a row less"
    assert chart.cell(699, len(values) - 1) == (len(values) - 1, 699)
    chart.draw(values[: chart.plot_height, :600])
    assert chart.note == ""


def test_a_row_a_column_or_a_cell_is_framed():
    chart = heat_map()
    chart.draw(RAMP)
    for where, box in (
        ({"row": 1}, (-0.5, 3.5, 0.5, 1.5)),
        ({"column": 2}, (1.5, 2.5, -0.5, 2.5)),
        ({"row": 0, "column": 3}, (2.5, 3.5, -0.5, 0.5)),
    ):
        chart.highlight(**where)
        line = chart.frame.line
        assert (line.x.min(), line.x.max(), line.y.min(), line.y.max()) == box
    chart.highlight()
    assert chart.frame.line.x.size == 0


def test_a_row_is_marked_in_the_margin():
    chart = heat_map(bottom_up=True)
    chart.draw(RAMP)
    chart.mark_row(2)
    assert chart.pointer.y.tolist() == [2]
    assert chart.pointer.x.tolist() == [1]
    chart.mark_row(None)
    assert chart.pointer.text.size == 0


def test_the_pointer_names_its_cell():
    chart = heat_map()
    chart.draw(RAMP)
    clicked, hovered = [], []
    chart.on_cell_click(lambda *cell: clicked.append(cell))
    assert chart.widget.interaction.events == ["click"]
    chart.on_cell_hover(hovered.append)
    point(chart, "click", 2.4, 1.6)
    point(chart, "mousemove", -0.4, 0.4)
    point(chart, "mouseleave")
    assert clicked == [(2, 2)]
    assert hovered == [(0, 0), None]


def test_another_theme_repaints():
    chart = heat_map(colormap="diverging")
    chart.draw(np.array([[np.nan, 0.0]]))
    light = colors(chart.picture)
    chart.apply(DARK)
    dark = colors(chart.picture)
    assert tuple(light[0, 0, :3]) in {to_rgb(LIGHT.masked), to_rgb(LIGHT.hatch)}
    assert tuple(dark[0, 0, :3]) in {to_rgb(DARK.masked), to_rgb(DARK.hatch)}
    assert chart.title.colors == [DARK.ink]
    assert not np.array_equal(light[0, -1], dark[0, -1])


def test_redrawing_sends_little(monkeypatch: pytest.MonkeyPatch):
    chart = heat_map()
    rng = np.random.default_rng(0)
    mask = np.triu(np.ones((105, 105), bool), 1)
    chart.draw(rng.normal(size=(105, 105)), limits=(-3, 3), masked=mask)
    mark, image = chart.picture.mark, chart.picture.mark.image
    sent = sent_by_widgets(monkeypatch)
    chart.draw(rng.normal(size=(105, 105)), limits=(-3, 3), masked=mask)
    assert len(sent) <= 3  # picture, its place in the mark, the data's range
    assert sum(message.bytes for message in sent) < 20_000
    assert chart.picture.mark is mark
    assert mark.image is not image  # bqplot repaints only for another image


def test_limits_of_several_arrays():
    assert data_limits(np.array([1.0, -np.inf]), np.array([[3.0, np.nan]])) == (1, 3)
    assert data_limits(np.array([np.nan])) == (np.inf, -np.inf)


@pytest.mark.parametrize("size", [1, 2])
def test_a_map_of_hardly_anything(size: int):
    chart = heat_map(token_labels=True)
    chart.draw(np.ones((size, size)), row_labels=["a", "b"][:size], column_labels=["a", "b"][:size])
    assert indices(chart.picture).shape == (size, size)
