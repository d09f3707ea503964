"""What a model does between Q Kᵀ and softmax, in words."""

from dataclasses import replace

import numpy as np
import pytest

from core.model.words import mask_words, scale_sign, scale_words
from tests.captures import random_capture

CAPTURE = random_capture(3, 2, 6, 4)
EVERY = np.ones((6, 6), bool)
CHUNKS = np.kron(np.eye(2), np.ones((3, 3))).astype(bool)


@pytest.mark.parametrize(
    ("scale", "softcap", "layer", "sign", "words"),
    [
        ([0.5] * 3, np.inf, None, "÷ √d", "divided by √d"),
        ([0.5 * (1 + 1e-7)] * 3, np.inf, None, "÷ √d", "divided by √d"),
        ([0.5001] * 3, np.inf, None, "× 0.5", "multiplied by 0.5"),
        ([1 / 64] * 3, np.inf, 1, "× 0.0156", "multiplied by 0.0156"),
        ([0.5, 0.25, 0.5 / 3], np.inf, 2, "÷ (√d · (layer + 1))", "divided by (√d · (layer + 1))"),
        ([0.5, 0.5, 0.1], np.inf, None, "× the layer’s scale", "multiplied by the layer’s scale"),
        ([0.5, 0.5, 0.1], np.inf, 2, "× 0.1", "multiplied by the layer’s scale"),
        ([0.5] * 3, 50.0, None, "÷ √d, capped at ±50", "divided by √d and soft-capped at ±50"),
    ],
)
def test_the_scale(scale, softcap, layer, sign, words):
    capture = replace(CAPTURE, scale=np.array(scale), softcap=np.full(3, softcap))
    assert scale_sign(capture, layer) == sign
    assert scale_words(capture) == words


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.tril(EVERY), ""),
        (EVERY, "In this model every token sees all others, also those after it: there is no mask."),
        (np.eye(6, dtype=bool), "In this model a token sees nothing but itself."),
        (np.tril(EVERY) & ~np.tril(EVERY, -2), "In this model a token sees itself and the token before it."),
        (
            np.tril(CHUNKS),
            "In this model a token sees itself and only some of those before it: the mask hides 24 of 36 cells.",
        ),
        (CHUNKS, "In this model a token sees itself and also some of those after it: the mask hides 18 of 36 cells."),
    ],
)
def test_one_mask(mask, words):
    assert mask_words(replace(CAPTURE, masks=mask[None])) == words


def test_layers_with_other_masks_are_told_apart():
    capture = replace(CAPTURE, masks=np.stack([np.tril(EVERY), EVERY]), mask_of_layer=np.array([0, 1, 0]))
    assert mask_words(capture) == (
        "Layers differ: in 2 layers a token sees itself and all before it, in 1 layer every token sees all others, "
        "also those after it: there is no mask."
    )
    assert mask_words(capture, 0) == ""
    assert mask_words(capture, 1).startswith("In layer 1 every token sees all others")
