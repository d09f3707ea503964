"""Interventions as data: to a link and back, to a TOML table and back, what is refused, and in words."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.attention.intervention import (
    BadIntervention,
    Change,
    Intervention,
    Rule,
    Scores,
    check,
    first_layer,
    from_table,
    in_words,
    read,
    written,
)

PLACES = some.none() | some.lists(some.integers(0, 50), min_size=1, max_size=4).map(lambda one: tuple(sorted(set(one))))
WHATS = some.one_of(
    some.fixed_dictionaries({"divide": some.sampled_from(["rootwidth", "rootembedding", "width", 1.0, 0.25, 1e3])}),
    some.fixed_dictionaries({"divide": some.floats(0, exclude_min=True, allow_infinity=False)}),
    some.fixed_dictionaries({"mask": some.sampled_from(["none", "nofirst", "onlyfirst"])}),
    some.fixed_dictionaries({"mask": some.just("window"), "window": some.integers(1, 99)}),
    some.fixed_dictionaries({"weights": some.sampled_from(["zero", "textmean", "headmean"])}),
    some.fixed_dictionaries({"weights": some.just("row"), "row": some.integers(0, 99)}),
)
CHANGES = some.tuples(WHATS, PLACES, PLACES, PLACES)


@given(some.lists(CHANGES, max_size=4))
def test_every_intervention_comes_back_from_a_link_and_from_a_table(drawn: list[Any]) -> None:
    intervention: Intervention = tuple(
        Change(**what, layers=layers, heads=heads, queries=queries) for what, layers, heads, queries in drawn
    )
    assert read(written(intervention)) == intervention
    assert tuple(from_table(change.table()) for change in intervention) == intervention


def test_the_models_own_divisor_typed_as_a_number_is_no_change_after_a_link() -> None:
    width, tokens = 120, 4
    own = Rule(width, width**-0.5, np.tril(np.ones((tokens, tokens), bool)))
    assert own.is_kept_by(read(written((Change(divide=width**0.5),))), 12)
    assert written((Change(divide=2.0),)) == "divide-2"


@pytest.mark.parametrize(
    "word",
    [
        *("divide-0", "divide--1", "divide-inf", "divide-nan", "divide-√d", "divide-1~mask-none", "layers-1", "x-1"),
        *("mask-all", "mask-window", "mask-window~window-0", "weights-one", "divide-1~layers-a", "divide-1~layers--1"),
        *("weights-row~row-x", "<b>", "divide-1_~", "divide-1~layers-" + "9" * 40),
    ],
)
def test_what_is_no_intervention_is_refused_in_a_sentence(word: str) -> None:
    with pytest.raises(BadIntervention, match=r"^[A-Za-z].*\.$"):
        read(word)


@pytest.mark.parametrize(
    "table",
    [
        *({"divide": True}, {"divide": [1]}, {"divide": 1, "layers": 3}, {"divide": 1, "layers": [True]}),
        *({"mask": "window", "window": 2.5}, {"weight": "zero"}, {}, {"divide": 1, "heads": ["a"]}),
    ],
)
def test_a_table_that_is_none_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(BadIntervention):
        from_table(table)


def test_given_scores_are_in_no_link() -> None:
    given_scores = Change(scores=Scores({0: np.zeros((1, 2, 2), np.float32)}), layers=(0,))
    with pytest.raises(BadIntervention):
        written((given_scores,))


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("divide-rootwidth", "scores divided by √d in all layers"),
        ("divide-1~layers-3_mask-none~layers-5", "scores divided by 1 in layer 3; no mask in layer 5"),
        ("mask-window~window-4~layers-1.2", "a window of the last 4 tokens in layers 1, 2"),
        ("weights-zero~layers-3~heads-1.4", "weights of 0 in layer 3, heads 1, 4"),
        ("", "nothing changed"),
    ],
)
def test_it_is_said_in_words(word: str, words: str) -> None:
    assert in_words(read(word)) == words


def test_places_that_a_run_does_not_have_are_refused() -> None:
    shape = {"layers": 4, "heads": 2, "tokens": 6}
    check(read("divide-1~layers-3~heads-1~queries-5_weights-row~row-5"), **shape)
    for word in ("divide-1~layers-4", "divide-1~heads-2", "mask-none~queries-6", "weights-row~row-6"):
        with pytest.raises(BadIntervention, match="the last one is"):
            check(read(word), **shape)


@pytest.mark.parametrize(("word", "layer"), [("", 7), ("divide-2", 0), ("divide-2~layers-5.3_mask-none~layers-4", 3)])
def test_the_first_changed_layer(word: str, layer: int) -> None:
    assert first_layer(read(word), 7) == layer


def test_a_mask_leaves_each_query_something_to_see() -> None:
    causal = np.tril(np.ones((5, 5), bool))
    assert Change(mask="none").visible(causal).all()
    window = Change(mask="window", window=2).visible(causal)
    assert window.sum(axis=1).tolist() == [1, 2, 2, 2, 2]
    without = Change(mask="nofirst").visible(causal)
    assert (without[0, 0], without[1:, 0].any()) == (True, False)
    assert (Change(mask="onlyfirst").visible(causal) == (np.arange(5) == 0)).all()
