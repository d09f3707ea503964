"""Violins, scatter plots and bars."""

import numpy as np
import pytest

from core.attention.distributions import sample
from tests.widgets.charts import sent_by_widgets
from widgets.charts.bars import Bars, Row, TokenBars
from widgets.charts.scatter import ScatterChart
from widgets.charts.violins import HALF_WIDTH, Group, Violins
from widgets.theme import DARK, LIGHT

RNG = np.random.default_rng(0)
GROUPS = (Group("Same head", "same_head"), Group("Diff heads", "different_heads", "dashed"))


def violins(*groups: Group) -> Violins:
    return Violins("A) Raw attention scores", groups or GROUPS, y_label="QKᵀ dot products", zero=True)


def test_every_group_has_its_points_and_a_symmetric_outline():
    chart, samples = violins(), [sample(RNG.normal(-2, 2, 300)), sample(RNG.normal(0, 3, 5_000))]
    chart.draw(*samples)
    for place, (one, outline) in enumerate(zip(samples, chart.outlines, strict=True)):
        assert chart.points.y[place, ::2][: len(one.drawn)].tolist() == one.drawn.astype(np.float32).tolist()
        assert np.allclose(chart.points.x[place, ::2][: len(one.drawn)], place + one.jitter, atol=1e-6)
        assert outline.x.dtype == np.float32
        there, back = outline.x[:129], outline.x[129:-1][::-1]
        assert np.allclose(there + back, 2 * place, atol=1e-5)
        assert np.abs(outline.x - place).max() == pytest.approx(HALF_WIDTH, abs=1e-5)
        assert outline.y.min() == pytest.approx(one.values.min(), abs=1e-5)
        assert outline.y.max() == pytest.approx(one.values.max(), abs=1e-5)
        assert (outline.x[0], outline.y[0]) == (outline.x[-1], outline.y[-1])
        assert outline.fill == "inside"
    assert np.isnan(chart.points.y[1, 1::2]).all()
    assert [outline.line_style for outline in chart.outlines] == ["solid", "dashed"]
    assert chart.points.colors == [LIGHT.same_head, LIGHT.different_heads]
    assert chart.note == "Points drawn: 2,000 of 5,000 (Diff heads); the violin is made of all."


def test_a_degenerate_sample_gets_its_points_and_a_line():
    chart = violins()
    chart.draw(sample(np.ones(16)), sample(np.zeros(0)))
    same, different = chart.outlines
    assert np.allclose(same.x, [-HALF_WIDTH, HALF_WIDTH])
    assert same.y.tolist() == [1, 1]
    assert (chart.points.y[0, ::2] == 1).all()
    assert different.x.size == 0 or (np.abs(different.x) > 1e6).all()
    assert chart.note == ""


def test_no_values_at_all_draw_nothing():
    chart = violins()
    chart.draw(sample(np.zeros(0)), sample(np.zeros(0)))
    assert chart.points.y.size == 0


def test_long_names_stand_in_two_lines():
    chart = violins(Group("Final to prev", "attention"), Group("Self-attention other tokens", "attention"))
    assert [line.text.tolist() for line in chart.names] == [
        ["Final to prev", "Self-attention"],
        ["", "other tokens"],
    ]


def test_violins_follow_the_theme():
    chart = violins()
    chart.draw(sample(RNG.normal(size=50)), sample(RNG.normal(size=50)))
    chart.apply(DARK)
    assert chart.points.colors == [DARK.same_head, DARK.different_heads]
    assert [outline.colors for outline in chart.outlines] == [[DARK.same_head], [DARK.different_heads]]
    assert chart.y_axis.grid_color == DARK.grid


def test_violins_of_a_layer_fit_into_60_kilobytes(monkeypatch: pytest.MonkeyPatch):
    chart = violins()
    layers = [[sample(RNG.normal(size=size).astype(np.float32)) for size in (1_648, 24_720)] for _ in range(2)]
    chart.draw(*layers[0], y_limits=(-6, 6))
    sent = sent_by_widgets(monkeypatch)
    chart.draw(*layers[1], y_limits=(-6, 6))
    assert len(sent) <= 3
    assert sum(message.bytes for message in sent) < 45_000


def test_a_scatter_is_one_path_with_its_line_and_remark():
    x, y = RNG.normal(size=(2, 500))
    chart = ScatterChart("A) Scatter plot", x_label="x", y_label="y", identity=True)
    chart.draw(x, y, remark="slope 1.000")
    assert chart.points.y.dtype == np.float32
    assert np.allclose(chart.points.x[::2], x, atol=1e-6)
    assert np.allclose(chart.points.y[::2], y, atol=1e-6)
    assert np.isnan(chart.points.y[1::2]).all()
    assert np.array_equal(chart.diagonal.x, chart.diagonal.y)
    assert chart.diagonal.x[0] <= x.min()
    assert chart.remark.text.tolist() == ["slope 1.000"]
    assert chart.x_scale.min < x.min()  # room for a point's size
    assert chart.zero.x.size == 0


def test_a_scatter_of_differences_has_a_zero_line_and_no_diagonal():
    chart = ScatterChart("B) Differences", x_label="index", y_label="Difference", zero=True)
    chart.draw(np.arange(4.0), np.full(4, 1e-7))
    assert chart.zero.y.tolist() == [0, 0]
    assert chart.diagonal.x.size == 0


def test_rows_of_bars_share_their_scale():
    chart = Bars("Softmax", [Row("No scaling", "key"), Row("√N scaling", "query")], x_label="Entry", y_label="Weight")
    values = np.array([[0.75, 0.25, 0.0], [0.4, 0.3, 0.3]])
    chart.draw(values, top=0.8, remarks=["entropy 0.56", "entropy 1.09"])
    for row, foot in enumerate(chart.feet):
        tops = chart.bars.y[row].reshape(-1)[2::6]
        assert np.allclose(tops, foot + values[row] / 0.8, atol=1e-6)
        assert np.nanmin(chart.bars.y[row]) == pytest.approx(foot)
    assert chart.feet[0] > chart.feet[1] + 1  # the first row is above
    assert chart.names.text.tolist() == ["No scaling: entropy 0.56", "√N scaling: entropy 1.09"]
    assert set(chart.y_axis.tick_labels.values()) == {"0", "0.4", "0.8"}
    assert chart.bars.fill_colors == [LIGHT.key, LIGHT.query]


def test_token_bars_are_listed_from_the_top():
    chart = TokenBars("Guesses", x_label="Probability")
    chart.draw(["·color", "·a", "an endless token"], np.array([0.5, 0.25, 0.125]), texts=["50 %", "25 %", "12.5 %"])
    assert chart.y_scale.reverse
    assert chart.y_axis.tick_labels == {"0": "·color", "1": "·a", "2": "an endless t…"}
    assert chart.bars.x[1::6].tolist() == [0.5, 0.25, 0.125]
    assert chart.values.text.tolist() == ["50 %", "25 %", "12.5 %"]
    chart.draw(["a"], np.array([1 / 3]))
    assert chart.values.text.tolist() == ["0.333"]
    assert chart.y_axis.tick_labels == {"0": "a"}
