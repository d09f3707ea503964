"""The gaps of all parts, and the check of an answer to one."""

from __future__ import annotations

from core.exercises import (
    all_layers,
    averaging,
    distributions,
    heads,
    raw_scores,
    scaling,
    softmax,
    softmax_layers,
    tokens,
)
from core.exercises.gap import OTHER, SHOWN, Gap
from core.exercises.judge import Verdict, agree, difference
from core.expressions import Refused, Value, evaluate

TOPICS = (
    scaling.TOPIC,
    tokens.TOPIC,
    heads.TOPIC,
    raw_scores.TOPIC,
    all_layers.TOPIC,
    distributions.TOPIC,
    softmax.TOPIC,
    softmax_layers.TOPIC,
    averaging.TOPIC,
)
"""Of parts 1 to 9, in order."""
GAPS = {gap.id: gap for topic in TOPICS for gap in topic.gaps}

TYPED_IN = (
    "Right for these arrays, and wrong as soon as the sizes change: is there a number in it that should be a name?"
)


def gaps_of(part: int) -> tuple[Gap, ...]:
    """The gaps of a part, 1 … 9, in the order of the study."""
    return TOPICS[part - 1].gaps


def given_words(gap: Gap) -> dict[str, str]:
    """What an answer may use beside torch, np and math: each name in words, with its shape or its number."""
    return TOPICS[gap.part - 1].described(gap)


def check(gap: Gap, expression: str) -> Verdict:
    """Judge an answer by what it is worth on small arrays, and on others of other sizes.

    A right answer gets the reason. A wrong one gets feedback on what it gave, and one that cannot be evaluated is told
    why. Nothing is raised, whatever the expression.
    """
    topic = TOPICS[gap.part - 1]
    given = topic.given(gap, SHOWN)
    try:
        got = evaluate(expression, given)
    except Refused as refused:
        return Verdict(False, str(refused))
    wanted = evaluate(gap.solution, given)
    if agree(got, wanted):
        general = _holds(expression, gap, topic.given(gap, OTHER))
        return Verdict(True, f"Right. {gap.reason}") if general else Verdict(False, TYPED_IN)
    for mistake, feedback in gap.mistakes.items():
        if agree(got, evaluate(mistake, given)):
            return Verdict(False, feedback)
    return Verdict(False, difference(gap, got, wanted))


def _holds(expression: str, gap: Gap, given: dict[str, Value]) -> bool:
    try:
        return agree(evaluate(expression, given), evaluate(gap.solution, given))
    except Refused:
        return False
