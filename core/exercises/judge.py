"""Is an answer right? Judged by what it evaluates to: shape first, then values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy import ndarray

from core.exercises.gap import Gap
from core.expressions import Record, Value, begun, describe, shape_of
from core.writing import number

CLOSE = 1e-4
"""Of the largest magnitude: float32 in another order of summing."""


class Verdict(NamedTuple):
    """What the learner is told."""

    correct: bool
    feedback: str


def agree(got: Value, wanted: Value) -> bool:
    """Equal but for rounding. True is 1; a tuple may be anything that unpacks into the same pieces."""
    if isinstance(wanted, tuple):
        pieces = pieces_of(got)
        return (
            pieces is not None
            and len(pieces) == len(wanted)
            and all(agree(piece, part) for piece, part in zip(pieces, wanted, strict=True))
        )
    if isinstance(wanted, Record):
        return isinstance(got, Record) and got.name == wanted.name
    if shape_of(got) is None or shape_of(got) != shape_of(wanted) or _float_for_int(got, wanted):
        return False
    got, wanted = _numbers(got), _numbers(wanted)
    return bool(np.allclose(got, wanted, rtol=CLOSE, atol=CLOSE * _scale(wanted), equal_nan=True))


def pieces_of(value: Value) -> tuple[Value, ...] | None:
    """What `a, b, c = value` would give; None where it would fail."""
    if isinstance(value, Record):
        return tuple(value.fields.values())
    if isinstance(value, tuple | list) or (isinstance(value, ndarray) and value.ndim):
        return tuple(value)
    return None


def difference(gap: Gap, got: Value, wanted: Value) -> str:
    """How an answer that no known mistake explains differs from the right one."""
    if isinstance(wanted, tuple):
        return _pieces_difference(gap, got, wanted)
    if isinstance(wanted, Record) or shape_of(got) is None:
        return f"That is {describe(got)}; {gap.result}: {gap.ask}"
    if shape_of(got) != shape_of(wanted):
        return f"That is {_shape(got)}; {_result(gap, wanted)}: {gap.ask}"
    if _float_for_int(got, wanted):
        return f"That is {got}, a float; a size is a whole number, as `//` or `len` gives it."
    return begun(_values_difference(_numbers(got), _numbers(wanted)))


def _pieces_difference(gap: Gap, got: Value, wanted: tuple[Value, ...]) -> str:
    pieces = pieces_of(got)
    if pieces is None:
        return f"That is {describe(got)}, one thing; {gap.result}: {gap.ask}"
    if len(pieces) != len(wanted):
        shape = shape_of(pieces[0]) if pieces else None
        what = "" if shape is None else f" of shape {shape}" if shape else " single numbers"
        return f"That unpacks into {len(pieces)}{what}; {len(wanted)} are wanted. {begun(gap.result)}: {gap.ask}"
    place, (piece, part) = next(
        (place, both) for place, both in enumerate(zip(pieces, wanted, strict=True)) if not agree(*both)
    )
    if shape_of(piece) is None:
        return f"Piece {place} is {describe(piece)}; {gap.result}: {gap.ask}"
    if shape_of(piece) != shape_of(part):
        return f"Piece {place} is {_shape(piece)}; {_result(gap, part)}: {gap.ask}"
    return f"Piece {place} of {len(wanted)}: {_values_difference(_numbers(piece), _numbers(part))}"


def _values_difference(got: ndarray, wanted: ndarray) -> str:
    """Of two arrays of one shape."""
    if np.isnan(got).any() and not np.isnan(wanted).any():
        return f"{np.isnan(got).sum()} of {got.size} numbers are NaN: 0 · ∞ and ∞ − ∞ have no value."
    if not got.ndim:
        return f"that gives {_said(got)}, and the right answer {_said(wanted)}."
    if got.ndim > 1 and got.shape[-1] == got.shape[-2] and agree(got.swapaxes(-1, -2), wanted):
        return "that is the transpose: rows and columns have changed places."
    common = _in_common(got, wanted)
    if common:
        return common
    close = np.isclose(got, wanted, rtol=CLOSE, atol=CLOSE * _scale(wanted), equal_nan=True)
    first = tuple(map(int, np.argwhere(~close)[0]))
    place = f"[{', '.join(map(str, first))}]"
    share = f"and {close.sum()} of {close.size} numbers are" if close.any() else "the numbers are not"
    return (
        f"the shape is right, {share}. The first that is not stands at {place}: "
        f"{_said(got[first])} instead of {_said(wanted[first])}."
    )


def _in_common(got: ndarray, wanted: ndarray) -> str:
    """One factor or one difference that holds for every number, in words; empty if there is none."""
    finite = np.isfinite(wanted)
    if not np.array_equal(got[~finite], wanted[~finite]) or not np.isfinite(got[finite]).all():
        return ""
    mine, right = got[finite], wanted[finite]
    squares = float(right @ right)
    factor = float(mine @ right) / squares if squares else 0.0
    if factor and agree(mine, factor * right):
        if abs(factor + 1) < CLOSE:
            return "every number has the wrong sign."
        return f"the shape is right, but every number is {number(factor)} times what it should be."
    shift = float((mine - right).mean()) if mine.size else 0.0
    if mine.size and agree(mine, right + shift):
        return f"the shape is right, but every number is off by {number(shift)}."
    return ""


def _said(value: ndarray | float) -> str:
    value = float(value)
    return number(value) if np.isfinite(value) else {np.inf: "∞", -np.inf: "−∞"}.get(value, "NaN")


def _float_for_int(got: Value, wanted: Value) -> bool:
    return isinstance(wanted, int) and isinstance(got, float)


def _numbers(value: Value) -> ndarray:
    return np.asarray(value, float)


def _scale(values: ndarray) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0


def _shape(value: Value) -> str:
    return str(shape_of(value)) if shape_of(value) else "one number"


def _result(gap: Gap, wanted: Value) -> str:
    return f"{gap.result} = {shape_of(wanted)}" if shape_of(wanted) else gap.result
