"""Part 3's sections: all layers and heads at once, and one head as lines."""

from dataclasses import replace

import numpy as np
import pytest

from core.parts.heads import MEASURE
from core.parts.heads.overview import overview
from core.parts.softmax.attention_maps import head_maps
from tests.captures import random_capture
from tests.widgets.panels import on_screen, weighed, words_of
from widgets.charts.picture import GAP, LEVELS, MASKED
from widgets.parts.head_view import MOST

CAPTURE = replace(random_capture(5, 3, 12, 8, spread=1.5), token_ids=np.arange(12) % 5)
SHOWN = overview(CAPTURE)


@pytest.fixture
def part():
    return on_screen("overview", CAPTURE)


def click(chart, x: float, y: float) -> None:
    chart._pointed(None, {"event": "click", "domain": {"x": x, "y": y}}, None)


def test_each_map_stands_at_its_layer_and_head_with_a_gap(part) -> None:
    side = 13
    for layer in range(5):
        for head in range(3):
            top, left = (4 - layer) * side, head * side
            cells = part.grid._cells[top : top + side, left : left + side]
            assert (cells[0] == GAP).all()
            assert (cells[:, 0] == GAP).all()
            steps = np.clip(SHOWN.maps[layer, head] / SHOWN.limit, 0, 1) * (LEVELS - 1)
            np.testing.assert_allclose(cells[1:, 1:], np.where(np.isnan(steps), MASKED, steps), atol=0.51)
    assert part.grid.note == ""


def test_a_map_of_a_long_text_says_what_its_dots_are() -> None:
    part = on_screen("overview", random_capture(3, 2, 140, 4))
    assert "Each dot of a small map is the mean of 3 × 3 weights." in words_of(part._numbers)


@pytest.mark.parametrize("measure", MEASURE.options)
def test_the_chosen_number_is_shown_and_said(part, measure: str) -> None:
    part.state.measure = measure
    values = getattr(SHOWN, measure)
    np.testing.assert_array_equal(part.map._given[0], values)
    signed = measure in ("raw_score", "within_minus_across")
    reach = np.abs(values).max()
    ends = (-reach, reach) if signed else (0, 1) if measure == "entropy" else (values.min(), values.max())
    assert part.map._shown["color"] == pytest.approx(ends)
    assert part.map.colormap == ("diverging" if signed else "magma")
    name = MEASURE.words[MEASURE.options.index(measure)]
    assert part.map.bar.words.text[0].startswith(f"{name} · data")
    assert f"{name}: from " in words_of(part._numbers)


def test_a_click_on_a_map_or_a_cell_goes_to_its_layer_and_head_at_once(part) -> None:
    seen = []
    part.state.observe(lambda _: seen.append((part.state.layer, part.state.head)), ["layer", "head"])
    click(part.grid, 1.9, 4.2)
    assert set(seen) == {(4, 2)}
    assert part.grid.pointer.y.tolist() == [4]
    assert part.map.pointer.y.tolist() == [4]
    click(part.map, 0.2, 0.9)
    assert (part.state.layer, part.state.head) == (1, 0)


def test_heads_by_name_are_buttons_that_go_there(part) -> None:
    for kind, named in part.kinds.items():
        best = getattr(SHOWN, kind)
        assert len(best) == 3
        for one, button in zip(best, named.buttons, strict=True):
            assert button.description.startswith(f"Layer {one.layer}, head {one.head}: ")
            button.click()
            assert (part.state.layer, part.state.head) == (one.layer, one.head)


def test_a_text_without_repeated_tokens_says_so() -> None:
    part = on_screen("overview", replace(CAPTURE, token_ids=np.arange(12)))
    named = part.kinds["duplicate_token_heads"]
    assert "No token of this text comes twice." in words_of(named.without)
    assert {button.layout.display for button in named.buttons} == {"none"}


def test_a_layer_change_sends_nothing_but_the_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("overview", random_capture(24, 16, 105, 16))
    with weighed(monkeypatch) as sent:
        part.state.layer = 7
    assert 0 < sum(sent) < 4_000


def test_one_token_says_why_there_is_nothing() -> None:
    assert "run a longer text" in on_screen("overview", random_capture(3, 2, 1, 8)).notice


def test_lines_have_the_weights_of_the_head_and_follow_layer_head_and_query() -> None:
    view = on_screen("head_view", CAPTURE)
    for layer, head, query in ((4, 2, 7), (0, 1, 3)):
        view.state.layer, view.state.head, view.state.query = layer, head, query
        weights = head_maps(CAPTURE, layer, head).weights
        np.testing.assert_array_equal(np.frombuffer(view.lines.weights, "<f4").reshape(12, 12), weights)
        assert view.lines.tokens == list(CAPTURE.token_text)
        assert view.lines.chosen == query
        most = int(weights[query].argmax())
        assert f"Layer {layer}, head {head}: token {query} “␣{query}” gives most" in words_of(view._numbers)
        assert f"to token {most} “␣{most}”" in words_of(view._numbers)


def test_a_click_on_a_token_chooses_the_query_token() -> None:
    view = on_screen("head_view", CAPTURE)
    view.lines.chosen = 5
    assert view.state.query == 5


def test_of_a_long_text_the_tokens_around_the_query_are_shown_and_stay_while_it_moves_among_them() -> None:
    capture = random_capture(2, 2, 200, 4)
    view = on_screen("head_view", capture)
    weights = head_maps(capture, view.state.layer, view.state.head).weights
    for query, first in ((199, 140), (150, 140), (139, 80), (5, 0), (59, 0), (60, 1)):
        view.state.query = query
        assert (view.lines.first, view.lines.chosen, len(view.lines.tokens)) == (first, query, MOST)
        shown = np.frombuffer(view.lines.weights, "<f4").reshape(MOST, MOST)
        np.testing.assert_array_equal(shown, weights[first : first + MOST, first : first + MOST])
        assert f"Shown are tokens {first} to {first + MOST - 1} of 200." in words_of(view._numbers)

