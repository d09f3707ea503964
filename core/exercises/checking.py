"""The check of an answer to a gap."""

from __future__ import annotations

from core.exercises.gap import OTHER, SHOWN, Gap, Topic
from core.exercises.judge import Verdict, agree, difference
from core.expressions import Refused, Value, evaluate

TYPED_IN = (
    "Right for these arrays, and wrong as soon as the sizes change: is there a number in it that should be a name?"
)


def check(topic: Topic, gap: Gap, expression: str) -> Verdict:
    """Judge an answer by what it is worth on small arrays, and on others of other sizes.

    A right answer gets the reason. A wrong one gets feedback on what it gave, and one that cannot be evaluated is told
    why. Nothing is raised, whatever the expression.
    """
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
