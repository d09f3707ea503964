"""The line of numbers under each picture: right numbers, plain words where there are none."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from core import study
from core.sentences import sentence
from core.writing import number, percent
from tests.captures import random_capture


def every_result(capture):
    layer = capture.layers - 1
    return [
        study.scaling(),
        study.saturation(30),
        study.tokens(capture),
        study.heads(capture, layer),
        study.raw_score_samples(capture, layer),
        study.raw_score_samples(capture, layer, leave_out_first=False),
        study.raw_scores_by_layer(capture),
        study.score_distributions(capture),
        study.score_distributions(capture, causal=True),
        study.masking(2),
        study.attention(capture, layer),
        study.head_maps(capture, layer, 0),
        study.attention_by_layer(capture),
        study.averaging(capture, layer),
        study.averaging(capture, layer, "plain"),
        study.group_means(5, 1),
    ]


@pytest.mark.parametrize("shape", [(3, 4, 30, 8), (1, 1, 5, 3), (2, 3, 2, 4), (2, 2, 1, 4), (1, 1, 1, 1)])
@pytest.mark.parametrize("spread", [1.0, 6.0])
def test_every_result_says_something_and_never_nan(shape, spread):
    for result in every_result(random_capture(*shape, spread=spread)):
        said = sentence(result)
        assert said.endswith("."), said
        assert not re.search(r"\b(nan|inf|None)\b", said), said
        assert not re.search(r"\b1 (heads|tokens|layers|numbers)\b", said), said


@pytest.mark.parametrize("tokens", [1, 2])
def test_parts_without_values_say_why_in_one_sentence(tokens):
    capture = random_capture(2, 3, tokens, 4)
    for result in (study.raw_score_samples(capture, 0), study.raw_scores_by_layer(capture)):
        assert sentence(result).startswith(f"Token {tokens - 1} has no token before it to look at")
    if tokens == 1:
        assert "no previous and no other tokens" in sentence(study.attention(capture, 0))
        assert "no previous and no other tokens" in sentence(study.attention_by_layer(capture))
        assert "every softmax weight is 1" in sentence(study.score_distributions(capture))


def test_numbers_are_those_of_the_result():
    capture = random_capture(3, 4, 30, 8)
    four = study.raw_score_samples(capture, 2)
    said = sentence(four)
    for shown in (four.within.values, four.across.values):
        assert f"{len(shown)} scores is {number(shown.mean())} (SD {number(shown.std())})" in said
        assert percent((shown > 0).mean()) in said
    six = study.score_distributions(capture)
    assert f"{number(six.mean.max())} (layer {six.mean.argmax()})" in sentence(six)
    tops = six.softmax.edges[:, -1]
    first, last = (f"{number(tops[layer])} (layer {layer})" for layer in (tops.argmin(), tops.argmax()))
    assert f"the layers' largest softmax weights go from {first} to {last}" in sentence(six)
    assert "the layers' largest softmax weights are 1" in sentence(study.score_distributions(capture, causal=True))
    capture.query[1] = 0
    assert "but in layer 1 all weights are the same" in sentence(study.score_distributions(capture))
    capture.query[:] = 0
    assert "every softmax weight is 0.0333" in sentence(study.score_distributions(capture))
    assert number(study.attention(capture, 1).self_attention.values.mean()) in sentence(study.attention(capture, 1))


def test_a_cut_text_says_how_many_tokens_are_shown():
    capture = replace(random_capture(1, 2, 7, 4), text_tokens=5_000)
    assert "the first 7 of its 5,000 tokens" in sentence(study.tokens(capture))
    unsure = replace(capture, next_ids=np.zeros(0, int), next_text=(), next_probability=np.zeros(0))
    assert "guesses" not in sentence(study.tokens(unsure))


def test_numbers_and_shares_in_words():
    assert [number(value) for value in (-0.00123, 12.345, 1.2e-6, 0)] == ["−0.00123", "12.3", "1.2×10⁻⁶", "0"]
    shares = [percent(share) for share in (0, 0.0005, 0.1234, 0.9999, 1)]
    assert shares == ["0 %", "less than 0.1 %", "12.3 %", "more than 99.9 %", "100 %"]


def test_anything_else_has_no_sentence():
    with pytest.raises(TypeError):
        sentence((1, 2))
