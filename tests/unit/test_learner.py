"""What a learner has done: as a link holds it, and as text to keep."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exercises.done import read_done, write_done
from core.exercises.learner import LONGEST_ANSWER, Learner
from tests.exercises import EXERCISES, GAPS, TOPICS

PARTS = EXERCISES.values()
ALL = tuple(chain.from_iterable(of.ids for of in PARTS))
GAP = GAPS["3-width"]


def test_ids_are_unique_and_fit_a_link():
    assert len(set(ALL)) == len(ALL)
    for one in ALL:
        assert set(one) <= set("0123456789abcdefghijklmnopqrstuvwxyz-"), one
    written = write_done(ALL, PARTS)
    assert len(written) < 1200, "all of it is a small part of what a link holds"
    assert set(written) <= set("0123456789abcdefghijklmnopqrstuvwxyz-.~")


def test_one_string_for_the_same_exercises():
    assert write_done([], PARTS) == ""
    assert write_done(["7-softmax", "1-root", "1-product"], PARTS) == "1.product.root~7.softmax"
    assert read_done("7.softmax~1.root.product.root~1.root", PARTS) == {"1-product", "1-root", "7-softmax"}


@settings(deadline=None)  # the machine may be busy
@given(st.sets(st.sampled_from(ALL)))
def test_reads_what_it_wrote(done):
    assert read_done(write_done(done, PARTS), PARTS) == done


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(alphabet="123.~-abcpredictroot", max_size=60)))
def test_reads_nonsense_as_nothing_worse_than_less(text):
    done = read_done(text, PARTS)
    assert done <= set(ALL)
    assert read_done(write_done(done, PARTS), PARTS) == done


@pytest.mark.parametrize("text", ["~~~", "...", "10.root", "3", "3.", "x.root", "1.product<script>", "-.-~-.-", "²"])
def test_nonsense(text):
    assert read_done(text, PARTS) == frozenset()


def test_the_solution_comes_after_both_hints_and_an_honest_attempt():
    learner = Learner()
    for hints in (1, 2, 2, 2):
        attempt = learner.help(GAP)
        assert (attempt.hints, attempt.solution_seen) == (hints, False)
    learner.check(TOPICS[3], GAP, "   ")
    assert not learner.help(GAP).solution_seen, "an empty answer is no attempt"
    learner.check(TOPICS[3], GAP, "1")
    assert learner.help(GAP).solution_seen


def test_checks_and_keeps_the_last_answer():
    learner = Learner()
    assert not learner.check(TOPICS[3], GAP, "config.n_embd / config.n_head").correct
    attempt = learner.check(TOPICS[3], GAP, GAP.solution)
    assert attempt.correct
    assert (attempt.tries, attempt.answer) == (2, GAP.solution)
    assert attempt.feedback.endswith(GAP.reason)
    assert len(learner.check(TOPICS[3], GAP, "1" * 10**6).answer) == LONGEST_ANSWER


def test_answers_as_text():
    learner = Learner()
    assert "Nothing yet." in learner.answers(PARTS, frozenset())
    learner.check(TOPICS[3], GAP, "(config.n_embd //\n  config.n_head)")
    learner.help(GAP)
    other = EXERCISES[7].gaps[0]
    learner.check(TOPICS[7], other, "1")
    learner.predictions["4-predict"] = "You said 1, and it is 2: 1 too low."
    learner.tasks["9-agree"] = "8 numbers: the two means differ by 0."
    text = learner.answers(PARTS, frozenset({GAP.id, "4-predict", "9-agree", "9-slope"}))
    assert f"[x] d = (config.n_embd // config.n_head)  # {GAP.task} (1 hint)" in text
    assert f"[ ] {other.line.replace('____', '1')}  # {other.task}" in text
    assert "[x] Predicted: You said 1, and it is 2: 1 too low." in text
    assert "differ by 0." in text
    assert "(done before)" in text, "what a link brought has no answer"
    assert f"Part 3: 1 of {len(EXERCISES[3].ids)} done" in text
    assert f"Part 7: 0 of {len(EXERCISES[7].ids)} done" in text
    assert "Part 8" not in text
