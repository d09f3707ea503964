"""One Python expression of a learner's over given arrays, evaluated without running any code of theirs.

An AST walk over an allow-list rather than simpleeval: its hooks for names, attributes, calls, operators and subscripts
would all have been replaced (shapes bound before anything is allocated, `@`, slices, torch's ways on numpy arrays),
and what remained of it, `ast.parse` and a dispatch on node types, is shorter than the replacements.

`torch.…` names work on numpy arrays marked as tensors, so that torch is never imported; shapes, values and what is
refused follow torch, and a test compares them with it. Wider in one respect: a tensor and an array may meet.
"""

from core.expressions.limits import Refused
from core.expressions.values import Record, Tensor, Value, shape_of
from core.expressions.walk import evaluate

__all__ = ["Record", "Refused", "Tensor", "Value", "evaluate", "shape_of"]
