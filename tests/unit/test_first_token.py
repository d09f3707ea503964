"""The first token: its share of attention, one query's scores on it and on the others, and what is asked about it."""

import numpy as np
import pytest

from core.attention import scores
from core.attention.intervention import read
from core.parts.heads.overview import overview
from core.parts.raw_scores.first_token import first_share, first_token
from core.parts.raw_scores.first_token_experiment import intervention
from core.writing import number, percent
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.exercises import EXPERIMENTS, PREDICTIONS, TASKS, settings
from tests.parity import assert_close

CAPTURE = random_capture(3, 4, 11, 6, spread=2)
BOTH = pytest.mark.parametrize("capture", [CAPTURE, unlike_gpt2(CAPTURE)], ids=["gpt2", "own rules"])


@BOTH
@pytest.mark.parametrize("block", [scores.BLOCK, 30])
def test_shares_as_plain_loops_find_them(capture, block, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scores, "BLOCK", block)
    for got, wanted in zip(first_share(capture), reference.first_share(capture), strict=True):
        assert_close(got, wanted)
    assert_close(overview(capture).to_first, reference.first_share(capture)[0])


@BOTH
@pytest.mark.parametrize("query", [0, 1, 2, 10])
def test_scores_of_one_query_as_plain_loops_find_them(capture, query):
    shown = first_token(capture, 1, query)
    wanted = np.zeros((4, query))
    for head in range(4):
        q, k = (reference.head_slice(array[1], head, 6) for array in (capture.query, capture.key))
        for key in range(query):
            wanted[head, key] = reference.raw_score(capture, 1, q[query].dot(k[key]))
    assert_close(shown.scores, wanted)
    assert_close(shown.others, wanted[:, 1:])


def test_the_sentence_has_the_means_with_the_first_token_and_without():
    shown = first_token(CAPTURE, 2, 7)
    share, even = reference.first_share(CAPTURE)
    said = shown.sentence()
    layer, head = np.unravel_index(share.argmax(), share.shape)
    assert f"token 0 gets {percent(share.mean())} of the attention" in said
    assert f"equal weights would give it {percent(even[0])}" in said
    assert f"Head {head} of layer {layer} gives it most, {percent(share.max())}" in said
    means = [number(one.mean()) for one in (shown.scores[:, 0], shown.scores[:, 1:], shown.scores)]
    assert f"{means[0]} on token 0 and {means[1]} on the tokens between; with token 0 their mean is {means[2]}." in said


def test_what_there_is_not_is_said():
    assert "has no other key" in first_token(CAPTURE, 0, 1).sentence()
    one = random_capture(2, 2, 1, 4)
    assert np.isnan(first_share(one).share).all()
    assert "run a longer text" in first_token(one, 0, 0).sentence()


def test_what_is_asked_and_what_is_to_be_found():
    share, _ = reference.first_share(CAPTURE)
    assert PREDICTIONS["first_token"].ask(CAPTURE, settings()).truth == int(share.mean(axis=1).argmax())
    layer, head = np.unravel_index(share.argmax(), share.shape)
    task = TASKS["4-first"]
    survey = task.survey(CAPTURE, EXPERIMENTS)
    assert_close(survey, share)
    assert task.reach(CAPTURE, survey) == {"layer": layer, "head": head}


@pytest.mark.parametrize("look", ["nofirst", "onlyfirst"])
@pytest.mark.parametrize(("where", "at"), [("all", ""), ("one", "~layers-2")])
def test_the_experiment_makes_the_chosen_mask_in_the_chosen_layers(look: str, where: str, at: str):
    chosen = settings(first_look=look, first_layers=where, layer=2)
    assert intervention(chosen) == read(f"mask-{look}{at}")
