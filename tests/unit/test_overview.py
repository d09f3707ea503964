"""Part 3's overview: a small map and the numbers of every head, against plain loops."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.parts.entropy.numbers import attention_entropy
from core.parts.heads import MEASURE
from core.parts.heads.overview import ACROSS, DOWN, SMALLEST, block_size, overview
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.parity import assert_close


def repeating(capture, period=4):
    """With tokens that come again."""
    return replace(capture, token_ids=np.arange(capture.tokens) % period)


CAPTURES = [
    repeating(random_capture(3, 2, 11, 4, spread=2.0)),
    repeating(unlike_gpt2(random_capture(3, 3, 9, 4, spread=2.0))),
    random_capture(2, 1, 2, 3),
    random_capture(1, 3, 1, 3),
]


@pytest.mark.parametrize("capture", CAPTURES)
@pytest.mark.parametrize("block", [1 << 18, 30])
def test_numbers_match_the_loops(capture, block, monkeypatch):
    monkeypatch.setattr("core.attention.scores.BLOCK", block)  # 30: a few rows of one head
    got, expected = overview(capture), reference.part3_overview(capture).arrays
    for name, values in expected.items():
        assert_close(getattr(got, name.removeprefix("part3_")), values, name)
    np.testing.assert_array_equal(got.entropy, attention_entropy(capture).entropy)


@pytest.mark.parametrize("step", [1, 3, 4])
@pytest.mark.parametrize("block", [1 << 18, 30])
@pytest.mark.parametrize("capture", CAPTURES[:2])
def test_a_cell_of_a_map_is_the_mean_of_what_the_mask_leaves_of_a_block(capture, step, block, monkeypatch):
    monkeypatch.setattr("core.attention.scores.BLOCK", block)
    monkeypatch.setattr("core.parts.heads.overview.block_size", lambda *_: step)
    maps, side = overview(capture).maps, math.ceil(capture.tokens / step)
    assert maps.shape == (capture.layers, capture.heads, side, side)
    for layer, head, row, column in np.ndindex(maps.shape):
        cells = []
        for query in range(row * step, min(row * step + step, capture.tokens)):
            seen = reference.seen_keys(capture, layer, query, masked=True)
            weights = reference.weights_of(capture, layer, head, query)
            cells += [weights[key] for key in seen if key // step == column]
        wanted = np.mean(cells) if cells else np.nan
        np.testing.assert_allclose(maps[layer, head, row, column], wanted, atol=1e-6)


ROOMY = [(24, 16, 105), (24, 16, 1024), (8, 6, 149), (2, 40, 300), (2, 2, 5)]


@pytest.mark.parametrize(("layers", "heads", "tokens"), ROOMY)
def test_all_maps_find_room_beside_each_other(layers, heads, tokens):
    side = math.ceil(tokens / block_size(layers, heads, tokens))
    assert side >= SMALLEST or side == tokens
    assert heads * (side + 1) <= ACROSS
    assert layers * (side + 1) <= DOWN


def test_the_heads_of_each_name_are_found():
    capture = repeating(random_capture(2, 3, 12, 16, spread=0.1))
    capture.query[:], capture.key[:] = 0, 0
    places, width = np.eye(16, dtype=np.float32), 16
    for token in range(12):
        previous, first, same = (slice(head * width, (head + 1) * width) for head in range(3))
        capture.key[1, token, previous] = places[token] * 100
        capture.query[1, token, previous] = places[max(token - 1, 0)]
        capture.key[0, token, first] = places[0] * 100 * (token == 0)
        capture.query[0, token, first] = places[0]
        capture.key[0, token, same] = places[token % 4] * 100
        capture.query[0, token, same] = places[token % 4]
    shown = overview(capture)
    assert [(heads[0].layer, heads[0].head) for heads in (shown.previous_token_heads, shown.first_token_heads)] == [
        (1, 0),
        (0, 1),
    ]
    layer, head, score = shown.duplicate_token_heads[0]
    assert (layer, head) == (0, 2)
    assert score == pytest.approx(np.mean([1 / 2] * 4 + [2 / 3] * 4), abs=1e-3)  # the token itself has the same key
    assert "in layer 1, head 0 (100 %)" in shown.sentence()
    assert "to where it stood before in layer 0, head 2" in shown.sentence()


def test_what_a_text_or_model_has_not_is_said():
    alone = overview(random_capture(2, 3, 1, 4))
    assert "run a longer text" in alone.sentence()
    assert not alone.previous_token_heads
    unrepeated = overview(replace(random_capture(2, 1, 5, 4), token_ids=np.arange(5)))
    assert not unrepeated.duplicate_token_heads
    assert "repeated" not in unrepeated.sentence()
    assert unrepeated.told("within_minus_across").endswith("there is no such number of this text in this model.")


@pytest.mark.parametrize("measure", MEASURE.options)
def test_each_number_is_said_with_its_ends(measure):
    shown = overview(CAPTURES[0])
    values = getattr(shown, measure)
    low, high = (np.unravel_index(at, values.shape) for at in (values.argmin(), values.argmax()))
    said = shown.told(measure)
    assert said.index(f"in layer {low[0]}, head {low[1]} to ") < said.index(f"in layer {high[0]}, head {high[1]}.")


def test_tables_have_every_cell_and_every_head():
    shown = overview(CAPTURES[0])
    maps, numbers = (table.columns() for table in shown.tables(()))
    assert len(maps["weight"]) == shown.maps.size
    assert numbers["layer"].tolist() == [0, 0, 1, 1, 2, 2]
    for name in (*MEASURE.options, "to_duplicates"):
        np.testing.assert_array_equal(numbers[name], getattr(shown, name).ravel())
