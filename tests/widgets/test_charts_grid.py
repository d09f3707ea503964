"""Heads side by side in one picture."""

import numpy as np
import pytest

from tests.widgets.charts import colors, indices, point, sent_by_widgets
from widgets.charts.heatmap_grid import HeatMapGrid
from widgets.charts.picture import GAP, LEVELS
from widgets.theme import DARK, LIGHT


def grid(heads: int, rows: int = 8, columns: int = 11) -> tuple[HeatMapGrid, np.ndarray]:
    chart = HeatMapGrid("Q of every head", x_label="Token position", y_label="Head dim")
    values = np.random.default_rng(heads).uniform(-2, 2, (heads, rows, columns)).astype(np.float32)
    chart.draw(values, limits=(-2, 2))
    return chart, values


def panel(chart: HeatMapGrid, head: int) -> np.ndarray:
    left, top = chart.mosaic.corner(head)
    return indices(chart.picture)[top : top + chart.mosaic.rows, left : left + chart.mosaic.columns]


@pytest.mark.parametrize(
    ("heads", "across", "down"), [(1, 1, 1), (4, 2, 2), (6, 3, 2), (12, 4, 3), (16, 4, 4), (20, 5, 4), (25, 5, 5)]
)
def test_heads_stand_in_a_grid(heads: int, across: int, down: int):
    chart, _ = grid(heads)
    assert (chart.mosaic.across, chart.mosaic.down) == (across, down)
    assert chart.names.text.tolist() == [f"Qh{head}" for head in range(heads)]
    assert len(set(chart.names.x)) == across
    assert len(set(chart.names.y)) == down


def test_every_panel_has_its_heads_values_with_dim_0_at_the_bottom():
    chart, values = grid(7)
    for head in range(7):
        expected = np.rint((values[head][::-1] + 2) / 4 * (LEVELS - 1))
        assert np.abs(panel(chart, head) - expected).max() <= 1
        assert (panel(chart, head) == expected).mean() > 0.99


def test_places_that_are_left_over_are_empty():
    chart, _ = grid(7)  # 3 × 3 places
    cells = indices(chart.picture)
    assert (cells != GAP).sum() == 7 * 8 * 11
    left, top = chart.mosaic.corner(6)
    assert (cells[top:, left + chart.mosaic.columns :] == GAP).all()
    assert colors(chart.picture)[-1, -1, 3] == 0


def test_ticks_stand_on_outer_panels_only():
    chart, _ = grid(7, rows=64, columns=105)
    assert set(chart.y_axis.tick_labels.values()) == {"0", "50"}
    assert len(chart.y_axis.tick_values) == 2 * 3  # three rows of panels
    assert set(chart.x_axis.tick_labels.values()) == {"0", "50"}
    assert len(chart.x_axis.tick_values) == 2 * 1  # one panel in the last row
    _, top = chart.mosaic.corner(0)
    bottom_dim = top + chart.mosaic.rows - 0.5
    assert chart.y_axis.tick_labels[str(bottom_dim)] == "0"


def test_a_click_finds_the_head():
    chart, _ = grid(7)
    clicked = []
    chart.on_head_click(clicked.append)
    for head in range(7):
        left, top = chart.mosaic.corner(head)
        point(chart, "click", left + 0.1, top + 0.1)
        point(chart, "click", left + chart.mosaic.columns - 0.1, top - 0.5)  # its name
    assert clicked == [head for head in range(7) for _ in range(2)]
    left, top = chart.mosaic.corner(6)
    point(chart, "click", left + 1.5 * chart.mosaic.pitch[0], top + 1)  # an empty place
    point(chart, "click", -3, 2)
    assert len(clicked) == 14


def test_the_selected_head_is_framed():
    chart, _ = grid(6)
    chart.select(4)
    left, top = chart.mosaic.corner(4)
    assert (chart.frame.line.x.min(), chart.frame.line.x.max()) == (left, left + 11)
    assert (chart.frame.line.y.min(), chart.frame.line.y.max()) == (top, top + 8)
    assert chart.names.colors[4] == LIGHT.selected
    assert chart.names.colors.count(LIGHT.ink) == 5
    chart.apply(DARK)
    assert chart.names.colors[4] == DARK.selected
    chart.select(None)
    assert chart.frame.line.x.size == 0
    chart.select(6)  # there is no such head
    assert chart.frame.line.x.size == 0


def test_the_frame_follows_another_shape():
    chart, _ = grid(6)
    chart.select(4)
    chart.draw(np.zeros((16, 8, 11)), limits=(-2, 2))
    left, top = chart.mosaic.corner(4)
    assert (chart.frame.line.x.min(), chart.frame.line.y.min()) == (left, top)
    chart.draw(np.zeros((2, 8, 11)), limits=(-2, 2), name="Kh")
    assert chart.frame.line.x.size == 0
    assert chart.names.text.tolist() == ["Kh0", "Kh1"]


@pytest.mark.parametrize("tokens", [105, 1024])
def test_a_redraw_is_small(monkeypatch: pytest.MonkeyPatch, tokens: int):
    rng = np.random.default_rng(0)
    chart = HeatMapGrid("Q", x_label="Token position", y_label="Head dim")
    chart.draw(rng.normal(size=(16, 64, tokens)).astype(np.float32), limits=(-2, 2))
    assert bool(chart.note) is (tokens > 1000)
    sent = sent_by_widgets(monkeypatch)
    chart.draw(rng.normal(size=(16, 64, tokens)).astype(np.float32), limits=(-2, 2))
    assert len(sent) <= 3
    assert sum(message.bytes for message in sent) <= 130_000


def test_many_tokens_are_reduced_to_means():
    values = np.random.default_rng(0).uniform(-2, 2, (16, 64, 1024)).astype(np.float32)
    chart = HeatMapGrid("Q", x_label="Token position", y_label="Head dim")
    chart.draw(values, limits=(-2, 2))
    step = chart.mosaic.step
    assert f"mean of {step} tokens" in chart.note
    expected = (values[5, 0, :step].mean() + 2) / 4 * (LEVELS - 1)
    assert abs(float(panel(chart, 5)[-1, 0]) - expected) <= 1
