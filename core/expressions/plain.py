"""Python's own functions on numbers, and the small methods that change a type, count, or look a module up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from core.expressions.arithmetic import as_operands
from core.expressions.calling import Array, Dtype, Number, Text, to_array, to_arrays
from core.expressions.limits import Refused, require
from core.expressions.values import Record, Value, shape_of


def converted(x: Array, dtype: Dtype) -> ndarray:
    """The same numbers of another type."""
    return x.astype(dtype)


def moved(x: Array, where: Value) -> ndarray:
    """torch's to(): another type, or a device, which changes nothing here."""
    return x.astype(where) if isinstance(where, np.dtype) else x


def to_type(name: str) -> Callable[[ndarray], ndarray]:
    """A method that gives the numbers another type."""

    def typed(x: Array) -> ndarray:
        return x.astype(name)

    return typed


def same(x: Array) -> ndarray:
    """The same numbers."""
    return x


def copied(x: Array) -> ndarray:
    """The same numbers in order."""
    return x.copy()


def item(x: Array) -> float | int:
    """One number out of an array that holds one."""
    if x.size != 1:
        raise Refused(f"`item` is for one number; the shape is {x.shape}.")
    return x.item()


def dimension(x: Array, dim: Value = None) -> Value:
    """torch's size()."""
    return x.shape if dim is None else x.shape[dim]


def count(x: Array) -> int:
    """How many numbers."""
    return x.size


def axes(x: Array) -> int:
    """How many axes."""
    return x.ndim


def to_float(x: Value = 0) -> float:
    """float(…), of text too: float("-inf")."""
    if isinstance(x, str):
        try:
            return float(x)
        except ValueError:
            raise Refused("`float` reads numbers, “inf” and “-inf”.") from None
    return float(_one(x))


def to_whole(x: Number) -> int:
    """int(…)"""
    return int(x)


def to_truth(x: Number) -> bool:
    """bool(…)"""
    return bool(x)


def length(x: Value) -> int:
    """len(…): of the first axis."""
    if not isinstance(x, tuple | list | ndarray) or shape_of(x) == ():
        raise Refused("`len` is for arrays, tuples and lists.")
    return len(x)


def magnitude(x: Value) -> Value:
    """abs(…)"""
    return abs(x) if isinstance(x, int | float) else as_operands(np.abs(to_array(x)), x)


def rounded(x: Number, digits: Value = None) -> float | int:
    """round(…)"""
    return round(x, digits if isinstance(digits, int) and abs(digits) < 20 else None)


def highest(*x: Value) -> Value:
    """max(…) of numbers."""
    return max(_numbers(x))


def lowest(*x: Value) -> Value:
    """min(…) of numbers."""
    return min(_numbers(x))


def added_up(x: Value) -> Value:
    """sum(…) of the parts along the first axis."""
    parts = to_arrays(x)
    if len({part.shape for part in parts}) > 1:
        raise Refused("`sum` wants parts of one shape.")
    require((len(parts), *(parts[0].shape if parts else ())))
    whole = np.sum(parts, axis=0)
    return as_operands(whole, x, *x) if any(isinstance(part, ndarray) for part in (x, *x)) else whole.item()


def _numbers(x: tuple[Value, ...]) -> list[float]:
    return [_one(part) for part in (x[0] if len(x) == 1 and isinstance(x[0], tuple | list | ndarray) else x)]


def _one(x: Value) -> float | int:
    if shape_of(x) != ():
        raise Refused("That wants single numbers; for arrays there is `.max()`, `.min()`, `.float()` and the like.")
    return x.item() if isinstance(x, ndarray) else x


def submodule(module: Value, path: Text) -> Value:
    """get_submodule: a module by its dotted path."""
    for step in path.split("."):
        parts = module.fields if isinstance(module, Record) else {str(at): part for at, part in enumerate(module)}
        if step not in parts:
            raise Refused(f"There is no module “{path[:80]}”.")
        module = parts[step]
        if not isinstance(module, Record | list):
            raise Refused(f"“{path[:80]}” is no module.")
    return module
