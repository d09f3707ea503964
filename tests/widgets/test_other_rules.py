"""A model whose scale and mask are not GPT-2's: words, chain and charts say and show its own."""

from dataclasses import replace

import numpy as np
import pytest

from core.model.capture import Capture
from tests.captures import random_capture, unlike_gpt2
from tests.widgets.panels import on_screen, words_of

GPT2 = random_capture(3, 2, 9, 4, spread=2.0)
OTHER = unlike_gpt2(GPT2)  # layer 0 caps, layer 1 sees a window of 3 tokens, layer 2 sees everything
BY_LAYER = replace(GPT2, scale=0.5 / np.arange(1, 4))


def chain_of(part) -> str:
    return words_of(part.chain)


@pytest.mark.parametrize(
    ("capture", "layer", "sign"),
    [
        (GPT2, 1, "÷ √ d"),
        (OTHER, 0, "× 0.7, capped at ±2"),
        (OTHER, 2, "× 0.233"),
        (BY_LAYER, 1, "÷ (√ d · (layer + 1))"),
    ],
)
def test_the_chain_says_the_scale_of_the_layer(capture: Capture, layer: int, sign: str) -> None:
    part = on_screen("raw_scores", capture)
    part.state.layer = layer
    assert sign in chain_of(part)


def test_the_chain_of_raw_scores_by_layer_says_that_they_differ() -> None:
    assert "× the layer’s scale, capped" in chain_of(on_screen("raw_scores_by_layer", OTHER))


def test_the_words_of_part_4_say_what_becomes_of_a_product() -> None:
    assert "divided by √d." in words_of(on_screen("raw_scores", GPT2)._words)
    assert "divided by (√d · (layer + 1))." in words_of(on_screen("raw_scores", BY_LAYER)._words)
    other = words_of(on_screen("raw_scores", OTHER)._words)
    assert "multiplied by the layer’s scale and soft-capped." in other
    assert "√d" not in other


def test_part_2_says_the_scale_the_mask_and_what_came_of_the_proof() -> None:
    proven = replace(OTHER, model=replace(OTHER.model, largest_difference=3e-7))
    part = on_screen("tokens", proven)
    assert "Scale × the layer’s scale, capped" in words_of(part.shapes)
    assert "largest difference from the model’s own weights 3×10⁻⁷." in words_of(part.shapes)
    assert "Layers differ: in 1 layer a token sees itself and all before it, in 1 layer" in words_of(part._numbers)


@pytest.mark.parametrize(
    ("layer", "query", "key", "hidden", "words"),
    [
        (0, 2, 5, True, ""),
        (1, 7, 2, True, "In layer 1 a token sees itself and the 2 tokens before it."),
        (1, 7, 5, False, "In layer 1 a token sees itself and the 2 tokens before it."),
        (2, 2, 5, False, "In layer 2 every token sees all others, also those after it: there is no mask."),
    ],
)
def test_the_masked_map_is_the_layers_own(layer: int, query: int, key: int, hidden: bool, words: str) -> None:
    part = on_screen("attention_maps", OTHER)
    part.state.layer, part.state.query, part.state.key = layer, query, key
    assert bool(part.maps["masked"]._drawn.masked[query, key]) == hidden
    assert (part.result.weights[query, key] == 0) == hidden
    assert part.cell.value.endswith(", hidden</p>") == hidden
    assert words in words_of(part._numbers)


def test_the_text_is_shaded_where_the_model_sees() -> None:
    part = on_screen("attention_text", OTHER)
    part.state.layer, part.state.query = 1, 7
    seen = np.flatnonzero(~part.shown.hidden[7])
    assert seen.tolist() == [5, 6, 7]
    assert all(f"to token {key} " in words_of(part._numbers) for key in seen)


def test_the_first_token_is_said_to_give_itself_less_where_it_sees_others() -> None:
    part = on_screen("attention", OTHER)
    part.state.layer = 2
    assert "the first token gives itself" in words_of(part._numbers)
    assert words_of(part._numbers).rstrip(".").endswith("on average")
    part.state.layer = 0
    assert "the first token gives itself 1 in every head" in words_of(part._numbers)


def test_part_9_says_that_it_leaves_soft_capping_out() -> None:
    part = on_screen("averaging", OTHER)
    part.state.layer = 0
    assert words_of(part._numbers).endswith("The soft-capping of this layer is left out.")
    part.state.layer = 1
    assert "soft-capping" not in words_of(part._numbers)
