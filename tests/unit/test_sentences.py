"""The line of numbers under each picture: right numbers, plain words where there are none."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from core.parts.averaging import average_order as part9c
from core.parts.averaging import group_means as part9b
from core.parts.averaging import numbers as part9
from core.parts.distributions import numbers as part6
from core.parts.entropy import head_ranking as part10c
from core.parts.entropy import heads_off as part10b
from core.parts.heads import numbers as part3
from core.parts.heads import overview as part3b
from core.parts.raw_scores import first_token as part4c
from core.parts.raw_scores import head_pairs as part4b
from core.parts.raw_scores import numbers as part4
from core.parts.raw_scores_by_layer import numbers as part5
from core.parts.scaling import numbers as part1
from core.parts.softmax import attention as part7b
from core.parts.softmax import attention_maps as part7c
from core.parts.softmax import numbers as part7
from core.parts.softmax_by_layer import numbers as part8
from core.parts.softmax_by_layer import patching as part8c
from core.parts.softmax_by_layer import two_texts as part8b
from core.parts.tokens import numbers as part2
from core.writing import number, percent
from tests.captures import random_capture
from tests.exercises import Invented, settings


def every_result(capture):
    layer, other = capture.layers - 1, Invented().of_text(capture, "other")
    pair = part8c.pair_of(other, capture)
    return [
        part1.scaling(),
        part1.saturation(30),
        part2.tokens(capture),
        part3.heads(capture, layer),
        part3b.overview(capture),
        part4.raw_score_samples(capture, layer),
        part4.raw_score_samples(capture, layer, leave_out_first=False),
        part5.raw_scores_by_layer(capture),
        part6.score_distributions(capture),
        part6.score_distributions(capture, causal=True),
        part7.masking(2),
        part7b.attention(capture, layer),
        part7c.head_maps(capture, layer, 0),
        part8.attention_by_layer(capture),
        part8b.two_texts(capture, capture),
        part8b.two_texts(other, capture),
        part8c.patching(Invented(), pair, pair.patched_in((layer,)), layer),
        part9.averaging(capture, layer),
        part9.averaging(capture, layer, "plain"),
        part9b.group_means(5, 1),
        part9c.average_order(capture, layer, capture.tokens - 1),
        part9c.average_order(capture, layer, 0, "layers"),
        part4b.head_pairs(capture, layer),
        part4c.first_token(capture, layer, capture.tokens - 1),
        *(part10b.heads_off(Invented(), capture, settings(heads_off=off)) for off in ("", "0.0", "0.0_2.1_0.3")),
        part10c.head_ranking(Invented(), capture),
    ]


@pytest.mark.parametrize("shape", [(3, 4, 30, 8), (1, 1, 5, 3), (2, 3, 2, 4), (2, 2, 1, 4), (1, 1, 1, 1)])
@pytest.mark.parametrize("spread", [1.0, 6.0])
def test_every_result_says_something_and_never_nan(shape, spread):
    for result in every_result(random_capture(*shape, spread=spread)):
        said = result.sentence()
        assert said.endswith("."), said
        assert not re.search(r"\b(nan|inf|None)\b", said), said
        assert not re.search(r"\b1 (heads|tokens|layers|numbers)\b", said), said


@pytest.mark.parametrize("tokens", [1, 2])
def test_parts_without_values_say_why_in_one_sentence(tokens):
    capture = random_capture(2, 3, tokens, 4)
    for result in (part4.raw_score_samples(capture, 0), part5.raw_scores_by_layer(capture)):
        assert result.sentence().startswith(f"Token {tokens - 1} has no token before it to look at")
    if tokens == 1:
        assert "no previous and no other tokens" in part7b.attention(capture, 0).sentence()
        assert "no previous and no other tokens" in part8.attention_by_layer(capture).sentence()
        assert "every softmax weight is 1" in part6.score_distributions(capture).sentence()


def test_numbers_are_those_of_the_result():
    capture = random_capture(3, 4, 30, 8)
    four = part4.raw_score_samples(capture, 2)
    said = four.sentence()
    for shown in (four.within.values, four.across.values):
        assert f"{len(shown)} scores is {number(shown.mean())} (SD {number(shown.std())})" in said
        assert percent((shown > 0).mean()) in said
    six = part6.score_distributions(capture)
    assert f"{number(six.mean.max())} (layer {six.mean.argmax()})" in six.sentence()
    tops = six.softmax.edges[:, -1]
    first, last = (f"{number(tops[layer])} (layer {layer})" for layer in (tops.argmin(), tops.argmax()))
    assert f"the layers' largest softmax weights go from {first} to {last}" in six.sentence()
    assert "the layers' largest softmax weights are 1" in part6.score_distributions(capture, causal=True).sentence()
    capture.query[1] = 0
    assert "but in layer 1 all weights are the same" in part6.score_distributions(capture).sentence()
    capture.query[:] = 0
    assert "every softmax weight is 0.0333" in part6.score_distributions(capture).sentence()
    assert number(part7b.attention(capture, 1).self_attention.values.mean()) in part7b.attention(capture, 1).sentence()


def test_a_cut_text_says_how_many_tokens_are_shown():
    capture = replace(random_capture(1, 2, 7, 4), text_tokens=5_000)
    assert "the first 7 of its 5,000 tokens" in part2.tokens(capture).sentence()
    unsure = replace(capture, next_ids=np.zeros(0, int), next_text=(), next_probability=np.zeros(0))
    assert "guesses" not in part2.tokens(unsure).sentence()


def test_numbers_and_shares_in_words():
    assert [number(value) for value in (-0.00123, 12.345, 1.2e-6, 0)] == ["−0.00123", "12.3", "1.2×10⁻⁶", "0"]
    shares = [percent(share) for share in (0, 0.0005, 0.1234, 0.9999, 1)]
    assert shares == ["0 %", "less than 0.1 %", "12.3 %", "more than 99.9 %", "100 %"]
