"""Part 7: the mask, one layer's attention weights, and one head in maps and in the text."""

import numpy as np
import pytest

from core.parts.softmax.attention import attention
from core.parts.softmax.attention_maps import head_maps
from core.parts.softmax.numbers import masking
from tests.captures import random_capture
from tests.widgets.panels import dots_of, on_screen, weighed, words_of
from widgets.charts.picture import LEVELS
from widgets.lab import Lab

CAPTURE = random_capture(3, 2, 8, 6, spread=1.5)
LARGE = random_capture(12, 16, 105, 64)


def cells(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """The colours of values on a scale, as steps."""
    return (np.clip(values, low, high) - low) / (high - low) * (LEVELS - 1)


def shades_of(strip) -> np.ndarray:
    return np.frombuffer(strip.weights, np.float32)


# The mask


@pytest.mark.parametrize("size", [2, 5, 12])
def test_masks_are_drawn_with_their_values(size: int) -> None:
    part = on_screen("softmax", CAPTURE)
    part.state.mask_size = size
    mask = masking(size)
    shown = np.tril(np.ones((size, size), bool))
    np.testing.assert_array_equal(part.binary._drawn.cells, cells(1 - shown, 0, 1))
    np.testing.assert_allclose(part.softmax._drawn.cells[shown], cells(mask.softmax, 0, 1)[shown], atol=0.51)
    np.testing.assert_array_equal(part.causal._drawn.masked, ~shown)
    np.testing.assert_array_equal(np.strings.endswith(part.causal.values.text, "∞").reshape(size, size), ~shown)
    np.testing.assert_array_equal(part.binary.values.text.reshape(size, size) == "1", ~shown)
    assert part.softmax.values.text[0] == "1"


def test_a_mask_needs_no_text() -> None:
    part = on_screen("softmax", random_capture(1, 1, 1, 4))
    assert part.binary.shape == (5, 5)


# One layer


def test_violins_show_the_three_samples() -> None:
    part = on_screen("attention", CAPTURE)
    part.state.layer = 2
    result = attention(CAPTURE, 2)
    samples = (result.final_to_previous, result.self_attention, result.first_to_self)
    for place, sample in enumerate(samples):
        x, y = dots_of(part.weights.points, place)
        np.testing.assert_array_equal(y, sample.values)
        np.testing.assert_allclose(x, place + sample.jitter, rtol=1e-6)
    assert [group.name for group in part.weights.groups] == [
        "Final to prev",
        "Self-attention other tokens",
        "Self-attention first token",
    ]


def test_a_single_token_shows_the_first_alone() -> None:
    part = on_screen("attention", random_capture(2, 3, 1, 4))
    assert dots_of(part.weights.points, 2)[1].tolist() == [1, 1, 1]
    assert "one token" in words_of(part._numbers)


# One head


@pytest.fixture
def maps():
    return on_screen("attention_maps", CAPTURE)


@pytest.fixture
def text():
    return on_screen("attention_text", CAPTURE)


def test_maps_show_every_stage_of_the_head(maps) -> None:
    maps.state.layer, maps.state.head, maps.state.weight_limit = 2, 1, 0.5
    result = head_maps(CAPTURE, 2, 1)
    seen = ~result.hidden
    reach = np.abs(result.raw).max()
    drawn = {stage: chart._drawn for stage, chart in maps.maps.items()}
    np.testing.assert_allclose(drawn["scaled"].cells, cells(result.raw, -reach, reach), atol=0.51)
    np.testing.assert_allclose(drawn["masked"].cells[seen], cells(result.raw, -reach, reach)[seen], atol=0.51)
    np.testing.assert_allclose(drawn["softmax"].cells[seen], cells(result.weights, 0, 0.5)[seen], atol=0.51)
    assert not drawn["scaled"].masked.any()
    for stage in ("masked", "softmax"):
        np.testing.assert_array_equal(drawn[stage].masked, result.hidden)


def lit(part) -> str:
    """The stage that the chain lights."""
    return part.chain.value.split("class=lab-lit")[1].split("</li>")[0]


@pytest.mark.parametrize(("stage", "sign"), [("scaled", "÷ √"), ("masked", "+ M"), ("softmax", "softmax")])
def test_a_hovered_cell_names_its_tokens_and_its_value_at_every_stage(maps, stage: str, sign: str) -> None:
    chart = maps.maps[stage]
    chart._pointed(None, {"event": "mousemove", "domain": {"x": 2.1, "y": 4.9}}, None)
    assert words_of(maps.cell) == "Query 5 ␣5 on key 2 ␣2"
    assert sign in lit(maps)
    shown = [part.split("<")[0] for part in maps.chain.value.split("<output>")[1:]]
    result = head_maps(CAPTURE, maps.state.layer, maps.state.head)
    width = CAPTURE.head_width
    row = result.raw[5, :6]
    expected = (
        result.raw[5, 2] * np.sqrt(width),
        result.raw[5, 2],
        result.raw[5, 2],
        np.exp(row[2]) / np.exp(row).sum(),
    )
    np.testing.assert_allclose([float(one.replace("−", "-")) for one in shown], expected, rtol=0.01)
    chart._pointed(None, {"event": "mouseleave"}, None)
    assert words_of(maps.cell) == f"Query {maps.state.query} ␣7 on key {maps.state.key} ␣0"
    assert "softmax" in lit(maps)


def test_a_hidden_cell_is_minus_infinity_before_softmax_and_zero_after_it(maps) -> None:
    maps.state.query, maps.state.key = 1, 6
    shown = [part.split("<")[0] for part in maps.chain.value.split("<output>")[1:]]
    assert shown[2:] == ["−∞", "0"]
    assert "hidden" in words_of(maps.cell)


def test_a_click_chooses_query_and_key_for_all_parts(maps) -> None:
    maps.maps["scaled"]._pointed(None, {"event": "click", "domain": {"x": 0.2, "y": 3.3}}, None)
    assert (maps.state.query, maps.state.key) == (3, 0)
    assert "Query 3 ␣3 on key 0 ␣0" in words_of(maps.cell)


def test_tokens_are_text_and_never_markup() -> None:
    tokens = ("<img src=x onerror=alert(1)>", "&amp;", "b")
    capture = random_capture(1, 1, 3, 4)
    capture = type(capture)(**{**vars(capture), "token_text": tokens})
    maps, text = on_screen("attention_maps", capture), on_screen("attention_text", capture)
    assert "<img" not in maps.cell.value
    assert "<img" not in text.legend.value
    assert words_of(maps.cell) == "Query 2 b on key 0 <img src=x onerror=alert(1)>"
    assert text.strip.tokens == list(tokens)


def test_text_is_shaded_by_the_root_of_the_querys_share(text) -> None:
    text.state.head, text.strip.chosen = 1, 4
    assert text.state.query == 4
    row = head_maps(CAPTURE, text.state.layer, 1).weights[4]
    shades = shades_of(text.strip)
    np.testing.assert_allclose(shades[:5] ** 2 * row.max(), row[:5], rtol=1e-5)
    assert np.isnan(shades[5:]).all()
    strongest = int(row.argmax())
    assert f"gives most to key {strongest} ␣{strongest}" in words_of(text.legend)


def test_pointing_at_a_token_shows_its_row_and_leaves_the_choice(text) -> None:
    before = shades_of(text.strip)
    text.strip.hovered = 0
    assert shades_of(text.strip)[0] == 1
    assert np.isnan(shades_of(text.strip)[1:]).all()
    assert text.state.query == 7
    text.strip.hovered = -1
    np.testing.assert_array_equal(shades_of(text.strip), before)


def test_numbers_name_the_three_tokens_that_get_most(text) -> None:
    text.state.query = 6
    row = head_maps(CAPTURE, text.state.layer, 0).weights[6]
    ranked = sorted(range(8), key=lambda key: -row[key])[:3]
    words = words_of(text._numbers)
    assert [int(part.split()[0]) for part in words.split("to token ")[1:]] == ranked


@pytest.mark.parametrize("name", ["attention_maps", "attention_text"])
@pytest.mark.parametrize("tokens", [1, 2])
def test_short_texts_are_shown(name: str, tokens: int) -> None:
    part = on_screen(name, random_capture(2, 2, tokens, 4))
    assert not words_of(part._notice)
    assert words_of(part._numbers)


# Speed, and sections in view


@pytest.mark.parametrize("name", ["softmax", "attention", "attention_maps", "attention_text"])
def test_drag_speed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen(name, LARGE)
    with weighed(monkeypatch) as sent:
        part.state.layer = 9
    assert sum(sent) <= 60_000


def test_a_hovered_cell_sends_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    part = on_screen("attention_maps", LARGE)
    with weighed(monkeypatch) as sent:
        part.maps["masked"]._pointed(None, {"event": "mousemove", "domain": {"x": 9, "y": 60}}, None)
    assert 0 < sum(sent) < 4_000


def test_a_section_draws_when_it_is_itself_in_view() -> None:
    lab = Lab(capture=CAPTURE)
    lab.softmax.visible = True
    assert words_of(lab.softmax._numbers)
    assert not words_of(lab.attention._numbers)
    lab.attention.visible = True
    assert words_of(lab.attention._numbers)
    assert lab.attention.widget in lab.softmax.widget.children


def test_the_page_lists_parts_and_not_their_sections() -> None:
    lab = Lab(capture=CAPTURE)
    contents = next(box for box in lab.page().children[-1].children if "lab-contents" in box._dom_classes)
    assert "#lab-softmax'" in contents.value
    assert "#lab-attention'" not in contents.value
