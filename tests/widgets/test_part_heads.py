"""Part 3: one layer's activations, head by head."""

import numpy as np
import pytest
from ipywidgets import FloatSlider

from tests.captures import random_capture
from tests.widgets.panels import on_screen, weighed, words_of
from widgets.charts.picture import GAP, LEVELS

CAPTURE = random_capture(3, 5, 9, 6)


@pytest.fixture
def part():
    return on_screen("heads", CAPTURE)


def panel_of(part, head: int) -> np.ndarray:
    """The cells of one head's panel, row 0 first."""
    mosaic = part.grid.mosaic
    left, top = mosaic.corner(head)
    return part.grid._cells[top : top + mosaic.rows, left : left + mosaic.columns][::-1]


@pytest.mark.parametrize("activation", ["query", "key", "value"])
def test_each_panel_is_a_transposed_head_on_the_shared_scale(part, activation: str) -> None:
    part.state.activation, part.state.layer, part.state.activation_limit = activation, 2, 1.5
    for head in range(5):
        columns = getattr(CAPTURE, activation)[2][:, head * 6 : (head + 1) * 6]
        steps = (np.clip(columns.T, -1.5, 1.5) + 1.5) / 3 * (LEVELS - 1)
        np.testing.assert_allclose(panel_of(part, head), steps, atol=0.51)
    letter = activation[0].upper()
    assert part.grid.names.text.tolist() == [f"{letter}h{head}" for head in range(5)]


def test_panels_stand_in_the_rounded_up_root_of_their_number(part) -> None:
    assert (part.grid.mosaic.across, part.grid.mosaic.down) == (3, 2)
    left, top = part.grid.mosaic.corner(4)
    assert (part.grid._cells[top:, left + part.grid.mosaic.pitch[0] :] == GAP).all()


def test_the_scale_starts_at_two_prints_the_data_and_can_fit_it(part) -> None:
    def limits() -> list[str]:
        return [*part.grid.bar.low.text, *part.grid.bar.high.text]

    values = CAPTURE.query[part.state.layer]
    assert limits() == ["−2", "2"]
    written = [f"{value:.3g}".replace("-", "−") for value in (values.min(), values.max())]
    assert part.grid.bar.words.text.tolist() == [f"Activation · data {written[0]} … {written[1]}"]
    part.state.activation_fit = True
    assert limits() == written
    cells = [panel_of(part, head) for head in range(5)]
    assert (np.min(cells), np.max(cells)) == (0, LEVELS - 1)


def test_a_scale_that_fits_the_data_leaves_nothing_to_adjust(part) -> None:
    controls = next(box for box in part.widget.children if "lab-controls" in box._dom_classes)
    slider = next(widget for widget in controls.children if isinstance(widget, FloatSlider))
    assert not slider.disabled
    part.state.activation_fit = True
    assert slider.disabled


def test_a_click_on_a_panel_selects_its_head_everywhere(part) -> None:
    left, top = part.grid.mosaic.corner(3)
    part.grid._pointed(None, {"event": "click", "domain": {"x": left + 1, "y": top + 1}}, None)
    assert part.state.head == 3
    assert part.grid.selected == 3


def test_drag_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("heads", random_capture(8, 16, 105, 64))
    with weighed(monkeypatch) as sent:
        part.state.layer = 6
    assert sum(sent) <= 130_000
    with weighed(monkeypatch) as sent:
        part.state.head = 6
    assert 0 < sum(sent) < 2_000


def test_a_single_token_is_shown() -> None:
    part = on_screen("heads", random_capture(1, 1, 1, 4))
    assert panel_of(part, 0).shape == (4, 1)
    assert "1 head, 4 numbers for each of 1 token" in words_of(part._numbers)
