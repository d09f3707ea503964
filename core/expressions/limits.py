"""How large an expression and what it makes may be, reckoned from shapes before anything is allocated."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

MOST_CHARACTERS = 400
MOST_BRACKETS = 15
"""Open at once: what a parser does with hundreds of them is nobody's promise."""
MOST_DEPTH = 40
MOST_VALUES = 50_000
"""In one array; those of the exercises have a few hundred."""
MOST_TOTAL = 20 * MOST_VALUES
"""In all arrays that one expression makes."""
MOST_AXES = 8
MOST_PIECES = 1_000
"""That one array is cut into."""
MOST_WORK = 5_000_000
"""Multiplications of one product."""
MOST_WHOLE = 2**62


class Refused(Exception):
    """Why an expression was not evaluated: a sentence or two for the learner."""


def require(shape: Sequence[int], work: int = 1) -> None:
    """Refuse a result of this shape, made with `work` multiplications a value, if it is too large.

    An axis of length 0 counts as 1: summing over it would leave the others.
    """
    if len(shape) > MOST_AXES:
        raise Refused(f"That would have {len(shape)} axes; {MOST_AXES} at most here.")
    if any(length < 0 for length in shape):
        raise Refused(f"An axis cannot have a negative length: {tuple(shape)}.")
    size = math.prod(max(1, length) for length in shape)
    if size > MOST_VALUES:
        amount = f"{size:,}" if size < 10**15 else "more than 10¹⁵"
        raise Refused(f"That would be {amount} numbers; {MOST_VALUES:,} at most here. Look at the sizes again.")
    if size * work > MOST_WORK:
        raise Refused("That product takes too many multiplications. Look at the sizes again.")


def broadcast(*shapes: Sequence[int]) -> tuple[int, ...]:
    """The shape that arrays of these shapes have together, if they can be lined up and are not too large."""
    try:
        shape = np.broadcast_shapes(*map(tuple, shapes))
    except ValueError:
        both = " and ".join(str(tuple(shape)) for shape in shapes if len(shape))
        raise Refused(f"{both} cannot be lined up: compared from the last axis, lengths must be equal or 1.") from None
    require(shape)
    return shape


def whole(number: int) -> int:
    """A Python integer that is small enough to go on with."""
    if abs(number) > MOST_WHOLE:
        raise Refused("That number is too large.")
    return number


def power(base: float, exponent: float) -> float | int:
    """base ** exponent of two plain numbers."""
    wholes = isinstance(base, int) and isinstance(exponent, int) and abs(base) > 1 and exponent > 0
    # Reckoned first: 9 ** 9 ** 9 would have 369 million digits.
    if wholes and int(base).bit_length() * exponent > 2 * MOST_WHOLE.bit_length():
        raise Refused("That power is too large.")
    result = base**exponent
    if isinstance(result, complex):
        raise Refused("A root of a negative number is not a real number.")
    return result
