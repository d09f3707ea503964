"""Lines, bands, error bars, points, and what stands around them."""

import numpy as np
import pytest

from core.writing import number
from tests.widgets.charts import indices, point, sent_by_widgets
from widgets.charts.figure import nice_limits, number_ticks, short
from widgets.charts.layer_lines import LayerLines
from widgets.charts.lines import Curve, Key, LineChart, Series
from widgets.theme import DARK, LIGHT, colormap

X = np.linspace(-1, 1, 5)


def chart_of(*series: Series, **options: object) -> LineChart:
    return LineChart("A title", series, x_label="Value", y_label="Density", **options)


def texts(chart: LineChart) -> set[str]:
    return {str(text) for mark in chart.widget.marks if hasattr(mark, "text") for text in mark.text}


def test_series_are_lines_in_their_colours():
    chart = chart_of(Series("Same head", "same_head"), Series("Diff heads", "different_heads", "dashed"), zero="x")
    chart.draw(Curve(X, X**2), Curve(X[:3], X[:3] + 2))
    same, different = chart.lines
    assert same.y.dtype == np.float32
    assert same.x.tolist() == X.tolist()
    assert same.y.tolist() == (X**2).tolist()
    assert different.x.tolist() == X[:3].tolist()
    assert (same.line_style, different.line_style) == ("solid", "dashed")
    assert (same.colors, different.colors) == ([LIGHT.same_head], [LIGHT.different_heads])
    assert {"A title", "Density", "━━ Same head", "╍╍ Diff heads"} <= texts(chart)
    assert chart.x_axis.label == "Value"
    assert chart.zero.x.tolist() == [0, 0]
    assert (chart.x_scale.min, chart.x_scale.max) == (-1, 1)
    assert (chart.y_scale.min, chart.y_scale.max) == nice_limits(0, 2)


def test_legend_entries_are_given_once_and_only_for_names():
    theory = Series("Theory", "ink", "dashed")
    chart = chart_of(Series("No scaling", "key", "none", "circle"), theory, theory, Series("", "ink"))
    assert [entry.text[0] for entry, _ in chart._legend] == ["● No scaling", "╍╍ Theory"]
    assert theory.key == Key("╍╍", "Theory", "ink")


def test_points_stand_alone():
    chart = chart_of(Series("a", "key", "none", "circle"), Series("b", "query", "none", "square"), Series("c", "ink"))
    chart.draw(Curve(X, X + 1), Curve(X[:3], X[:3]), Curve(X, X))
    x, y = chart.points.x, chart.points.y
    assert x.shape == y.shape == (3, 9)
    assert y.dtype == np.float32
    assert x[0, ::2].tolist() == X.tolist()
    assert y[0, ::2].tolist() == (X + 1).tolist()
    assert np.isnan(y[0, 1::2]).all()  # a gap after each point
    assert y[1, :5:2].tolist() == X[:3].tolist()
    assert (y[1, 5:] == X[2]).all()  # a shorter curve repeats its end
    assert (x[2] == x[2, 0]).all()
    width = chart.x_scale.max - chart.x_scale.min
    assert 20 * width < x[2, 0] - chart.x_scale.max < 200 * width, "one outside: at 1e9 boxes were 2.7e11 px wide"
    assert chart.points.colors == [LIGHT.key, LIGHT.query, LIGHT.ink]
    assert [line.x.size for line in chart.lines] == [0, 0, 5]


def test_a_band_is_an_outline_there_and_back():
    chart = chart_of(Series("mean", "same_head"))
    chart.draw(Curve(X, X, X - 1, X + 1))
    (area,) = chart.bands
    assert area.fill == "inside"
    assert area.x.tolist() == [*X, *X[::-1]]
    assert area.y.tolist() == [*(X - 1), *(X + 1)[::-1]]
    assert chart.bars.y.size == 0
    chart.draw(Curve(X, X))
    assert area.y.size == 0


def test_points_get_error_bars():
    chart = chart_of(Series("Mean ± SD", "attention", "none", "circle"), zero="y")
    chart.draw(Curve(X, X, X - 1, X + 2))
    assert chart.bars.x[:3].tolist() == [-1, -1, -1]
    assert chart.bars.y[:2].tolist() == [-2, 1]
    assert np.isnan(chart.bars.y[2::3]).all()
    assert chart.bands[0].y.size == 0
    assert chart.zero.y.tolist() == [0, 0]


def test_an_empty_curve_draws_nothing():
    chart = chart_of(Series("a", "key"), Series("b", "query", "none", "circle"))
    chart.draw(Curve(np.zeros(0), np.zeros(0)), Curve(np.zeros(0), np.zeros(0)))
    assert chart.lines[0].y.size == 0
    assert chart.points.y.size == 0


def test_limits_can_be_given():
    chart = chart_of(Series("a", "key"))
    chart.draw(Curve(X, X), x_limits=(-20, 20), y_limits=(0, 0.5))
    assert (chart.x_scale.min, chart.x_scale.max, chart.y_scale.min, chart.y_scale.max) == (-20, 20, 0, 0.5)
    assert list(chart.x_axis.tick_labels.values()) == ["−20", "−10", "0", "10", "20"]


def test_a_place_is_marked_and_a_click_is_told():
    chart = chart_of(Series("a", "key"))
    chart.draw(Curve(X, X))
    chart.mark_x(0.5)
    assert chart.mark.x.tolist() == [0.5, 0.5]
    chart.mark_x(None)
    assert chart.mark.x.size == 0
    clicked = []
    chart.on_click(clicked.append)
    point(chart, "click", 0.25, 3)
    assert clicked == [(0.25, 3)]


def test_the_figure_gets_its_marks_when_it_is_drawn():
    chart = chart_of(Series("a", "key"))
    assert chart.widget.marks == []
    chart.draw(Curve(X, X))
    marks = chart.widget.marks
    assert set(chart.lines) <= set(marks)
    assert chart.widget.axes == [chart.x_axis, chart.y_axis]
    chart.draw(Curve(X, X + 1))
    assert chart.widget.marks == marks


def test_layers_are_one_mark_and_the_selected_one_stands_out():
    y = np.random.default_rng(0).random((24, 200))
    x = np.linspace(-14.9, 14.9, 200)
    chart = LayerLines("B", x_label="Activation value", y_label="Density")
    chart.draw(x, y, x_limits=(-15, 15))
    chart.select(6)
    assert chart.all.y.shape == (24, 200)
    assert chart.all.y.dtype == np.float32
    assert chart.all.colors == LIGHT.layer_colors(24)
    assert np.array_equal(chart.one.y, y[6].astype(np.float32))
    assert chart.one.colors == [LIGHT.ink]
    assert chart.one.stroke_width > chart.all.stroke_width
    assert (chart.bar.low.text[0], chart.bar.high.text[0]) == ("0", "23")
    assert chart.bar.words.text[0] == "Transformer layer"
    chart.apply(DARK)
    assert chart.all.colors == DARK.layer_colors(24)
    chart.draw(x, y[:4])
    assert chart.all.colors == DARK.layer_colors(4)
    assert chart.one.y.size == 0  # layer 6 is not there


def test_layers_bar_shows_the_lines_colours():
    chart = LayerLines("B", x_label="x", y_label="y")
    chart.draw(X, np.ones((3, 5)))
    assert indices(chart.bar.picture).shape == (1, 253)
    assert np.array_equal(LIGHT.layer_table(253)[0], colormap("plasma")[0])


def test_a_logarithmic_axis_ends_on_powers_of_ten():
    chart = LayerLines("C", x_label="x", y_label="y", log_y=True)
    chart.draw(X, np.array([[0.002, 3, 40, 5, 0.3]]))
    assert (chart.y_scale.min, chart.y_scale.max) == (0.001, 100)
    assert list(chart.y_axis.tick_labels.values()) == ["0.001", "0.01", "0.1", "1", "10", "100"]


def test_layers_can_have_places_of_their_own():
    chart = LayerLines("C", x_label="x", y_label="y", log_y=True)
    x = np.stack([X, X / 10])
    chart.draw(x, np.stack([X + 2, X + 3]))
    chart.select(1)
    np.testing.assert_array_equal(chart.all.x, x.astype(np.float32))
    np.testing.assert_array_equal(chart.one.x, (X / 10).astype(np.float32))
    assert (chart.x_scale.min, chart.x_scale.max) == nice_limits(-1, 1)


def test_what_is_zero_is_not_seen_on_a_logarithmic_axis():
    chart = LayerLines("C", x_label="x", y_label="y", log_y=True)
    chart.draw(X, np.stack([X * 0, X + 2]))
    assert (chart.y_scale.min, chart.y_scale.max) == (1, 10)
    assert (chart.all.y[0] < 1e-20).all()
    assert (chart.all.y > 0).all()
    chart.draw(X, np.zeros((2, 5)))
    assert (chart.all.y < chart.y_scale.min).all()


def test_selecting_a_layer_sends_one_message(monkeypatch: pytest.MonkeyPatch):
    chart = LayerLines("B", x_label="x", y_label="y")
    chart.draw(X, np.random.default_rng(0).random((24, 5)))
    chart.select(3)
    sent = sent_by_widgets(monkeypatch)
    chart.select(4)
    assert [message.model for message in sent] == ["Lines"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.25, "−0.25"), (1 / 3, "0.333"), (12_345, "12,345"), (1e-5, "10⁻⁵"), (-3.2e-7, "−3.2×10⁻⁷")],
)
def test_numbers_are_written_for_readers(value: float, text: str):
    assert number(value) == text


@pytest.mark.parametrize("limits", [(0, 1), (-15, 15), (-3e-6, 2e-6), (0, 0.15), (5, 100)])
def test_ticks_stand_on_round_numbers_that_the_page_finds(limits: tuple[float, float]):
    chart = chart_of(Series("a", "key"))
    number_ticks(chart.x_axis, limits)
    places = chart.x_axis.tick_values
    assert 3 <= len(places) <= 7
    assert limits[0] - 1e-9 <= places[0]
    assert places[-1] <= limits[1] + 1e-9
    # JavaScript writes 1e-7 where Python writes 1e-07, and no ".0".
    keys = list(chart.x_axis.tick_labels)
    assert [np.float32(key) for key in keys] == places.tolist()
    assert not any(key.endswith(".0") or "e-0" in key for key in keys)


@pytest.mark.parametrize(("low", "high"), [(0, 0.93), (-4.2, 9.7), (-3e-6, 2.5e-6), (2, 2)])
def test_nice_limits_hold_the_data(low: float, high: float):
    bottom, top = nice_limits(low, high)
    assert bottom <= low
    assert top >= high
    assert top - bottom > 0
    assert nice_limits(bottom, top) == pytest.approx((bottom, top)) or low == high


def test_words_are_cut_to_their_room():
    assert short("purple", 6) == "purple"
    assert short("purples", 6) == "purpl…"


def test_no_two_ticks_are_written_alike() -> None:
    """Two texts that hardly differ have their logits this close: it was −1.25, −1.25, −1.26, −1.26."""
    chart = chart_of(Series("a", "key"))
    number_ticks(chart.y_axis, (-1.27, -1.25))
    words = list(chart.y_axis.tick_labels.values())
    assert len(words) > 1
    assert len(set(words)) == len(words)
