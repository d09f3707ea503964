"""Heads switched off: their word in a link, what is changed in the run, the ranking, and what is asked about both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attention.intervention import UNCHANGED, read
from core.exercises.prediction import NothingToPredict
from core.parts.entropy.head_ranking import MOST, HeadRanking, head_ranking
from core.parts.entropy.heads_off import heads_off, intervention, read_heads, switched, write_heads
from core.parts.entropy.heads_off_prediction import ANSWERS
from core.parts.entropy.tasks import repetitions
from tests.captures import random_capture
from tests.exercises import PREDICTIONS, TASKS, Invented, ask, settings

L, H = 4, 3
CAPTURE = random_capture(layers=L, heads=H, tokens=9, width=4)
TWICE = replace(CAPTURE, token_ids=np.array([5, 1, 2, 3, 7, 1, 2, 3, 3]))


def pairs(word: str) -> list[tuple[int, int]]:
    return [(int(layer), int(head)) for layer, head in np.argwhere(read_heads(word, L, H))]


@pytest.mark.parametrize(
    ("word", "heads"),
    [
        ("", []),
        ("3.2", [(3, 2)]),
        ("3.2_0.1_3.2", [(0, 1), (3, 2)]),
        ("4.0_0.3_1.1", [(1, 1)]),
        ("-1.0_1.-1_1_.1_1._a.b_1.1.1_ 1.1_٣.١_1.99999999999999999999", []),
        ("__0.0__", [(0, 0)]),
    ],
)
def test_what_is_no_head_of_the_model_is_left_out(word: str, heads: list[tuple[int, int]]):
    assert pairs(word) == heads
    assert pairs(write_heads(read_heads(word, L, H))) == heads


@given(st.text())
def test_no_word_is_a_mistake(word: str):
    assert read_heads(word, L, H).shape == (L, H)


def test_a_head_that_is_switched_twice_is_as_it_was():
    once = switched("3.2", L, H, 0, 1)
    assert once == "0.1_3.2"
    assert switched(once, L, H, 0, 1) == "3.2"
    assert switched("9.9_3.2", L, H, 3, 2) == "", "another model's heads go"


def test_the_heads_of_a_layer_are_one_change():
    off = read_heads("3.2_0.1_3.0", L, H)
    assert intervention(off, "zero") == read("weights-zero~layers-0~heads-1_weights-zero~layers-3~heads-0.2")
    assert intervention(read_heads("", L, H), "textmean") == UNCHANGED


def test_it_says_how_many_are_off():
    experiments = Invented()
    result = heads_off(experiments, CAPTURE, settings(heads_off="3.2_0.1", off_weights="textmean"))
    assert result.sentence().startswith("2 of 12 heads off: the mean loss goes from ")
    assert result.effect.intervention == intervention(result.off, "textmean")
    none = heads_off(experiments, CAPTURE, settings())
    assert none.sentence().startswith("No head of 12 is off yet")
    assert none.effect.before is not None


def rises(weights: str) -> np.ndarray:
    experiments = Invented()
    [before] = experiments.says(CAPTURE, [UNCHANGED])
    words = [f"weights-{weights}~layers-{layer}~heads-{head}" for layer in range(L) for head in range(H)]
    return np.reshape([said.loss - before.loss for said in experiments.says(CAPTURE, list(map(read, words)))], (L, H))


@pytest.mark.parametrize("weights", ["zero", "textmean"])
def test_the_ranking_is_of_every_head_alone(weights: str):
    seen: list[HeadRanking] = []
    result = head_ranking(Invented(), CAPTURE, weights, seen.append)
    np.testing.assert_allclose(result.rise, rises(weights), atol=1e-6)
    assert [np.isfinite(part.rise).sum() for part in seen] == list(range(1, L * H + 1)), "what there is so far"
    assert [part.share for part in seen] == pytest.approx(np.arange(1, L * H + 1) / (L * H))
    named = [(one.layer, one.head) for one in result.most_missed]
    order = sorted(np.ndindex(L, H), key=lambda at: -result.rise[at])
    assert named == order[:MOST]


def test_part_of_a_ranking_says_of_how_many():
    rise = np.full((2, 2), np.nan)
    rise[0, 1], rise[1, 0] = -0.25, -0.5
    part = HeadRanking(rise, 2.0)
    assert part.sentence().startswith("2 of 4 heads so far: without layer 0, head 1 the mean loss is highest: 1.75 in ")
    assert part.sentence().endswith("Without 2 of 2 heads it is lower than with all of them.")
    assert [one.rise for one in part.most_missed] == [-0.25, -0.5]
    assert HeadRanking(np.zeros((1, 1)), 2.0).limit == 1.0


def test_one_token_has_no_ranking():
    result = head_ranking(Invented(), random_capture(layers=2, heads=2, tokens=1, width=4))
    assert np.isnan(result.rise).all()
    assert "run a longer text" in result.sentence()


def test_which_tokens_are_repeated():
    assert repetitions(TWICE.token_ids).tolist() == [False, False, False, False, False, True, True, False]
    assert not repetitions(np.arange(1)).any()


def test_the_head_of_repetition_is_the_one_whose_loss_there_rises_most():
    task, experiments = TASKS["10-repeat"], Invented()
    survey = task.survey(TWICE, experiments)
    [before] = experiments.says(TWICE, [UNCHANGED])
    for layer, head in np.ndindex(L, H):
        [off] = experiments.says(TWICE, [read(f"weights-zero~layers-{layer}~heads-{head}")])
        assert survey[layer, head] == pytest.approx((off.losses - before.losses)[[5, 6]].mean(), abs=1e-6)
    found = task.reach(TWICE, survey)
    others = write_heads(survey < survey.max())
    for beside in ({"off_weights": "textmean"}, {"heads_off": ""}, {"heads_off": f"{found['heads_off']}_{others}"}):
        assert not task.judge(TWICE, settings(**(found | beside)), survey).met
    assert task.reach(CAPTURE, task.survey(replace(CAPTURE, token_ids=np.arange(9)), experiments)) is None


def test_the_head_that_is_missed_most_is_a_task():
    task = TASKS["10-missed"]
    survey = task.survey(CAPTURE, Invented())
    np.testing.assert_allclose(survey, rises("zero"), atol=1e-6)
    found = task.reach(CAPTURE, survey)
    assert survey[found["layer"], found["head"]] == survey.max()


@pytest.mark.parametrize(("after", "answer"), [(1.9, 0), (2.0, 1), (2.01, 1), (2.05, 2), (2.19, 2), (2.3, 3)])
def test_what_becomes_of_the_loss_is_asked_in_steps(monkeypatch: pytest.MonkeyPatch, after: float, answer: int):
    off = read("weights-textmean~layers-1~heads-2")
    losses = {UNCHANGED: 2.0, off: after}
    monkeypatch.setattr(Invented, "losses", lambda _, __, asked: [np.full(8, losses[one], np.float32) for one in asked])
    chosen = settings(layer=1, head=2, off_weights="textmean")
    question = ask(PREDICTIONS["heads_off"], CAPTURE, chosen, Invented())
    assert (question.truth, question.options[answer]) == (answer, ANSWERS[answer])


@pytest.mark.parametrize("weights", ["zero", "textmean"])
def test_the_head_of_a_layer_that_is_missed_most(weights: str):
    question = ask(PREDICTIONS["head_ranking"], CAPTURE, settings(layer=2, off_weights=weights), Invented())
    assert question.truth == int(rises(weights)[2].argmax())
    assert question.options == ("head 0", "head 1", "head 2")


@pytest.mark.parametrize(
    ("name", "shape"), [("heads_off", (2, 2, 1)), ("head_ranking", (2, 2, 1)), ("head_ranking", (2, 1, 5))]
)
def test_where_there_is_nothing_to_predict_it_says_so(name: str, shape: tuple[int, int, int]):
    with pytest.raises(NothingToPredict, match=r"\.$"):
        ask(PREDICTIONS[name], random_capture(*shape, 4), settings(), Invented())
