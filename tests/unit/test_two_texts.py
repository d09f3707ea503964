"""Two texts: which tokens are partners, and how far these lie apart at each stage."""

from dataclasses import replace

import numpy as np
import pytest

from core.model.capture import Capture
from core.parts.softmax_by_layer.alignment import align
from core.parts.softmax_by_layer.two_texts import STAGES, two_texts
from tests import reference
from tests.captures import random_capture, unlike_gpt2
from tests.exercises import PREDICTIONS, TASKS, Invented, ask, settings
from tests.parity import assert_close
from tests.reference import head_slice, softmax_of


def of_tokens(*token_ids: int, seed: int = 0) -> Capture:
    """A capture of these tokens."""
    made = random_capture(3, 2, len(token_ids), 4, spread=1.5, seed=seed)
    return replace(made, token_ids=np.array(token_ids))


@pytest.mark.parametrize(
    ("a", "b", "of_a", "of_b"),
    [
        ([1, 2, 3], [9, 1, 2, 3], [0, 1, 2], [1, 2, 3]),
        ([9, 8, 1, 2, 3], [1, 2, 3], [2, 3, 4], [0, 1, 2]),
        ([1, 2, 3, 4, 5], [1, 2, 4, 5], [0, 1, 3, 4], [0, 1, 2, 3]),
        ([1, 2, 3, 4], [1, 7, 3, 4], [0, 2, 3], [0, 2, 3]),
        ([1, 2, 3], [1, 2, 3], [0, 1, 2], [0, 1, 2]),
        ([1, 2], [3, 4, 5], [], []),
        ([5] * 300, [5] * 299, list(range(299)), list(range(299))),
    ],
    ids=["inserted at the start", "deleted at the start", "deleted", "changed", "the same", "nothing", "repeated"],
)
def test_partners(a: list[int], b: list[int], of_a: list[int], of_b: list[int]):
    partners = align(np.array(a), np.array(b))
    assert (partners.of_a.tolist(), partners.of_b.tolist()) == (of_a, of_b)


A, B = of_tokens(1, 2, 3, 4, 5, 6, 7), of_tokens(9, 1, 2, 8, 4, 5, 6, 7, 7, seed=1)
PAIRS = [(0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (6, 7)]


def rows(capture: Capture, layer: int, head: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Queries, raw scores, whether the mask leaves them, and weights of one head, by plain loops."""
    queries, keys = (
        head_slice(array[layer], head, capture.head_width).astype(float) for array in (capture.query, capture.key)
    )
    raw, seen, weights = (np.zeros((capture.tokens, capture.tokens)) for _ in range(3))
    for query in range(capture.tokens):
        for key in range(capture.tokens):
            raw[query, key] = reference.raw_score(capture, layer, queries[query].dot(keys[key]))
        keys_seen = reference.seen_keys(capture, layer, query, masked=True)
        shares = softmax_of([raw[query, key] for key in keys_seen])
        for key, share in zip(keys_seen, shares, strict=True):
            seen[query, key], weights[query, key] = 1, share
    return queries, raw, seen, weights


def by_loops(a: Capture, b: Capture, layer: int) -> list[float]:
    """Σ|a − b| / ½ Σ(|a| + |b|) of each stage."""
    values: list[list[tuple[float, float]]] = [[] for _ in STAGES]
    for head in range(a.heads):
        (query_a, raw_a, seen_a, weights_a), (query_b, raw_b, seen_b, weights_b) = (
            rows(one, layer, head) for one in (a, b)
        )
        for i, j in PAIRS:
            values[0] += list(zip(query_a[i], query_b[j], strict=True))
            for k, m in PAIRS:
                values[1].append((raw_a[i, k], raw_b[j, m]))
                if seen_a[i, k] and seen_b[j, m]:
                    values[2].append((raw_a[i, k], raw_b[j, m]))
                    values[3].append((weights_a[i, k], weights_b[j, m]))
    return [sum(abs(x - y) for x, y in of) / (sum(abs(x) + abs(y) for x, y in of) / 2) for of in values]


@pytest.mark.parametrize("rules", [lambda one: one, unlike_gpt2], ids=["gpt2", "own rules"])
def test_stages_as_plain_loops_find_them(rules):
    a, b = rules(A), rules(B)
    both = two_texts(a, b)
    assert list(zip(*both.alignment, strict=True)) == PAIRS
    for layer in range(3):
        assert_close(both.difference[:, layer], np.array(by_loops(a, b, layer)))
        for at, (i, j) in enumerate(PAIRS):
            query, other = a.query[layer, i].astype(float), b.query[layer, j].astype(float)
            wanted = abs(query - other).sum() / (abs(query) + abs(other)).sum() * 2
            assert both.of_token[layer, at] == pytest.approx(wanted)


def test_the_same_text_differs_nowhere():
    both = two_texts(A, A)
    assert not both.difference.any()
    assert not both.of_token.any()
    assert both.sentence().startswith("Both texts are the same")


def test_texts_without_a_common_token_are_not_compared():
    both = two_texts(of_tokens(1, 2), of_tokens(3, 4))
    assert np.isnan(both.difference).all()
    assert both.of_token.shape == (3, 0)
    assert both.sentence() == "The two texts share no token: there is nothing to compare."


def test_the_sentence_tells_where_they_differ_most():
    both = two_texts(A, B)
    said = both.sentence()
    assert said.startswith("6 of 9 tokens of the text on show have a partner in the other text.")
    assert f"queries differ most in layer {both.difference[0].argmax()} " in said
    assert f"weights in layer {both.difference[3].argmax()} " in said


def test_the_stage_that_is_asked_for_is_the_one_that_differs_most():
    capture, experiments = random_capture(layers=4, heads=2, tokens=9, width=4), Invented()
    for layer in range(4):
        question = ask(PREDICTIONS["two_texts"], capture, settings(layer=layer, other_text="other"), experiments)
        of_stage = two_texts(experiments.of_text(capture, "other"), capture).difference[:, layer]
        assert question.truth == int(of_stage.argmax())
        assert question.place(2) == pytest.approx(of_stage[2])


def test_the_task_compares_with_the_text_without_its_first_word():
    capture = replace(random_capture(layers=4, heads=2, tokens=9, width=4), text="a b  c\nd")
    task, experiments = TASKS["8-shifted"], Invented()
    survey = task.survey(capture, experiments)
    assert_close(survey, two_texts(experiments.of_text(capture, "b  c\nd"), capture).difference[3])
    found = task.reach(capture, survey)
    assert found == {"other_text": "b  c\nd", "layer": int(survey.argmax())}
    assert task.judge(capture, settings(**found), survey).met
    for beside in ({"other_text": "a b  c\nd"}, {"layer": (found["layer"] + 1) % 4}):
        assert not task.judge(capture, settings(**(found | beside)), survey).met
    assert task.survey(replace(capture, text="word"), experiments) is None
