"""Part 2: the model, the tokens, and the shapes of queries, keys and values."""

from dataclasses import replace

import numpy as np
import pytest

from core.capture import Projection
from tests.captures import random_capture
from tests.widgets.panels import on_screen, weighed, words_of

CAPTURE = random_capture(3, 4, 7, 6)


@pytest.fixture
def part():
    return on_screen("tokens", CAPTURE)


def test_chips_carry_every_token_with_its_id(part) -> None:
    assert part.strip.tokens == list(CAPTURE.token_text)
    assert part.strip.ids == CAPTURE.token_ids.tolist()


def test_the_chosen_token_is_the_query_of_all_parts(part) -> None:
    assert part.strip.chosen == part.state.query == 6
    part.strip.chosen = 2
    assert part.state.query == 2
    part.state.query = 4
    assert part.strip.chosen == 4


def test_guesses_are_bars_with_their_probability_in_words(part) -> None:
    x, y = np.asarray(part.guesses.values.x), np.asarray(part.guesses.values.y)
    np.testing.assert_array_equal(x, CAPTURE.next_probability)
    np.testing.assert_array_equal(y, range(5))
    assert part.guesses.values.text.tolist() == ["50 %", "20 %", "10 %", "5 %", "1 %"]
    assert part.guesses.y_axis.tick_labels == dict(zip("01234", CAPTURE.next_text, strict=True))


def test_shapes_are_those_of_the_model_and_the_text(part) -> None:
    words = words_of(part.shapes)
    assert "c_attn gives (1, T, 3E) = (1, 7, 72)" in words
    for letter in "QKV":
        assert f"{letter} (7, 24)" in words
    for sign, value in zip("LHEd", (3, 4, 24, 6), strict=True):
        assert words.split(f" {sign} ")[1].split()[0] == str(value)
    assert words.split("√d ")[1].split()[0] == f"{np.sqrt(6):.3g}"
    assert f"{CAPTURE.model.parameters / 1e6:.3g} M" in words


def test_the_chosen_heads_slice_is_named_and_lit(part) -> None:
    part.state.head = 2
    assert "Head 2 has columns 12 to 17 of each: (7, 6)." in words_of(part.shapes)
    lit = "<i></i><i></i><i class=lab-chosen></i><i></i>"
    assert part.shapes.value.count(lit) == 3


def test_separate_projections_have_a_bar_each_and_shared_heads_are_named() -> None:
    names = ("q_proj", "k_proj", "v_proj")
    projections = tuple(Projection(f"layers[i].{name}", width) for name, width in zip(names, (24, 12, 12), strict=True))
    model = replace(CAPTURE.model, key_value_heads=2, projections=projections)
    part = on_screen("tokens", replace(CAPTURE, model=model))
    words = words_of(part.shapes)
    for name, width in zip(names, (24, 12, 12), strict=True):
        assert f"layers[i].{name} gives (1, 7, {width})" in words
    for kind in ("query", "key", "value"):
        assert f"<div class='lab-whole'><i class='lab-{kind}'></i></div>" in part.shapes.value
    assert "2 key and value heads are shared" in words


def test_only_the_model_that_ships_is_called_so(part) -> None:
    assert "not GPT-2" not in words_of(part.shapes)
    shipped = on_screen("tokens", replace(CAPTURE, model=replace(CAPTURE.model, shipped=True)))
    assert "shipped with the lab, small, not GPT-2" in words_of(shipped.shapes)


def test_what_the_model_is_called_is_text() -> None:
    model = replace(CAPTURE.model, name="<img src=x onerror=alert(1)>")
    part = on_screen("tokens", replace(CAPTURE, model=model))
    assert "<img" not in part.shapes.value
    assert "<img src=x onerror=alert(1)>" in words_of(part.shapes)


def test_another_query_sends_only_itself(part, monkeypatch: pytest.MonkeyPatch) -> None:
    with weighed(monkeypatch) as sent:
        part.state.query = 1
    assert 0 < sum(sent) < 1_000


def test_a_single_token_is_shown() -> None:
    part = on_screen("tokens", random_capture(1, 1, 1, 4))
    assert part.strip.tokens == ["␣0"]
    assert "1 token " in words_of(part._numbers)
