"""Presenter mode and keys, as the kernel sees them."""

import io
from typing import Any

import numpy as np
import pytest
from bqplot import Figure, Label, Lines
from ipywidgets import Layout
from PIL import Image

from core.model.capture import Capture
from tests.captures import random_capture
from widgets.charts.pixels import Pixels
from widgets.lab import Lab
from widgets.page.keys import part_keys
from widgets.theme import DARK, LIGHT, colormap


@pytest.fixture
def capture() -> Capture:
    return random_capture(layers=6, heads=4, tokens=8, width=4)


@pytest.fixture
def lab(capture: Capture) -> Lab:
    return Lab(capture=capture)


def press(lab: Lab, key: str) -> None:
    lab.bar.keys._handle_custom_msg({"key": key}, [])


def lengths(chart: Any) -> list[float]:
    """What a chart measures in pixels: its least height, margins, places of its words, width of its lines."""
    margins = [chart.widget.fig_margin[side] for side in ("top", "right", "bottom", "left")]
    words = [offset for mark in chart._marks if isinstance(mark, Label) for offset in (mark.x_offset, mark.y_offset)]
    strokes = [mark.stroke_width for mark in chart._marks if isinstance(mark, Lines)]
    height = chart.widget.layout.min_height or "0px"  # a square one has the height that its width gives it
    return [float(height.removesuffix("px")), *margins, *words, *strokes]


def test_the_page_says_which_part_is_on_screen(lab: Lab) -> None:
    lab.presenter.part = 7
    assert lab.state.part == 7
    assert lab.presenter.target == [], "the page is there already"


def test_a_part_that_is_asked_for_is_gone_to_each_time(lab: Lab) -> None:
    lab.state.part = 7
    assert lab.presenter.target == [7, 1]
    lab.presenter.part = 3  # scrolled away
    lab.state.part = 7
    assert lab.presenter.target == [7, 2]


def test_digits_go_to_the_parts_and_0_to_the_tenth(lab: Lab) -> None:
    assert lab.bar.keys.digits == part_keys(len(lab.parts))
    assert (part_keys(3), part_keys(10), part_keys(12)) == ("123", "1234567890", "1234567890")
    (said,) = (keys for keys, does in lab.bar.keys.listed if does == "go to a part")
    assert said == ("1 … 9" if len(lab.parts) == 9 else "1 … 9  0")


def test_keys_switch_presenter_mode_and_colours_and_pin(lab: Lab) -> None:
    press(lab, "escape")
    assert not lab.state.presenting
    press(lab, "p")
    assert lab.presenter.presenting
    assert lab.bar.present.description == "Leave presenter mode"
    press(lab, "p")
    assert not lab.state.presenting
    press(lab, "p")
    press(lab, "escape")
    assert not lab.presenter.presenting
    press(lab, "d")
    assert lab.theme == DARK
    press(lab, "a")
    assert lab.comparison.pinned is not None
    press(lab, "a")
    assert lab.comparison.pinned is None
    press(lab, "no such key")


def test_keys_and_the_state_follow_each_other(lab: Lab) -> None:
    lab.bar.keys.layer, lab.bar.keys.head = 4, 2
    assert (lab.state.layer, lab.state.head) == (4, 2)
    lab.state.layer = 1
    assert (lab.bar.keys.layer, lab.bar.keys.layer_count, lab.bar.keys.head_count) == (1, 6, 4)
    lab.bar.keys.on = False
    assert not lab.state.keys


PARTS = "scaling heads raw_scores raw_scores_by_layer distributions softmax attention_maps averaging".split()


@pytest.mark.parametrize("name", PARTS)
def test_a_presented_chart_grows_as_a_whole_and_back(lab: Lab, name: str) -> None:
    lab.browser.visible = [name]
    charts = getattr(lab, name).charts
    assert charts
    before = [lengths(chart) for chart in charts]
    lab.presenter.scale = 1.5
    lab.state.presenting = True
    for chart, base in zip(charts, before, strict=True):
        np.testing.assert_allclose(lengths(chart), np.multiply(base, 1.5), atol=0.51)
        assert chart.theme.size_small == chart.title.default_size - 3 == 21
    lab.state.presenting = False
    assert [lengths(chart) for chart in charts] == before


def test_a_chart_that_is_first_seen_in_presenter_mode_is_large(lab: Lab) -> None:
    lab.presenter.scale = 1.5
    lab.state.presenting = True
    lab.browser.visible = ["scaling"]
    assert lab.scaling.spread.theme == LIGHT.enlarged(1.5)
    assert lab.scaling.spread.title.default_size == 24


def test_the_window_s_size_matters_in_presenter_mode_only(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.browser.visible = ["scaling"]
    applied: list[float] = []
    monkeypatch.setattr(lab.scaling, "apply", lambda theme: applied.append(theme.scale))
    lab.presenter.scale = 1.65
    assert applied == []
    lab.state.presenting = True
    lab.presenter.scale = 1.15
    assert applied == [1.65, 1.15]


def test_pixels_are_scaled_in_numbers_margins_and_words() -> None:
    layout = Layout(min_height="340px", width="100%")
    figure = Figure(fig_margin={"top": 10, "bottom": 3, "left": 0, "right": 7})
    pixels = Pixels(layout, figure)
    pixels.enlarge(1.5)
    assert (layout.min_height, layout.width) == ("510px", "100%")
    assert figure.fig_margin == {"top": 15, "bottom": 4, "left": 0, "right": 10}
    pixels.enlarge(1.0)
    assert (layout.min_height, figure.fig_margin["right"]) == ("340px", 7)


@pytest.mark.parametrize("chosen", ["viridis", "cividis"])
def test_maps_and_layers_take_the_chosen_colours_and_signed_numbers_keep_theirs(lab: Lab, chosen: str) -> None:
    def lowest(chart: Any) -> list[int]:
        return Image.open(io.BytesIO(chart.picture.mark.image.value)).getpalette()[:3]

    lab.browser.visible = ["heads", "raw_scores_by_layer", "distributions", "attention_maps"]
    (heads,), (within, *_) = lab.heads.charts, lab.raw_scores_by_layer.charts
    signed = lab.attention_maps.maps["scaled"]
    before = lowest(signed)
    assert (lowest(heads), lowest(within)) == (colormap("plasma")[0].tolist(), colormap("magma")[0].tolist())
    lab.state.colormap = chosen
    assert lowest(heads) == lowest(within) == colormap(chosen)[0].tolist()
    assert lowest(signed) == before
    layers = next(chart for chart in lab.distributions.charts if hasattr(chart, "all"))
    assert layers.all.colors == lab.theme.layer_colors(6) != LIGHT.layer_colors(6)
    lab.state.colormap = "study"
    assert lowest(heads) == colormap("plasma")[0].tolist()
