"""The grid of head pairs: each cell a mean over the pairs of tokens that the mask leaves."""

from dataclasses import replace

import numpy as np
import pytest

from core.attention import scores
from core.parts.raw_scores import head_pairs as module
from core.parts.raw_scores.head_pairs import head_pairs
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.exercises import EXPERIMENTS, PREDICTIONS, TASKS, settings
from tests.parity import assert_close

CAPTURE = random_capture(3, 4, 17, 6, shift=0.4)


@pytest.mark.parametrize("capture", [CAPTURE, unlike_gpt2(CAPTURE)], ids=["gpt2", "own rules"])
@pytest.mark.parametrize("block", [scores.BLOCK, 100])
def test_as_plain_loops_find_them(capture, block, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BLOCK", block)
    for layer in range(3):
        got, means = head_pairs(capture, layer), reference.head_pairs(capture, layer)
        assert_close(got.means, means)
        assert got.pairs == capture.masks[capture.mask_of_layer[layer]].sum()
        assert_close(got.within.values, means.diagonal())
        assert_close(got.across.values, np.array([means[q, k] for q in range(4) for k in range(4) if q != k]))


def test_a_long_text_holds_no_array_of_all_scores(monkeypatch: pytest.MonkeyPatch):
    long = replace(random_capture(1, 4, 700, 4), softcap=np.array([5.0]))
    seen = []
    whole = scores.AttentionCall.raw_scores

    def spied(self, query, key):
        seen.append(result := whole(self, query, key))
        return result

    monkeypatch.setattr(scores.AttentionCall, "raw_scores", spied)
    head_pairs(long, 0)
    assert max(one.size for one in seen) <= scores.BLOCK
    assert sum(one.size for one in seen) == 4 * 4 * 700 * 700


def test_one_head_says_that_there_are_no_pairs():
    assert head_pairs(random_capture(1, 1, 5, 3), 0).sentence().endswith(module.ONE_HEAD)


def test_the_sentence_names_the_extremes():
    said, means = head_pairs(CAPTURE, 1).sentence(), reference.head_pairs(CAPTURE, 1)
    assert "over 153 pairs of tokens" in said
    assert f"highest in head {means.diagonal().argmax()} (" in said
    query, key = max(((q, k) for q in range(4) for k in range(4) if q != k), key=lambda at: means[at])
    assert f"queries of head {query} on keys of head {key} (" in said


def test_the_row_that_is_asked_for():
    question = PREDICTIONS["head_pairs"].ask(CAPTURE, settings(layer=2))
    means = reference.head_pairs(CAPTURE, 2)
    apart = [abs(means[row, row] - np.mean([means[row, k] for k in range(4) if k != row])) for row in range(4)]
    assert question.truth == int(np.argmax(apart))
    assert [question.place(head) for head in range(4)] == [0, 1, 2, 3]


def test_the_layer_that_is_to_be_found():
    grids, own = [reference.head_pairs(CAPTURE, layer) for layer in range(3)], np.eye(4, dtype=bool)
    apart = np.array([abs(grid[own].mean() - grid[~own].mean()) for grid in grids])
    assert_close(TASKS["4-diagonal"].survey(CAPTURE, EXPERIMENTS), apart)
    assert TASKS["4-diagonal"].reach(CAPTURE, apart) == {"layer": int(apart.argmax())}
