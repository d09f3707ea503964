"""The settings: bounds, and how they follow a new capture."""

import pytest
from traitlets import TraitError

from core.parts.settings import default_layer
from widgets.state import ViewState


@pytest.fixture
def state() -> ViewState:
    state = ViewState()
    state.fit(layers=24, heads=16, tokens=110)
    return state


def test_opens_on_the_study_s_layer_and_the_last_token(state: ViewState) -> None:
    assert (state.layer, state.head, state.query) == (6, 0, 109)


@pytest.mark.parametrize(("name", "highest"), [("layer", 23), ("head", 15), ("query", 109), ("key", 109)])
def test_stays_within_the_capture(state: ViewState, name: str, highest: int) -> None:
    setattr(state, name, 1000)
    assert getattr(state, name) == highest
    assert state.bounds(name) == (0, highest)
    with pytest.raises(TraitError):
        setattr(state, name, -1)


@pytest.mark.parametrize(
    ("name", "outside"), [("mask_size", 13), ("mask_size", 1), ("sigma", 0.0), ("theme", "pink"), ("size", 101)]
)
def test_refuses_what_no_capture_could_allow(state: ViewState, name: str, outside: object) -> None:
    before = getattr(state, name)
    with pytest.raises(TraitError):
        setattr(state, name, outside)
    assert getattr(state, name) == before


def test_a_smaller_capture_clamps_what_was_chosen(state: ViewState) -> None:
    state.layer, state.head, state.query, state.key = 20, 15, 50, 40
    state.fit(layers=6, heads=6, tokens=30)
    assert (state.layer, state.head, state.query, state.key) == (5, 5, 29, 29)


def test_what_was_chosen_stays_where_it_fits(state: ViewState) -> None:
    state.layer, state.head, state.query = 3, 2, 5
    state.fit(layers=12, heads=12, tokens=40)
    assert (state.layer, state.head, state.query) == (3, 2, 5)


def test_what_stood_at_its_default_stays_there(state: ViewState) -> None:
    state.fit(layers=8, heads=6, tokens=149)
    assert (state.layer, state.query) == (default_layer(8), 148)
    state.fit(layers=24, heads=16, tokens=110)
    assert (state.layer, state.query) == (6, 109)


def test_observers_never_see_a_layer_beyond_the_capture(state: ViewState) -> None:
    seen = []
    state.layer, state.head = 23, 15
    state.observe(lambda _: seen.append((state.layer_count, state.layer, state.head_count, state.head)))
    state.fit(layers=4, heads=2, tokens=3)
    assert seen
    assert set(seen) == {(4, 3, 2, 1)}


def test_pairs_keep_their_order(state: ViewState) -> None:
    state.list_length, state.cut = 10, 9
    state.list_length = 3
    assert state.cut == 2
    state.sizes_from = 60
    state.sizes_to = 40
    assert (state.sizes_from, state.sizes_to) == (39, 40)
    state.sizes_from = 90
    assert state.sizes_from == 39


def test_holds_scalars_only(state: ViewState) -> None:
    assert {type(getattr(state, name)) for name in state.trait_names()} == {int, float, str, bool}
