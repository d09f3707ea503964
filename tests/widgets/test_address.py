"""The state as a query string and back."""

from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exercises.done import write_done
from core.model.catalogue import SHIPPED
from core.model.texts import DEFAULT_TEXT
from tests.exercises import EXERCISES, GAPS
from tests.widgets.links import fresh, values_of
from widgets.page.address import LONGEST_TEXT, link, read, take, told, written
from widgets.state import ViewState

CHOSEN: dict[str, Any] = {
    "text": "Ä & b = 50 %\n#?+ 🍕",
    "model": "gpt2",
    "layer": 3,
    "head": 2,
    "mask_size": 7,
    "query": 5,
    "theme": "dark",
    "part": 7,
    "sizes_from": 20,
    "sizes_to": 40,
    "sigma": 0.3,
    "activation": "value",
    "skip_first": False,
    "causal": True,
    "list_length": 9,
    "cut": 8,
}


def opened(query: str) -> tuple[ViewState, list[str]]:
    state = fresh()
    asked = read(query, state)
    return state, asked.ignored + take(state, asked.values)


def test_what_stands_at_its_default_is_left_out() -> None:
    state = fresh()
    assert written(values_of(state), state) == ""
    state.layer, state.causal = 3, True
    assert written(values_of(state), state) == "layer=3&causal=on"


def test_what_a_notebook_or_a_server_chose_is_always_named() -> None:
    state = fresh()
    assert written(values_of(state), state, {"model", "mask_size"}) == f"model={SHIPPED}&mask=5"


def test_every_setting_comes_back() -> None:
    state = fresh()
    for name, value in CHOSEN.items():
        setattr(state, name, value)
    again, ignored = opened(written(values_of(state), state))
    assert ignored == []
    assert values_of(again) == values_of(state)


def other_value(state: ViewState, name: str) -> Any:
    trait: Any = state.traits()[name]
    value, default = getattr(state, name), state.default(name)
    if name == "progress":
        return write_done([*GAPS][:2], EXERCISES.values())
    if name == "experiment":
        return "divide-1.5~layers-0.1_mask-window~window-4"
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return next(one for one in (*getattr(trait, "values", ()), "gpt2") if one != default)
    low, high = state.bounds(name)
    return next(one for one in (high, low) if one != default)


@pytest.mark.parametrize("name", fresh().settings)
def test_each_setting_alone_comes_back(name: str) -> None:
    state = fresh()
    setattr(state, name, other_value(state, name))
    query = written(values_of(state), state)
    assert len(parse_qsl(query)) == 1
    again, ignored = opened(query)
    assert (getattr(again, name), ignored) == (getattr(state, name), [])


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_text_comes_back_or_is_said_to_be_missing(text: str) -> None:
    state = fresh()
    query = written({**values_of(state), "text": text, "key": 3}, state)
    asked = read(query, state)
    assert len(query) < LONGEST_TEXT + 100
    if len(quote_plus(text, errors="replace")) > LONGEST_TEXT:
        assert asked.without == ["text"]
        assert asked.values == {}  # a place in a text that is not there means nothing
    elif text != DEFAULT_TEXT:
        assert asked.values == {"text": text.encode("utf-8", "replace").decode(), "key": 3}


@pytest.mark.parametrize(("letter", "most"), [("a", 4000), (" ", 4000), ("é", 666), ("🍕", 333)])
def test_a_text_of_4000_encoded_bytes_is_the_longest_in_a_link(letter: str, most: int) -> None:
    state = fresh()
    assert len(quote_plus(letter * most)) <= 4000
    for length, without in ((most, []), (most + 1, ["text"])):
        assert read(written({**values_of(state), "text": letter * length}, state), state).without == without


@pytest.mark.parametrize(
    ("text", "other", "without"),
    [(2000, 2000, []), (2000, 2001, ["other-text"]), (4001, 4000, ["text"]), (4001, 4001, ["text", "other-text"])],
)
def test_the_text_that_part_8_compares_with_has_the_room_that_the_text_leaves(
    text: int, other: int, without: list[str]
) -> None:
    state = fresh()
    asked = read(written({**values_of(state), "text": "x" * text, "other_text": "y" * other}, state), state)
    assert asked.without == without
    assert asked.values.get("other_text") == (None if "other-text" in without else "y" * other)


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("layer=99", "layer=99 (the last layer is 7)"),
        ("layer=-1", "layer=-1 (the last layer is 7)"),
        ("head=6", "head=6 (the last head is 5)"),
        ("query=149", "query=149 (the last token is 148)"),
        ("layer=two", "layer=two (a number)"),
        ("layer=", "layer= (a number)"),
        ("layer=" + "9" * 5000, "(a number)"),
        ("mask=99", "mask=99 (it goes from 2 to 12)"),
        ("sigma=nan", "sigma=nan (it goes from 0.1 to 3.0)"),
        ("cut=4", "cut=4 (it goes from 1 to 3)"),
        ("causal=perhaps", "causal=perhaps (on or off)"),
        ("theme=pink", "theme=pink (one of system, light, dark)"),
        ("model=evil%2Fmodel", "model=evil/model (There is no model called “evil/model” here: choose one of"),
        ("model=..%2F..%2Fetc", "There is no model"),
        ("layer_count=3", "layer_count (there is no such setting)"),
        ("__class__=x", "__class__ (there is no such setting)"),
        ("a%00b%E2%80%AE=1", "a\\u0000b\\u202e (there is no such setting)"),
    ],
)
def test_nonsense_is_ignored_and_named(query: str, complaint: str) -> None:
    state, ignored = opened(query)
    assert values_of(state) == values_of(fresh())
    assert len(ignored) == 1
    assert complaint in ignored[0]


def test_what_makes_sense_is_taken_beside_nonsense_in_any_order() -> None:
    state, ignored = opened("cut=8&layer=99&list-length=9&head=2")
    assert (state.list_length, state.cut, state.head) == (9, 8, 2)
    assert ignored == ["layer=99 (the last layer is 7)"]


@settings(deadline=None, max_examples=50)
@given(st.text(), st.text())
def test_no_address_is_too_strange(word: str, text: str) -> None:
    for query in (word, f"{word}={text}", f"layer={text}", f"model={text}", f"sigma={text}"):
        state, ignored = opened(query)
        assert len(told(ignored)) < 1000
        assert 0 <= state.layer < 8


def test_much_nonsense_is_told_in_one_sentence() -> None:
    _, ignored = opened("&".join(f"x{number}=1" for number in range(1000)))
    assert told(ignored).endswith("x3 (there is no such setting), and 996 more.")
    assert told([]) == ""


def test_a_server_s_own_parameters_are_kept_without_a_word() -> None:
    asked = read("token=secret&layer=2", fresh())
    assert (asked.values, asked.ignored, asked.others) == ({"layer": 2}, [], [("token", "secret")])


PAGE = "https://hub.org/user/anna/voila/render/app.ipynb"
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/anna/", "JUPYTERHUB_BASE_URL": "/"}
BINDER = {
    **HUB,
    "BINDER_LAUNCH_HOST": "https://mybinder.org/",
    "BINDER_PERSISTENT_REQUEST": "v2/gh/owner/repo/0123abc",
}


def test_a_link_is_the_page_s_address_where_all_meet_on_one_page() -> None:
    assert link("http://localhost:8866/", "", {}) == "http://localhost:8866/"
    assert link("http://localhost:8866/", "layer=3", {}) == "http://localhost:8866/?layer=3"
    service = {"JUPYTERHUB_SERVICE_PREFIX": "/services/lab/", "JUPYTERHUB_BASE_URL": "/"}
    assert link("https://hub.org/services/lab/", "layer=3", service) == "https://hub.org/services/lab/?layer=3"


def test_a_link_from_a_server_of_one_s_own_leads_others_to_theirs() -> None:
    expected = "https://hub.org/hub/user-redirect/voila/render/app.ipynb?layer=3"
    assert link(PAGE, "layer=3", HUB) == expected
    below = {"JUPYTERHUB_SERVICE_PREFIX": "/jupyter/user/anna/", "JUPYTERHUB_BASE_URL": "/jupyter/"}
    page = PAGE.replace("/user/", "/jupyter/user/")
    assert link(page, "layer=3", below) == expected.replace("/hub/user", "/jupyter/hub/user")


def test_a_link_from_binder_starts_the_same_commit_for_others() -> None:
    address = urlsplit(link(PAGE, "layer=3&text=a+b%26c", BINDER))
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://mybinder.org/v2/gh/owner/repo/0123abc"
    assert parse_qs(address.query) == {"urlpath": ["voila/render/app.ipynb?layer=3&text=a+b%26c"]}
