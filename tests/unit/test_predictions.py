"""Predictions: their truths as plain loops find them, and the distance in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.attention.intervention import read
from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice, Number
from core.model.default_capture import default_capture
from core.model.tokens import isolated
from core.writing import number
from tests.captures import random_capture
from tests.exercises import DEFAULTS, EXERCISES, PREDICTIONS, Invented, ask, changed, settings
from tests.parity import close_to, close_to_slope
from tests.reference import attention_samples, part7_mask, part9
from tests.unit.test_tasks import opening, weights

ALL = pytest.mark.parametrize("prediction", PREDICTIONS.values(), ids=map(str, PREDICTIONS))
CAPTURE = random_capture(layers=4, heads=4, tokens=9, width=8, shift=0.4)
SETTINGS = settings(layer=2, query=8)


def test_every_part_has_one():
    assert {of.name for of in EXERCISES.values()} <= PREDICTIONS.keys()
    for prediction in PREDICTIONS.values():
        assert {*prediction.follows, *prediction.needs} <= set(DEFAULTS.keys())


@ALL
def test_asks_and_tells_about_the_text_that_ships(prediction: Prediction):
    capture = default_capture()
    question = ask(prediction, capture, changed(opening(capture), **prediction.needs))
    assert question.words[-1] in "?."
    assert len(question.words) < 300
    if isinstance(question, Choice):
        assert 0 <= question.truth < len(question.options) == len(question.places)
        answers = range(len(question.options))
    else:
        assert question.low <= question.truth <= question.high
        assert (question.high - question.low) / question.step <= 200
        answers = (question.low, question.truth, question.high)
    for answer in answers:
        told = question.told(answer)
        assert told.startswith("You said ")
        assert told.endswith(question.why)


def test_spread():
    question = PREDICTIONS["scaling"].ask(CAPTURE, settings(sizes_to=30, sigma=2.0, seed=7))
    generator = np.random.default_rng([7, 30])
    left, right = generator.normal(0, 2.0, (30, 30)), generator.normal(0, 2.0, (30, 30))
    assert question.truth == pytest.approx(np.std(left @ right))


def test_next_token():
    question = PREDICTIONS["tokens"].ask(replace(CAPTURE, next_ids=np.array([9, 2, 7, 5, 1])), SETTINGS)
    assert question.options == tuple(f"“{isolated(token)}”" for token in "ebdca")
    assert question.truth == 4
    assert [question.place(at) for at in range(5)] == [4, 1, 3, 2, 0], "places of the bars, most probable first"
    assert question.told(4).startswith(f"You said “{isolated('a')}” (50 %), and so it is.")
    assert question.told(0).startswith(f"You said “{isolated('e')}” (1 %), and it is “{isolated('a')}” (50 %).")


def test_head_in_which_the_first_token_stands_out_most():
    query = CAPTURE.query.copy()
    query[2, 0, :16] *= 50  # heads 0 and 1
    query[2, 0, 8:16] *= 2
    question = PREDICTIONS["heads"].ask(replace(CAPTURE, query=query), SETTINGS)
    ratios = []
    for head in range(4):
        columns = [query[2, token, 8 * head : 8 * (head + 1)].astype(float) for token in range(9)]
        lengths = [np.sqrt(sum(entry**2 for entry in column)) for column in columns]
        ratios.append(lengths[0] / np.mean(lengths[1:]))
    assert question.truth == int(np.argmax(ratios)) == 1
    assert [question.place(head) for head in range(4)] == [0, 1, 2, 3], "the panels, by head"
    told = question.told(3)
    assert told.startswith(f"You said head 3 ({number(ratios[3])} times the others' mean), and it is head 1 (")
    assert told.endswith(f"longer than that mean in {sum(ratio > 1 for ratio in ratios)} of the 4 heads.")


@pytest.mark.parametrize("skip", [True, False])
def test_means_within_heads(skip: bool):
    means, largest = [], []
    for layer in range(4):
        query, key = (array[layer].reshape(9, 4, 8).astype(float) for array in (CAPTURE.query, CAPTURE.key))
        scores = [query[6, h] @ key[at, h] / 8**0.5 for h in range(4) for at in range(int(skip), 6)]
        means.append(np.mean(scores))
        largest.append(np.abs(scores).max())
    chosen = settings(layer=2, query=6, skip_first=skip)
    assert PREDICTIONS["raw_scores"].ask(CAPTURE, chosen).truth == close_to(means[2], largest[2])
    assert PREDICTIONS["raw_scores_by_layer"].ask(CAPTURE, chosen).truth == int(np.argmin(means))


def test_largest_weight():
    question = PREDICTIONS["distributions"].ask(CAPTURE, changed(SETTINGS, causal=True))
    assert question.truth == 1
    query, key = (array[2].reshape(9, 4, 8).astype(float) for array in (CAPTURE.query, CAPTURE.key))
    scores = np.einsum("qhd,khd->hqk", query, key) / 8**0.5
    powers = np.exp(scores)
    largest = (powers / powers.sum(axis=-1, keepdims=True)).max()
    assert PREDICTIONS["distributions"].ask(CAPTURE, SETTINGS).truth == close_to(largest, largest)


@pytest.mark.parametrize("size", [2, 5, 12])
def test_share_under_the_mask(size: int):
    question = PREDICTIONS["softmax"].ask(CAPTURE, settings(mask_size=size))
    row = min(3, size - 1)
    assert question.truth == pytest.approx(part7_mask(size).arrays["part7_mask_softmax"][row, 1])
    assert f"row {row}" in question.words


def test_attention_to_itself():
    own = [row[-1] for head in range(4) for row in weights(CAPTURE, 2, head)[1:]]
    assert PREDICTIONS["softmax_by_layer"].ask(CAPTURE, SETTINGS).truth == close_to(np.mean(own), max(own))
    truth = PREDICTIONS["softmax_by_layer"].ask(CAPTURE, SETTINGS).truth
    assert np.mean(attention_samples(CAPTURE, 2)[1]) == pytest.approx(truth)


@pytest.mark.parametrize("heads", [2, 4, 16])
def test_slope(heads: int):
    capture = random_capture(layers=1, heads=heads, tokens=9, width=8, shift=0.4)
    question = PREDICTIONS["averaging"].ask(capture, settings(normalisation="own_width"))
    x, y = (part9(capture, 0).arrays[f"part9_{name}"] for name in ("all_heads", "per_head_mean"))
    x = x * heads / heads**0.5  # from √d · H to √(d · H)
    slope = (x * y).sum() / (x * x).sum()
    assert question.options[question.truth].startswith("1/√H")
    assert question.place(question.truth) == close_to_slope(slope, x, y)


@pytest.mark.parametrize(("where", "at"), [("all", ""), ("one", "~layers-2")])
def test_the_mask_that_costs_most_is_asked_of_the_model(where: str, at: str):
    experiments = Invented()
    question = ask(PREDICTIONS["mask_experiment"], CAPTURE, changed(SETTINGS, mask_layers=where, window=6), experiments)
    masks = ("none", "window~window-6", "nofirst", "onlyfirst")
    losses = [said.loss for said in experiments.says(CAPTURE, [read(f"mask-{mask}{at}") for mask in masks])]
    assert question.truth == int(np.argmax(losses))
    assert question.options[1] == "a window of the last 6 tokens"
    [before] = experiments.says(CAPTURE, [()])
    assert f"a look at the first token only {number(losses[3] - before.loss)}." in question.told(0)


@pytest.mark.parametrize(("where", "at"), [("all", ""), ("one", "~layers-2")])
def test_the_divisor_that_costs_most_is_asked_of_the_model(where: str, at: str):
    experiments = Invented()
    question = ask(PREDICTIONS["scale_experiment"], CAPTURE, changed(SETTINGS, scale_layers=where), experiments)
    changes = [read(f"divide-{divisor}{at}") for divisor in ("1", "rootembedding", "width")]
    losses = [said.loss for said in experiments.says(CAPTURE, changes)]
    assert question.options == ("1", "√E", "d")
    assert question.truth == int(np.argmax(losses))


def test_the_look_that_costs_most_is_asked_of_the_model():
    experiments = Invented()
    question = ask(PREDICTIONS["first_token_experiment"], CAPTURE, SETTINGS, experiments)
    words = [f"mask-{mask}{at}" for mask in ("nofirst", "onlyfirst") for at in ("", "~layers-2")]
    losses = [said.loss for said in experiments.says(CAPTURE, list(map(read, words)))]
    assert question.options[1] == "no look at the first token in layer 2 alone"
    assert question.truth == int(np.argmax(losses))


def test_the_layer_whose_average_costs_most_is_asked_of_the_model():
    capture, experiments = random_capture(layers=6, heads=2, tokens=9, width=4), Invented()
    question = ask(PREDICTIONS["averaged_heads"], capture, SETTINGS, experiments)
    assert question.options == ("layer 0", "layer 3", "layer 5")
    averages = [read(f"weights-headmean~layers-{layer}") for layer in (0, 3, 5)]
    losses = [said.loss for said in experiments.says(capture, averages)]
    assert question.truth == int(np.argmax(losses))


def test_distance_in_words():
    number = Number("?", low=-5, high=5, step=0.1, truth=-1.234, why="Because.")
    assert number.told(0.5) == "You said 0.5, and it is −1.23: 1.73 too high. Because."
    assert number.told(-2) == "You said −2, and it is −1.23: 0.766 too low. Because."
    assert number.told(-1.2) == "You said −1.2, and it is −1.23: as close as the steps allow. Because."
    share = Number("?", low=0, high=1, step=0.01, truth=0.25, why="Because.", percent=True)
    assert share.told(0.4) == "You said 40 %, and it is 25 %: 15 points too high. Because."


@pytest.mark.parametrize(
    ("part", "capture", "settings"),
    [
        ("tokens", replace(CAPTURE, next_text=("a",)), SETTINGS),
        ("heads", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("heads", random_capture(layers=2, heads=1, tokens=5, width=4), settings()),
        ("raw_scores", CAPTURE, settings(query=1)),
        ("raw_scores", CAPTURE, settings(query=0, skip_first=False)),
        ("raw_scores_by_layer", CAPTURE, settings(query=1)),
        ("softmax_by_layer", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("averaging", random_capture(layers=2, heads=1, tokens=5, width=4), settings()),
        ("first_token", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("first_token", random_capture(layers=1, heads=2, tokens=5, width=4), settings()),
        ("first_token_experiment", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("mask_experiment", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("scale_experiment", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("averaged_heads", random_capture(layers=2, heads=2, tokens=1, width=4), settings()),
        ("averaged_heads", random_capture(layers=2, heads=1, tokens=5, width=4), settings()),
    ],
)
def test_where_there_is_nothing_to_predict_it_says_so(part, capture, settings):
    with pytest.raises(NothingToPredict, match=r"\.$"):
        ask(PREDICTIONS[part], capture, settings, Invented())
