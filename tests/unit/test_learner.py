"""What a learner has done: as a link holds it, and as text to keep."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exercises import GAPS, gaps_of
from core.exercises.done import PARTS, exercises_of, read_done, write_done
from core.exercises.learner import LONGEST_ANSWER, Learner

ALL = tuple(chain.from_iterable(exercises_of(part) for part in PARTS))
GAP = GAPS["3-width"]


def test_ids_are_unique_and_fit_a_link():
    assert len(set(ALL)) == len(ALL)
    for one in ALL:
        assert set(one) <= set("123456789abcdefghijklmnopqrstuvwxyz-"), one
    written = write_done(ALL)
    assert len(written) < 700, "all of it is a small part of what a link holds"
    assert set(written) <= set("123456789abcdefghijklmnopqrstuvwxyz-.~")


def test_one_string_for_the_same_exercises():
    assert write_done([]) == ""
    assert write_done(["7-softmax", "1-root", "1-product"]) == "1.product.root~7.softmax"
    assert read_done("7.softmax~1.root.product.root~1.root") == {"1-product", "1-root", "7-softmax"}


@settings(deadline=None)  # the machine may be busy
@given(st.sets(st.sampled_from(ALL)))
def test_reads_what_it_wrote(done):
    assert read_done(write_done(done)) == done


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="123.~-abcpredictroot", max_size=60)))
def test_reads_nonsense_as_nothing_worse_than_less(text):
    done = read_done(text)
    assert done <= set(ALL)
    assert read_done(write_done(done)) == done


@pytest.mark.parametrize("text", ["~~~", "...", "10.root", "3", "3.", "x.root", "1.product<script>", "-.-~-.-", "²"])
def test_nonsense(text):
    assert read_done(text) == frozenset()


def test_the_solution_comes_after_both_hints_and_an_honest_attempt():
    learner = Learner()
    for hints in (1, 2, 2, 2):
        attempt = learner.help(GAP)
        assert (attempt.hints, attempt.solution_seen) == (hints, False)
    learner.check(GAP, "   ")
    assert not learner.help(GAP).solution_seen, "an empty answer is no attempt"
    learner.check(GAP, "1")
    assert learner.help(GAP).solution_seen


def test_checks_and_keeps_the_last_answer():
    learner = Learner()
    assert not learner.check(GAP, "config.n_embd / config.n_head").correct
    attempt = learner.check(GAP, GAP.solution)
    assert attempt.correct
    assert (attempt.tries, attempt.answer) == (2, GAP.solution)
    assert attempt.feedback.endswith(GAP.reason)
    assert len(learner.check(GAP, "1" * 10**6).answer) == LONGEST_ANSWER


def test_answers_as_text():
    learner = Learner()
    assert "Nothing yet." in learner.answers(frozenset())
    learner.check(GAP, "(config.n_embd //\n  config.n_head)")
    learner.help(GAP)
    other = gaps_of(7)[0]
    learner.check(other, "1")
    learner.predictions["4-predict"] = "You said 1, and it is 2: 1 too low."
    learner.tasks["9-agree"] = "8 numbers: the two means differ by 0."
    text = learner.answers(frozenset({GAP.id, "4-predict", "9-agree", "9-slope"}))
    assert f"[x] d = (config.n_embd // config.n_head)  # {GAP.task} (1 hint)" in text
    assert f"[ ] {other.line.replace('____', '1')}  # {other.task}" in text
    assert "[x] Predicted: You said 1, and it is 2: 1 too low." in text
    assert "differ by 0." in text
    assert "(done before)" in text, "what a link brought has no answer"
    assert f"Part 3: 1 of {len(exercises_of(3))} done" in text
    assert f"Part 7: 0 of {len(exercises_of(7))} done" in text
    assert "Part 8" not in text
