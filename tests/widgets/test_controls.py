"""Traits as controls: labels, bounds, and the link both ways."""

import pytest
from ipywidgets import Checkbox, FloatLogSlider, FloatSlider, IntSlider, Textarea, ToggleButtons

from widgets.panel.controls import again, control, span
from widgets.state import ViewState


@pytest.fixture
def state() -> ViewState:
    state = ViewState()
    state.fit(layers=24, heads=16, tokens=110)
    return state


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("layer", IntSlider, 9),
        ("sigma", FloatSlider, 2.0),
        ("divided_by", FloatLogSlider, 16.0),
        ("causal", Checkbox, True),
        ("activation", ToggleButtons, "key"),
        ("other_text", Textarea, "Another text."),
    ],
)
def test_follows_the_trait_and_sets_it(state: ViewState, name: str, kind: type, value: object) -> None:
    widget = control(state, name)
    assert isinstance(widget, kind)
    assert widget.description == state.traits()[name].help
    default = getattr(state, name)
    setattr(state, name, value)
    assert widget.value == value
    widget.value = default
    assert getattr(state, name) == default


def test_a_logarithmic_slider_goes_from_one_bound_to_the_other_in_powers_of_two(state: ViewState) -> None:
    widget, trait = control(state, "divided_by"), state.traits()["divided_by"]
    assert (widget.base**widget.min, widget.base**widget.max) == (trait.min, trait.max) == (0.25, 64)
    for end in (trait.min, trait.max):
        widget.value = end
        assert state.divided_by == end


def test_slider_follows_while_it_is_dragged(state: ViewState) -> None:
    assert control(state, "layer").continuous_update


def test_bounds_follow_the_capture_in_both_directions(state: ViewState) -> None:
    layer, query = control(state, "layer"), control(state, "query")
    state.layer = 20
    state.fit(layers=6, heads=4, tokens=20)
    assert (layer.max, layer.value, state.layer) == (5, 5, 5)
    assert (query.max, query.value) == (19, 19)
    state.fit(layers=48, heads=25, tokens=200)
    assert (layer.max, layer.value, state.layer) == (47, 5, 5)
    assert (query.max, query.value, state.query) == (199, 199, 199)


def test_a_default_that_falls_below_a_falling_bound_is_what_the_slider_shows(state: ViewState) -> None:
    layer = control(state, "layer")
    assert state.layer == 6
    state.fit(layers=6, heads=4, tokens=20)
    assert (layer.max, layer.value, state.layer) == (5, 1, 1)


def test_span_keeps_two_traits_apart(state: ViewState) -> None:
    widget = span(state, "sizes_from", "sizes_to", "Sizes n")
    widget.value = (20, 50)
    assert (state.sizes_from, state.sizes_to) == (20, 50)
    widget.value = (50, 50)
    assert state.sizes_from < state.sizes_to
    assert widget.value == (state.sizes_from, state.sizes_to)
    widget.value = (5, 5)
    assert (state.sizes_from, state.sizes_to) == (5, 6) == widget.value


def test_again_goes_round(state: ViewState) -> None:
    button = again(state, "seed", "Draw again")
    button.click()
    assert state.seed == 1
    state.seed = state.traits()["seed"].max
    button.click()
    assert state.seed == 0
