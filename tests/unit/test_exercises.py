"""Every gap: right answers in several spellings, wrong ones with feedback of their own."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch

from core.exercises.checking import TYPED_IN
from core.exercises.gap import BLANK, OTHER, SHOWN
from core.exercises.judge import agree
from core.expressions import Record, Tensor, evaluate
from tests.exercises import EXERCISES, GAPS, TOPICS, check

ANSWERS = {
    gap: answers
    for file in (Path(__file__).parent / "gap_answers" / f"part{number}.toml" for number in EXERCISES)
    for gap, answers in tomllib.loads(file.read_text()).items()
}
RIGHT = [(gap, answer) for gap, answers in ANSWERS.items() for answer in answers["right"]]
WRONG = [(gap, answer, said) for gap, answers in ANSWERS.items() for answer, said in answers["wrong"].items()]
ALL = pytest.mark.parametrize("gap", GAPS.values(), ids=lambda gap: gap.id)


def spaceless(text: str) -> str:
    return "".join(text.split())


def test_every_part_has_gaps_and_every_gap_its_answers():
    assert len(GAPS) == sum(len(of.gaps) for of in EXERCISES.values()), "ids are unique"
    assert len(GAPS) >= 40
    for part, of in EXERCISES.items():
        assert len(of.gaps) >= (4 if part < 10 else 3)
        assert {gap.part for gap in of.gaps} == {part}
    assert list(ANSWERS) == list(GAPS)
    for gap, answers in ANSWERS.items():
        right = {spaceless(answer) for answer in answers["right"]} | {spaceless(GAPS[gap].solution)}
        assert len(right) >= 4, f"{gap}: three spellings beside the solution"
        assert len(answers["wrong"]) >= 3, gap


@pytest.mark.parametrize(("gap", "answer"), RIGHT)
def test_every_right_spelling_counts(gap, answer):
    verdict = check(GAPS[gap], answer)
    assert verdict.correct, verdict.feedback
    assert verdict.feedback == f"Right. {GAPS[gap].reason}"


@pytest.mark.parametrize(("gap", "answer", "said"), WRONG)
def test_every_wrong_answer_is_told_what_it_is(gap, answer, said):
    verdict = check(GAPS[gap], answer)
    assert not verdict.correct
    assert said in verdict.feedback


@pytest.mark.parametrize("gap", ANSWERS)
def test_wrong_answers_are_told_apart(gap):
    feedback = [check(GAPS[gap], answer).feedback for answer in ANSWERS[gap]["wrong"]]
    assert len(set(feedback)) == len(feedback)


@ALL
def test_solutions_count_and_mistakes_get_their_own_words(gap):
    assert check(gap, gap.solution).correct
    assert len(gap.mistakes) >= 3
    assert len(set(gap.mistakes.values())) == len(gap.mistakes)
    for mistake, feedback in gap.mistakes.items():
        assert check(gap, mistake) == (False, feedback), mistake


@ALL
def test_what_a_learner_reads_is_there_and_gives_nothing_away(gap):
    assert gap.line.count(BLANK) == 1
    for text in (gap.task, *gap.hints, gap.reason, *gap.mistakes.values()):
        assert text[-1] in ".?!", text
        assert len(text) < 220, text
    assert gap.ask.endswith("?")
    assert ":" not in gap.ask + gap.result, "they stand with a colon between them"
    for text in (gap.task, gap.line, gap.result, gap.ask, *gap.hints, *gap.mistakes.values()):
        assert len(gap.solution) < 4 or spaceless(gap.solution) not in spaceless(text), text
    assert gap.hints[0] != gap.hints[1]
    words = TOPICS[gap.part].described(gap)
    assert list(words) == gap.given.split()
    sizes = [value for value in words.values() if "=" in value]
    assert len(sizes) >= len([name for name in words if name not in ("model", "config", "tokens")])


def test_every_name_that_a_part_explains_is_given_somewhere():
    for topic in TOPICS.values():
        given = {name for gap in topic.gaps for name in gap.given.split()}
        assert given == set(topic.words)


def test_no_two_gaps_ask_the_same():
    solutions = {spaceless(gap.solution) for gap in GAPS.values()}
    assert len(solutions) == len(GAPS)
    assert len({gap.task for gap in GAPS.values()}) == len(GAPS)


@pytest.mark.parametrize("sizes", [SHOWN, OTHER])
def test_sizes_are_told_apart(sizes):
    numbers = [*sizes, sizes.embedding, 3 * sizes.embedding]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("gap", "answer"),
    [
        ("3-width", "4"),
        ("3-head", "Q[:, 4:8]"),
        ("2-count", "6"),
        ("7-binary", "torch.triu(torch.ones(5, 5), 1)"),
        ("9-own-width", "1 / 3**0.5"),
    ],
)
def test_numbers_typed_in_for_names_do_not_count(gap, answer):
    assert check(GAPS[gap], answer) == (False, TYPED_IN)


@pytest.mark.parametrize(
    ("gap", "answer", "said"),
    [
        ("3-map", "", "still empty"),
        ("3-map", "picture = Q_h.T", "leave out the name"),
        ("3-map", "Q_h.T + 1j", "Only numbers"),
        ("3-map", "'Q_h.T'", "the text “Q_h.T”"),
        ("3-map", "None", "That is None; the picture is (d, T): which axis"),
        ("3-map", "-Q_h.T", "wrong sign"),
        ("3-map", "Q_h.T * 3", "3 times what it should be"),
        ("3-map", "Q_h.T + 2", "every number is off by 2"),
        ("3-map", "Q_h.T * torch.nan", "24 of 24 numbers are NaN"),
        ("7-masked", "(Q_h @ K_h.T / d**0.5 + M).T", "transpose"),
        ("3-qkv", "3", "That is 3, one thing; each piece is (T, E): are the cuts"),
        ("3-qkv", "None, None, None", "Piece 0 is None"),
        ("3-qkv", "qkv[:, :E], qkv[:, :E], qkv[:, :E]", "Piece 1 of 3: the shape is right"),
        ("3-qkv", "qkv.T.split(E)", "Piece 0 is (12, 6); each piece is (T, E) = (6, 12): are the cuts"),
        ("2-hook", "layer", "That is 4; queries, keys and values come out"),
        ("2-hook", "model.transformer.h", "That is a list of 7"),
    ],
)
def test_answers_that_nobody_foresaw_are_told_what_they_are(gap, answer, said):
    verdict = check(GAPS[gap], answer)
    assert not verdict.correct
    assert said in verdict.feedback


def test_any_other_answer_gets_a_sentence():
    others = [
        "torch.arange(3)",
        "np.array([7, 3, 12])",
        "...",
        "[]",
        "()",
        "None",
        "'a'",
        "torch.zeros(0)",
        "1 / 3",
        "True",
    ]
    for topic in TOPICS.values():
        for gap in topic.gaps:
            for answer in [*others, *(other.solution for other in topic.gaps if other is not gap)]:
                verdict = check(gap, answer)
                assert verdict.feedback[-1] in ".?"
                assert not verdict.correct or verdict.feedback == f"Right. {gap.reason}"


def test_agreement():
    numbers = np.array([1.0, -np.inf, 3.0])
    assert agree(numbers + 1e-6, numbers)
    assert not agree(numbers + 1e-2, numbers)
    assert not agree(np.array([1.0, np.inf, 3.0]), numbers)
    assert not agree(numbers[:, None], numbers)
    assert agree(np.array([True, False]), np.array([1.0, 0.0]))
    assert agree(4, 4.0)
    assert not agree(4.0, 4), "a size is a whole number"
    assert agree(np.ones((2, 3)), (np.ones(3), np.ones(3)))
    assert not agree((np.ones(3),), (np.ones(3), np.ones(3)))
    assert agree(Record("a.b"), Record("a.b"))
    assert not agree(Record("a.b"), Record("a.c"))
    assert not agree("1", 1)


class Real:
    """A Record as Python would have it."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def __getattr__(self, name: str) -> object:
        return real(self.record.fields[name])

    __getitem__ = __getattr__

    def get_submodule(self, path: str) -> object:
        head, _, tail = path.partition(".")
        inner = getattr(self, head)
        return inner.get_submodule(tail) if tail else inner


def real(value: object) -> object:
    """The given values as real torch tensors and plain objects."""
    if isinstance(value, Tensor):
        return torch.from_numpy(np.array(value))
    if isinstance(value, Record):
        return Real(value)
    return [real(part) for part in value] if isinstance(value, list) else value


def ours(value: object) -> object:
    """What real Python made, as the judge knows it."""
    if isinstance(value, torch.Tensor):
        return value.numpy()
    if isinstance(value, Real):
        return value.record
    if isinstance(value, np.generic):
        return np.asarray(value)
    return tuple(ours(part) for part in value) if isinstance(value, tuple | list) else value


@pytest.mark.parametrize(("gap", "answer"), [*RIGHT, *((gap.id, gap.solution) for gap in GAPS.values())])
@pytest.mark.filterwarnings("ignore")
def test_right_answers_are_code_that_runs_with_torch_and_numpy(gap, answer):
    gap = GAPS[gap]
    for sizes in (SHOWN, OTHER):
        given = TOPICS[gap.part].given(gap, sizes)
        names = {"torch": torch, "np": np, "math": math} | {name: real(value) for name, value in given.items()}
        made = ours(eval(answer, names))
        wanted = evaluate(gap.solution, given)
        assert agree(made, wanted) or (isinstance(wanted, int) and made == wanted)
