"""The mean of softmaxes against the softmax of the mean score, and what the mean of a whole row is."""

import numpy as np
import pytest

from core.attention import scores
from core.parts.averaging.average_order import average_order, order_by_layer
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.exercises import EXPERIMENTS, PREDICTIONS, TASKS, settings
from tests.parity import assert_close

CAPTURE = random_capture(3, 4, 11, 6, spread=2)
BOTH = pytest.mark.parametrize("capture", [CAPTURE, unlike_gpt2(CAPTURE)], ids=["gpt2", "own rules"])


@BOTH
@pytest.mark.parametrize("averaged", ["heads", "layers"])
@pytest.mark.parametrize("query", [0, 4, 10])
def test_rows_as_plain_loops_find_them(capture, averaged, query):
    got = average_order(capture, 1, query, averaged)
    layers = [1] if averaged == "heads" else [0, 1, 2]
    after, before = reference.average_order_of_row(capture, layers, query)
    assert_close(got.mean_of_softmaxes, after)
    assert_close(got.softmax_of_mean, before)
    assert_close(np.array(got.distance), np.array(sum(abs(after - before)) / 2))


@BOTH
@pytest.mark.parametrize("block", [scores.BLOCK, 30])
def test_layers_as_plain_loops_find_them(capture, block, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scores, "BLOCK", block)
    wanted = np.array([reference.average_order(capture, layer) for layer in range(3)]).T
    for got, one in zip(order_by_layer(capture), wanted, strict=True):
        assert_close(got, one)


def test_where_heads_agree_the_order_is_all_the_same():
    one = random_capture(2, 1, 9, 6)
    assert_close(order_by_layer(one).distance, np.zeros(2))


@BOTH
def test_the_mean_of_a_whole_row_tells_the_number_of_its_keys_and_nothing_else(capture):
    for layer in range(3):
        rows = average_order(capture, layer, 3).rows
        assert rows.queries.tolist() == [0, 2, 5, 8, 10]
        for query, keys, weight, score in zip(*rows, strict=True):
            seen = reference.seen_keys(capture, layer, query, masked=True)
            assert keys == len(seen)
            assert weight == pytest.approx(1 / len(seen), rel=1e-6)
            raw = [
                reference.raw_score(capture, layer, q[query].dot(k[key]))
                for q, k in (
                    [reference.head_slice(array[layer], head, 6) for array in (capture.query, capture.key)]
                    for head in range(4)
                )
                for key in seen
            ]
            assert_close(np.array(score), np.array(np.mean(raw)))


def test_one_token_has_no_order():
    one = average_order(random_capture(2, 2, 1, 4), 0, 0)
    assert np.isnan(one.by_layer.distance).all()
    assert "1 / 1" in one.sentence()


def test_what_is_asked_and_what_is_to_be_found():
    apart = np.array([reference.average_order(CAPTURE, layer)[0] for layer in range(3)])
    truths = [PREDICTIONS["average_order"].ask(CAPTURE, settings(layer=layer)).truth for layer in range(3)]
    assert_close(np.array(truths), apart)
    assert_close(TASKS["9-order"].survey(CAPTURE, EXPERIMENTS), apart)
    assert TASKS["9-order"].reach(CAPTURE, apart) == {"layer": int(apart.argmax())}
