"""Another divisor: what is changed, and how wide attention is then."""

import numpy as np
import pytest

from core.attention.intervention import read
from core.parts.distributions.scale_experiment import intervention, scale_effect
from core.writing import percent
from tests import reference
from tests.captures import random_capture
from tests.exercises import Invented, settings
from tests.parity import assert_close

CAPTURE = random_capture(3, 4, 9, 16)


@pytest.mark.parametrize(
    ("divisor", "word"),
    [
        ("one", "divide-1"),
        ("rootwidth", "divide-rootwidth"),
        ("rootembedding", "divide-rootembedding"),
        ("width", "divide-width"),
        ("number", "divide-2.5"),
    ],
)
@pytest.mark.parametrize(("where", "at"), [("all", ""), ("one", "~layers-1")])
def test_scores_are_divided_by_what_is_chosen_where_it_is_chosen(divisor: str, word: str, where: str, at: str):
    chosen = settings(divisor=divisor, divided_by=2.5, scale_layers=where, layer=1)
    assert intervention(chosen) == read(f"{word}{at}")


@pytest.mark.parametrize("word", ["divide-1~layers-1", "divide-rootembedding", "divide-width"])
def test_entropies_as_plain_loops_find_them(word: str):
    changes = read(word)
    result = scale_effect(Invented(), CAPTURE, changes)
    changed = Invented().run(CAPTURE, changes)
    assert_close(result.entropy_before, reference.part10(CAPTURE).arrays["part10_by_layer"])
    assert_close(result.entropy_after, reference.part10(changed).arrays["part10_by_layer"])
    before, after = (percent(one.mean()) for one in (result.entropy_before, result.entropy_after))
    assert f"goes from {before} to {after}" in result.sentence()
    assert (result.entropy_after < result.entropy_before).any() == (word == "divide-1~layers-1")


def test_a_run_that_is_changed_already_is_compared_with_the_model_as_it_is():
    changes = read("divide-1")
    shown = Invented().run(CAPTURE, changes)
    again = scale_effect(Invented(), shown, changes)
    assert_close(again.entropy_before, scale_effect(Invented(), CAPTURE, changes).entropy_before)
    assert (again.entropy_before > again.entropy_after).all()


def test_the_models_own_divisor_changes_no_entropy():
    result = scale_effect(Invented(), CAPTURE, read("divide-rootwidth"))
    assert "The mean entropy of attention stays" in result.sentence()


def test_a_text_of_one_token_has_no_entropy():
    one = scale_effect(Invented(), random_capture(2, 2, 1, 4), read("divide-1"))
    assert np.isnan(one.entropy_before).all()
    assert "entropy" not in one.sentence()
