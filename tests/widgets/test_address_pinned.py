"""A pinned view as a part of the query string, and back."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.texts import DEFAULT_TEXT
from tests.widgets.links import fresh, values_of
from widgets.page.address import OF_A, read, take, written
from widgets.state import ViewState


def own_of(state: ViewState, **others: Any) -> dict[str, Any]:
    """A pinned with the values of the state, and with other ones."""
    return {**{name: getattr(state, name) for name in ViewState.OWN}, **others}


def test_a_pinned_view_of_the_same_text_costs_few_bytes() -> None:
    state = fresh()
    state.text, state.layer = "Some other words", 4
    alone = written(values_of(state), state)
    pinned = written(values_of(state), state, own=own_of(state, layer=2))
    assert alone == "layer=4&text=Some+other+words"
    assert pinned == "layer=4&pinned=on&a-layer=2&text=Some+other+words"
    assert written(values_of(state), state, own=own_of(state)) == "layer=4&pinned=on&text=Some+other+words"
    assert written(values_of(state), state, own={}) == alone, "nothing is pinned"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=100), st.text(max_size=100))
def test_any_pinned_text_comes_back(text: str, other: str) -> None:
    state = fresh()
    state.query, state.key = 30, 2
    own = own_of(state, text=other, model="gpt2", layer=11, head=0, query=3, key=1)
    asked = read(written({**values_of(state), "text": text}, state, own=own), state)
    expected = {"text": other.encode("utf-8", "replace").decode(), "model": "gpt2", "layer": 11, "query": 3, "key": 1}
    if other == text:
        del expected["text"]
    assert (asked.own, asked.ignored, asked.without) == (expected, [], [])
    assert asked.values.get("text", DEFAULT_TEXT) == text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize(
    ("b", "a", "without"),
    [
        (2000, 2000, []),
        (2000, 2001, ["a-text"]),
        (4000, 4000, []),  # the same text
        (4000, 1, ["a-text"]),
        (4001, 4001, ["text", "a-text"]),
        (4001, 4000, ["text"]),
        (4001, 4002, ["text", "a-text"]),
    ],
)
def test_both_texts_share_the_room_and_b_comes_first(b: int, a: int, without: list[str]) -> None:
    state = fresh()
    own = own_of(state, text="x" * a, layer=7)
    asked = read(written({**values_of(state), "text": "x" * b}, state, own=own), state)
    assert asked.without == without
    assert asked.values.get("text") == (None if "text" in without else "x" * b)
    if "a-text" in without:
        assert asked.own is None, "what depends on a text that is not there is left out"
    else:
        assert asked.own is not None
        assert (asked.own.get("text", "x" * b), asked.own["layer"]) == ("x" * a, 7)


def test_the_tokens_of_a_stand_in_a_link_that_has_no_room_for_those_of_b() -> None:
    """B's are those of a text that is not there, so A's cannot be said to be the same."""
    state = fresh()
    state.query = state.key = 5
    asked = read(written({**values_of(state), "text": "x" * 4001}, state, own=own_of(state, text="A few.")), state)
    assert asked.values == {}
    assert asked.own == {"text": "A few.", "query": 5, "key": 5}


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("a-layer=99", "a-layer=99 (the last layer is 7)"),
        ("a-head=-1", "a-head=-1 (the last head is 5)"),
        ("a-query=149", "a-query=149 (the last token is 148)"),
        ("a-key=one", "a-key=one (a number)"),
        ("a-model=evil", "a-model=evil (There is no model called “evil” here"),
        ("a-mask=7", "a-mask (there is no such setting)"),
        ("a-a-layer=3", "a-a-layer (there is no such setting)"),
        ("pinned=perhaps", "pinned=perhaps (on or off)"),
        ("without=a-layer", "without (there is no such setting)"),
    ],
)
def test_nonsense_about_a_is_ignored_and_named(query: str, complaint: str) -> None:
    pinned = fresh()
    asked = read(f"pinned=on&{query}&a-text=Words", fresh())
    assert asked.own is not None
    ignored = asked.ignored + take(pinned, asked.own, OF_A)
    assert values_of(pinned) == {**values_of(fresh()), "text": "Words"}
    assert len(ignored) == 1
    assert complaint in ignored[0]


def test_a_link_that_says_that_nothing_is_pinned_pins_nothing() -> None:
    """It pinned all the same, and said nothing."""
    asked = read("pinned=off&a-layer=1", fresh())
    assert (asked.own, asked.ignored) == (None, ["a-layer (nothing is pinned)"])


def test_a_link_without_the_text_of_a_pins_nothing_whatever_else_it_says() -> None:
    """It said that A is not pinned, and pinned it."""
    asked = read("pinned=on&a-layer=1&without=a-text", fresh())
    assert (asked.own, asked.without) == (None, ["a-text"])


def test_what_is_there_twice_is_said() -> None:
    asked = read("layer=1&layer=2&a-head=3&a-head=4", fresh())
    assert (asked.values, asked.own) == ({"layer": 2}, {"head": 4})
    assert asked.ignored == ["the first layer (it is there twice)", "the first a-head (it is there twice)"]
