"""One Python expression of a learner's over given arrays, evaluated without running any code of theirs.

An AST walk over an allow-list of torch's and numpy's own functions rather than simpleeval: its hooks for names,
attributes, calls, operators and subscripts would all have been replaced (shapes bound before anything is allocated,
`@`, slices, sentences for a learner), and what remained of it, `ast.parse` and a dispatch on node types, is shorter
than the replacements. Wider than torch in one respect: a tensor and an array may meet.

torch is imported when the first expression is evaluated: outside, a tensor is a numpy array marked as one.
"""

from collections.abc import Mapping

from core.expressions.limits import Refused
from core.expressions.values import Record, Tensor, Value, begun, describe, shape_of

__all__ = ["Record", "Refused", "Tensor", "Value", "begun", "describe", "evaluate", "shape_of"]


def evaluate(expression: str, given: Mapping[str, Value]) -> Value:
    """What an expression over the given names is worth.

    It may name what is given, and what `core.expressions.names` lists of torch, numpy, math and Python. Given arrays
    are copied, never changed. Raises Refused, and nothing else.
    """
    from core.expressions.walk import evaluated  # imports torch

    return evaluated(expression, given)
