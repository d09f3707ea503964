"""Induction scores against plain loops, and on a made head that repeats."""

import numpy as np
import pytest

from core.parts.heads.induction import MOST, induction_scores, repeated_tokens
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.parity import assert_close


def loops(capture):
    """The mean, over the second half, of the weight on the token after the first occurrence."""
    half = capture.tokens // 2
    scores = np.zeros((capture.layers, capture.heads))
    for layer, head in np.ndindex(scores.shape):
        given = [reference.weights_of(capture, layer, head, token) for token in range(half, 2 * half)]
        scores[layer, head] = np.mean([row[place + 1] for place, row in enumerate(given)])
    return scores


@pytest.mark.parametrize("tokens", [2, 4, 12])
@pytest.mark.parametrize("block", [1 << 18, 20])
@pytest.mark.parametrize("rules", [lambda capture: capture, unlike_gpt2])
def test_scores_match_the_loops(tokens, block, rules, monkeypatch):
    monkeypatch.setattr("core.attention.scores.BLOCK", block)  # 20: a row or a few of one head
    capture = rules(random_capture(3, 2, tokens, 4, spread=2.0))
    assert_close(induction_scores(capture), loops(capture))


def test_a_head_that_looks_after_the_first_occurrence_has_1():
    half, width = 8, 16
    capture = random_capture(2, 2, 2 * half, width)
    capture.query[:], capture.key[:] = 0, 0
    for token in range(2 * half):
        capture.key[1, token, :width][token] = 100
        capture.query[1, token, :width][max(token - half + 1, 0)] = 1
    scores = induction_scores(capture)
    assert scores[1, 0] == pytest.approx(1, abs=1e-4)
    assert scores[0].max() < 0.3


def test_random_tokens_come_twice_and_fit_the_model():
    tokens = repeated_tokens(1000, 1024)
    assert len(tokens) == 2 * MOST
    assert (tokens[:MOST] == tokens[MOST:]).all()
    assert len(set(tokens.tolist())) > MOST / 2
    assert len(repeated_tokens(1000, 33)) == 32


def test_what_is_no_repetition_is_refused():
    with pytest.raises(ValueError, match="5 tokens are no text and its repetition"):
        induction_scores(random_capture(1, 1, 5, 4))
