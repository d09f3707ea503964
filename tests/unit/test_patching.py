"""Patching: the scores that B is given, what the texts favour, and how far each patch moves B."""

from dataclasses import replace

import numpy as np
import pytest

from core.attention.intervention import BadIntervention, Change, written
from core.model.said import Said
from core.parts.softmax_by_layer.patching import Favoured, Patching, pair_of, patching
from tests import reference
from tests.captures import unlike_gpt2
from tests.exercises import PREDICTIONS, TASKS, Invented, ask, settings
from tests.reference import head_slice
from tests.unit.test_two_texts import PAIRS, A, B, of_tokens


def said(*probability: float) -> Said:
    """Of a vocabulary of as many tokens, whose five most probable are called by their ids."""
    shares = np.array(probability, np.float32)
    most = shares.argsort()[::-1][:5]
    return Said(most, tuple(map(str, most)), shares[most], np.ones(3, np.float32), shares)


@pytest.mark.parametrize("rules", [lambda one: one, unlike_gpt2], ids=["gpt2", "own rules"])
def test_partners_get_the_raw_scores_of_a_and_all_others_keep_their_own(rules):
    a, b = rules(A), rules(B)
    given = pair_of(a, b).scores.of_layer
    assert list(given) == [0, 1, 2]
    partner_of = {there: here for here, there in PAIRS}
    for layer, head in np.ndindex(3, 2):
        queries, keys = (head_slice(array[layer], head, 4) for array in (a.query, a.key))
        for query, key in np.ndindex(b.tokens, b.tokens):
            got = given[layer][head, query, key]
            if query in partner_of and key in partner_of:
                product = float(queries[partner_of[query]] @ keys[partner_of[key]])
                assert got == pytest.approx(reference.raw_score(a, layer, product), rel=1e-4, abs=1e-5)
            else:
                assert np.isnan(got)


@pytest.mark.parametrize(
    ("patched", "places"),
    [("all", (None, None)), ("layer", ((2,), None)), ("head", ((2,), (1,)))],
)
def test_where_b_is_patched(patched, places):
    pair = pair_of(A, B)
    [change] = pair.intervention(settings(patched=patched, layer=2, head=1))
    assert change == Change(scores=pair.scores, layers=places[0], heads=places[1])
    with pytest.raises(BadIntervention):  # no link could hold the scores
        written((change,))


def test_each_text_favours_a_next_token():
    a, b = said(0.1, 0.5, 0.3, 0.05, 0.03, 0.02), said(0.1, 0.45, 0.05, 0.3, 0.05, 0.05)
    favoured = Favoured.of(a, b)
    assert (favoured.ids, favoured.texts) == ((2, 3), ("2", "3"))
    assert favoured.logit_difference(a) == pytest.approx(np.log(0.3 / 0.05), rel=1e-5)
    assert Favoured.of(b, a).ids == (3, 2)


def test_every_layer_and_every_head_of_one_is_asked_of_the_model():
    experiments, pair = Invented(), pair_of(A, B)
    chosen = pair.patched_in((1,), (0,))
    got = patching(experiments, pair, chosen, 2)
    [other], [before, after] = experiments.says(A, [()]), experiments.says(B, [(), chosen])
    favoured = Favoured.of(other, before)
    assert (got.favoured, got.of_a) == (favoured, favoured.logit_difference(other))
    assert np.array_equal(got.effect.after.losses, after.losses)
    layers = experiments.says(B, [pair.patched_in((layer,)) for layer in range(3)])
    heads = experiments.says(B, [pair.patched_in((2,), (head,)) for head in range(2)])
    assert got.by_layer.tolist() == [favoured.logit_difference(one) for one in layers]
    assert got.by_head.tolist() == [favoured.logit_difference(one) for one in heads]
    sign = 1 if got.of_a > got.of_b else -1
    assert got.towards_a == pytest.approx(sign * (got.by_layer - got.of_b))
    assert f"layer {got.towards_a.argmax()} alone" in got.sentence()


def turned(a: Said, b: Said, patched: Said) -> str:
    """What is said of these three runs."""
    effect = patching(Invented(), pair_of(A, B), (), 0).effect._replace(before=b, after=patched)
    effect = effect._replace(intervention=pair_of(A, B).patched_in((1,)))
    made: Patching = patching(Invented(), pair_of(A, B), (), 0)
    return made._replace(other=a, effect=effect).sentence()


def test_the_sentence_tells_whether_the_next_token_turns():
    first, second, third = said(0.7, 0.1, 0.2), said(0.1, 0.7, 0.2), said(0.2, 0.1, 0.7)
    assert "with scores of A in layer 1 B goes on with" in turned(first, second, first)
    assert "The next token turns. " in turned(first, second, first)
    assert "does not turn. " in turned(first, second, second)
    assert "turns to a third one. " in turned(first, second, third)
    assert "no token can turn. " in turned(first, first, first)
    same = patching(Invented(), pair_of(A, A), pair_of(A, A).patched_in(), 0)
    assert "A and B say the same" in same.sentence()
    nothing = patching(Invented(), pair_of(of_tokens(1, 2), of_tokens(3, 4)), (), 0)
    assert nothing.sentence() == "The two texts share no token: A has no score to give."


def test_how_far_b_goes_is_asked_of_the_model():
    experiments = Invented()
    question = ask(PREDICTIONS["patching"], B, settings(other_text="other"), experiments)
    a = experiments.of_text(B, "other")
    pair = pair_of(a, B)
    [other], [before, after] = experiments.says(a, [()]), experiments.says(B, [(), pair.patched_in()])
    of_a, of_b, patched = (Favoured.of(other, before).logit_difference(one) for one in (other, before, after))
    share = (patched - of_b) / (of_a - of_b)
    assert question.truth == np.searchsorted([0.25, 0.75], share, side="right")
    assert (question.place(0), question.place(2)) == (of_b, of_a)


def test_the_task_asks_for_the_layer_that_moves_b_most():
    task, experiments, capture = TASKS["8-patched"], Invented(), replace(B, text="one two three")
    survey = task.survey(capture, experiments)
    a = experiments.of_text(capture, "two three")
    assert survey == pytest.approx(patching(experiments, pair_of(a, capture), (), 0).towards_a)
    found = task.reach(capture, survey)
    if survey.max() > 0:
        assert found == {"other_text": "two three", "patched": "layer", "layer": int(survey.argmax())}
        assert task.judge(capture, settings(**found), survey).met
        for beside in ({"patched": "all"}, {"other_text": "two"}, {"layer": (found["layer"] + 1) % 3}):
            assert not task.judge(capture, settings(**(found | beside)), survey).met
