"""What a call would make, reckoned from its arguments before torch or numpy is asked: a rule for like functions.

A rule takes the arguments that its functions may be given, those in HARMLESS aside: any other (`out`, `where`, a
count of rounds) is a TypeError, and so refused. The same call on `meta` tensors would say the sizes too, but torch 2.13
loads its compiler and its algebra for it: 75 to 120 MB and up to two seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from core.expressions.limits import MOST_PIECES, MOST_VALUES, MOST_WORK, Refused, broadcast, require
from core.expressions.values import Value, describe, shape_of

HARMLESS = frozenset(
    """axis axis1 axis2 ddof correction density dim dim0 dim1 dim2 dtype end_dim endpoint fill_value keepdim keepdims
    offset start_dim unbiased value""".split()
)
"""Names of arguments on which no size depends."""


def many(value: Value) -> int:
    """How many numbers, in lists too; an axis of length 0 counts as 1."""
    if isinstance(value, tuple | list):
        return sum(map(many, value))
    return math.prod(max(1, length) for length in np.shape(value))


def ints(lengths: tuple[Value, ...]) -> list[int]:
    """Whole numbers, one after the other or in one tuple or list."""
    return [int(n) for n in (lengths[0] if len(lengths) == 1 and isinstance(lengths[0], tuple | list) else lengths)]


def _alone(x: Value, *how: Value, k: Value = 0, diagonal: Value = 0) -> None:
    if len(how) > 3 or any(map(shape_of, how)):
        raise TypeError("it takes one array")
    require((many(x),))


def _arange(start: Value, end: Value = None, step: Value = 1) -> None:
    first, last = (0.0, float(start)) if end is None else (float(start), float(end))
    if step == 0 or not all(map(math.isfinite, (first, last, step))):
        raise Refused("`arange` wants finite numbers, and a step that is not 0.")
    require((max(0, math.ceil(min((last - first) / step, 1e18))),))


def _tile(x: Value, *times: Value) -> None:
    lengths, repeats = list(np.shape(x)), ints(times)
    axes = max(len(lengths), len(repeats))
    lengths, repeats = ([1] * (axes - len(of)) + of for of in (lengths, repeats))
    require([length * repeat for length, repeat in zip(lengths, repeats, strict=True)])


def _cut(x: Value, *how: Value, split_size_or_sections: Value = None, chunks: Value = 1) -> None:
    if max(np.shape(x), default=0) > MOST_PIECES:
        raise Refused(f"That could be too many pieces; {MOST_PIECES:,} at most here.")


def _pieces(x: Value, sections: Value, dim: Value = 0) -> None:
    _cut(x)
    longest = max(1, *np.shape(x))
    if np.ndim(sections) == 0 and int(sections) > longest:
        raise Refused(f"An axis of at most {longest} does not go into {sections} pieces.")
    require((many(sections), longest))


def _joined(parts: Value, dim: Value = 0) -> None:
    if len(parts) > MOST_PIECES:
        raise Refused(f"Those are too many pieces; {MOST_PIECES:,} at most here.")
    require((many(parts),))


def _matmul(x: Value, y: Value) -> None:
    x, y = tuple(np.shape(x)), tuple(np.shape(y))
    if not x or not y:
        raise Refused("`@` multiplies matrices; for a single number there is `*`.")
    inner, other = x[-1], y[-2 if len(y) > 1 else 0]
    if inner != other:
        which = "last but one" if len(y) > 1 else "only"
        raise Refused(
            f"{x} @ {y} does not fit: the last axis of the left has {inner}, the {which} axis of the right {other}, "
            "and the product sums over both together."
        )
    batch = broadcast(x[:-2], y[:-2])
    require(batch + x[-2:-1] + (y[-1:] if len(y) > 1 else ()), work=max(1, inner))
    require(batch + x[-2:])  # torch copies what it lines up
    require(batch + y[-2:])


def _einsum(spec: Value, *operands: Value) -> None:
    spec = str(spec).replace(" ", "")
    if not re.fullmatch(r"[a-zA-Z]*(,[a-zA-Z]*)*(->[a-zA-Z]*)?", spec):
        raise Refused("`einsum` wants letters here, such as “ij,jk->ik”.")
    before, arrow, after = spec.partition("->")
    sizes: dict[str, int] = {}
    for letters, operand in zip(before.split(","), operands, strict=True):
        for letter, length in zip(letters, np.shape(operand), strict=True):
            sizes[letter] = max(1, length, sizes.get(letter, 1))
    # More than two are multiplied in pairs: what lies between may be as large as all letters make it.
    if math.prod(sizes.values()) > (MOST_WORK if len(operands) < 3 else MOST_VALUES):
        raise Refused("That product takes too many multiplications. Look at the sizes again.")
    require([sizes.get(letter, 1) for letter in (after if arrow else [one for one in sizes if before.count(one) == 1])])


def _histogram(x: Value, bins: Value = 10, range: Value = None, density: Value = False) -> None:
    if isinstance(bins, str):
        if bins not in ("fd", "auto") or range is not None:
            raise Refused("Of numpy's rules for bins “fd” and “auto” are known here, without a range.")
        x = np.asarray(x)
        if x.size and not np.isfinite(x).all():
            raise Refused("Infinite numbers and NaN fit no bins.")
        width = 2 * np.subtract(*np.percentile(x, [75, 25])) / np.cbrt(x.size) if x.size else 0
        bins = math.ceil(min(float(np.ptp(x) / width), 1e18)) if width > 0 else 1
    if isinstance(bins, bool | float | None):
        raise Refused(f"`bins` is a number of bins, their edges, or “fd”; that is {describe(bins)}.")
    require((many(bins) if np.ndim(bins) else int(bins),))


RULES: dict[str, Callable[..., object]] = {
    "told": lambda *values: None,
    "bare": lambda x: None,
    "alone": _alone,
    "held": lambda x: require((many(x),)),
    "turned": lambda x, *places: require([0] * len(ints(places))),
    "pair": lambda x, y=0: broadcast(np.shape(x), np.shape(y)),
    "three": lambda x, y=0, z=0: broadcast(np.shape(x), np.shape(y), np.shape(z)),
    "lengths": lambda *size: require(ints(size)),
    "shape": lambda shape, fill_value=None: require(ints((shape,))),
    "square": lambda n, m=None, k=0: require((int(n), int(n if m is None else m))),
    "arange": _arange,
    "linspace": lambda start, end, steps=50, *, num=None: require((int(num or steps), many(start), many(end))),
    "repeat": lambda x, repeats, dim=None: require((many(x), int(repeats))),
    "tile": _tile,
    "cut": _cut,
    "pieces": _pieces,
    "joined": _joined,
    "outer": lambda x, y: require((many(x), many(y))),
    "diag": lambda x, diagonal=0, *, k=0: require([many(x) + abs(diagonal or k)] * 2 if np.ndim(x) == 1 else []),
    "quantile": lambda x, q, dim=None: require((many(x), many(q))),
    "matmul": _matmul,
    "einsum": _einsum,
    "histogram": _histogram,
}
"""`alone` is one array and a few numbers that say how: nothing larger comes out; `turned` is a view of one; `pair` and
`three` are lined up."""
FREE = ("lengths", "shape", "square", "arange", "linspace", "held", "joined", "einsum")
"""Of torch's functions those whose first argument need be no tensor."""
