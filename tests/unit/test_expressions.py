"""What a learner's expression may not do, and that nothing but a sentence comes of it."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.expressions import Record, Refused, Tensor, evaluate
from core.expressions.limits import MOST_VALUES
from core.expressions.names import ARRAY_METHODS, NUMPY, TENSOR_METHODS, TORCH

GENERATOR = np.random.default_rng(0)
GIVEN = {
    "Q": GENERATOR.normal(size=(6, 12)).astype(np.float32).view(Tensor),
    "S": GENERATOR.normal(size=(6, 6)).astype(np.float32).view(Tensor),
    "x": GENERATOR.normal(size=40),
    "d": 4,
    "config": Record("config", {"n_head": 3}),
}
KIBIBYTE = 1 if sys.platform == "darwin" else 1024
"""What getrusage counts in: bytes on macOS."""
KEPT = {name: np.array(value) for name, value in GIVEN.items() if isinstance(value, np.ndarray)}

ATTACKS = (Path(__file__).parent / "expression_lists" / "attacks.txt").read_text()
"""Under each line with == what the refusal says, and then the expressions that get it, one a line."""
GENERATED = {
    "too many numbers on the way": ["+".join(["torch.ones(49999)"] * 22)],
    "brackets inside each other": [
        "(" * 100 + "1" + ")" * 100,
        "[" * 50 + "]" * 50,
        "abs(" * 16 + "1" + ")" * 16,
        "{1:" * 60,
        "[(" * 50,
    ],
    "nested too deeply": ["-" * 300 + "1", "+".join("1" * 150), "not " * 90 + "1", "Q" + ".T" * 100, "2" + "**1" * 60],
    "characters; an answer has at most 400": ["Q + " * 250_000 + "Q", " " * 10**6, "1" * 401, "(" * 10**6],
    "still empty": ["", "   ", "\n"],
    "Python cannot read": ["\x00", "\ud800", "Q + \ud800", "9" * 399 + "q"],
    "One expression, please": ["Q\nS", "Q\n\nS"],
}
CASES = [(attack, said) for said, attacks in GENERATED.items() for attack in attacks] + [
    (attack, said)
    for said, *attacks in (block.splitlines() for block in ATTACKS.removeprefix("== ").split("\n== "))
    for attack in attacks
    if attack
]


@pytest.mark.parametrize(("attack", "said"), CASES, ids=[attack[:60] for attack, _ in CASES])
def test_attacks_are_refused_in_words_before_anything_is_done(attack, said):
    name = attack.partition("(")[0].partition(".")[0]
    evaluate("1", GIVEN)  # imports torch
    highest = getrusage(RUSAGE_SELF).ru_maxrss
    with pytest.raises(Refused):
        evaluate(attack, GIVEN)  # what is imported for the first one is not measured below
    tracemalloc.start()  # numpy's and Python's memory; torch's shows in that of the process
    begun = time.thread_time()
    try:
        with pytest.raises(Refused) as refused:
            evaluate(attack, GIVEN)
        took, peak = time.thread_time() - begun, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    words = str(refused.value)
    assert said.replace("{name}", name) in words
    assert words[-1] in ".?"
    assert words[0] in "`“(" or not words[0].islower()
    assert len(words) < 300
    assert "\n" not in words
    assert took < 1
    assert peak < 15 * MOST_VALUES * 8, f"{peak:,} bytes"
    grown = (getrusage(RUSAGE_SELF).ru_maxrss - highest) * KIBIBYTE
    assert grown < 60 * MOST_VALUES * 8, f"{grown:,} bytes"


def unchanged() -> bool:
    return all(np.array_equal(GIVEN[name], kept) for name, kept in KEPT.items())


def fine(value: object) -> bool:
    """A value that may come out: plain, and not too large."""
    if isinstance(value, np.ndarray):
        return value.size <= MOST_VALUES and value.dtype.kind in "biuf"
    if isinstance(value, tuple | list):
        return all(map(fine, value))
    if isinstance(value, Record):
        return all(map(fine, value.fields.values()))
    return value is None or value is Ellipsis or isinstance(value, int | float | str)


def judged(expression: str) -> None:
    begun = time.thread_time()
    try:
        value = evaluate(expression, GIVEN)
    except Refused as refused:
        value = str(refused)
    assert fine(value)
    assert time.thread_time() - begun < 2
    assert unchanged()


NUMBERS = some.one_of(
    some.integers(-3, 12).map(str),
    some.sampled_from(
        ["10**9", "2**61", "0.5", "-1e300", "np.inf", "torch.nan", "True", "None", "...", "50000", "223"]
    ),
)
ATOMS = some.one_of(
    some.sampled_from([*GIVEN, "Q", "S", "x", "torch", "np", "math", "'fd'", "'ij,jk->ik'", "float", "torch.bool"]),
    NUMBERS,
)
ATTRIBUTES = some.sampled_from([*TENSOR_METHODS, *ARRAY_METHODS, *"T mT shape size ndim values __class__".split()])
FUNCTIONS = some.one_of(
    some.sampled_from(sorted(TORCH)).map("torch.{}".format),
    some.sampled_from(sorted(NUMPY)).map("np.{}".format),
    some.sampled_from("abs float int len max min round sum bool math.sqrt math.ceil F.softmax open".split()),
)
OPERATORS = some.sampled_from("+ - * / // % ** @ & | ^ == != < >= << and in".split())
KEYWORDS = some.sampled_from("dim axis keepdim bins density range diagonal k dtype correction ddof sections".split())


WORDS = "Q S x d torch np . ( ) [ ] , : = * ** @ - 1 0 'a' lambda for in if f'' {".split()


def grown(inner: some.SearchStrategy[str]) -> some.SearchStrategy[str]:
    """Expressions made of smaller ones."""
    arguments = some.one_of(
        some.lists(inner, max_size=3).map(", ".join),
        some.tuples(inner, KEYWORDS, inner).map(lambda parts: "{}, {}={}".format(*parts)),
    )
    slices = some.tuples(inner, inner, inner).map(":".join)
    indices = some.lists(some.one_of(inner, slices, some.just(":")), min_size=1, max_size=3).map(", ".join)
    return some.one_of(
        some.tuples(inner, OPERATORS, inner).map(lambda parts: "({} {} {})".format(*parts)),
        some.tuples(some.sampled_from(["-", "~", "not ", "+"]), inner).map("".join),
        some.tuples(FUNCTIONS, arguments).map(lambda parts: "{}({})".format(*parts)),
        some.tuples(inner, ATTRIBUTES, arguments).map(lambda parts: "{}.{}({})".format(*parts)),
        some.tuples(inner, ATTRIBUTES).map(".".join),
        some.tuples(inner, indices).map(lambda parts: "{}[{}]".format(*parts)),
        some.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        some.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({', '.join(parts)})"),
    )


@pytest.mark.filterwarnings("ignore:invalid.*literal:SyntaxWarning")
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(some.recursive(ATOMS, grown, max_leaves=8))
def test_random_expressions_give_a_value_or_a_sentence_soon(expression):
    judged(expression)


@settings(max_examples=200, deadline=None)
@given(some.text(max_size=60))
def test_random_text_gives_a_value_or_a_sentence(text):
    judged(text)


@settings(max_examples=200, deadline=None)
@given(some.lists(some.sampled_from(WORDS), max_size=25))
def test_random_words_give_a_value_or_a_sentence(words):
    judged(" ".join(words))


def test_torch_is_imported_for_the_first_answer_and_its_compiler_never():
    program = (
        "import sys; from tests.exercises import GAPS, TOPICS, check; "
        "print(len([TOPICS[gap.part].described(gap) for gap in GAPS.values()]) > 60, 'torch' in sys.modules); "
        "print(all(check(gap, gap.solution).correct for gap in GAPS.values()), 'torch' in sys.modules); "
        "print({'torch._dynamo', 'torch._inductor', 'sympy'} & set(sys.modules) or 'lean')"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "False", "True", "True", "lean"]
