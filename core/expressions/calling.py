"""How a learner's call becomes one of torch's or numpy's: arguments of the right kind, sizes first, or a sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from core.expressions.limits import Refused, require, whole
from core.expressions.sizes import FREE, HARMLESS, RULES
from core.expressions.values import Record, Value, describe, shape_of

ARRAYS = torch.Tensor | np.ndarray
TYPES = {"float": float, "int": int, "bool": bool}
ALSO: dict[str, Any] = {"told": str | Record, "einsum": str, "histogram": str}
"""What functions may be given beside numbers, arrays and their types, by their rule."""
PLACES = """size shape start stop end tensors arrays condition input a x x1 mask other b x2 mat2 vec2 exponent q bins
axes dims reps""".split()
"""Names of arguments on which sizes depend, in the order of the places that they stand for."""
SAID = {
    r"too many indices|single ellipsis": "That index names more axes than the shape {shapes} has.",
    r"(index -?\d+ is out of.*|.*shape of the mask.*|boolean index.*)": "That does not fit the shape {shapes}: {0}.",
    r"argument '(\w+)'.* must be int, not (\w+)": "`{name}` wants a whole number as `{0}`; that is of the type {1}.",
    r"unexpected keyword argument '(\w+)'": "`{name}` is not called like that: it takes no `{0}` here.",
    r"got \((?:\w+, )*(\w+)=\w+": "`{name}` is not called like that: it takes no `{0}`, or not so.",
    r"range of \[(-\d+), (\d+)\], but got (-?\d+)": "There is no axis {2} in shape {shapes}: they go from {0} to {1}.",
    r"axis (-?\d+) is out of bounds for array": "There is no axis {0} in shape {shapes}: the first is 0, the last −1.",
    r"invalid shape dimension (-\d+)": "An axis cannot have a negative length: {0}.",
    r"shape '\[(.*)\]' is invalid for input of size (\d+)": "{1} numbers, the shape {shapes}, do not go into ({0}).",
    r"reshape array of size (\d+) into shape (\(.*\))": "{0} numbers, the shape {shapes}, do not go into {1}.",
    r"multiply up to the size": "The numbers of shape {shapes} do not go into those sizes.",
    r"length of the desired ordering|axes don't match|duplicate dims": "An order names each axis of {shapes} once.",
    r"expects split_sizes to sum": "Pieces of those lengths do not make up the axis; the shape is {shapes}.",
    r"converted to Scalar|to a Python scalar": "`{name}` is for one number; the shape is {shapes}.",
    r"view size is not": "`view` cannot do that after axes were turned: the order is another now. `reshape` can.",
    r"boolean|BoolTensor": "`{name}` wants a mask of True and False, such as `mask == 1`, not of numbers.",
    r"inhomogeneous|same shape|equal size|sequence of length|one element": "`{name}` wants arrays of one shape.",
    r"equal division": "An axis of shape {shapes} does not go into equal pieces.",
    r"than arguments? \d|subscript|remapped": "`{name}` wants a group of letters for each array, and a letter for each "
    "axis and its length; the shapes are {shapes}.",
    r"output dtype|only support floating": "torch takes no mean or spread of True and False or of whole numbers: make "
    "them floats first, with `.float()`.",
    r"step must be greater": "A tensor is not sliced backwards; `.flip(0)` turns it round.",
    r"(?i)zero ?division|by zero|cannot be raised": "That divides by zero.",
}
"""What torch, numpy and Python say of a call that does not fit, by a pattern, and what a learner is told."""


@dataclass(frozen=True)
class Function:
    """A function or bound method that an expression may call.

    `kind` is whose it is: "torch", "numpy" or "plain"; arrays are given to it as that library's. `rule` is in RULES.
    """

    name: str
    run: Callable[..., Value]
    kind: str
    rule: str
    bound: tuple[Value, ...] = ()


def to_torch(value: Value) -> Value:
    """An array as a tensor; a single number of numpy's as Python's, as torch takes it."""
    if isinstance(value, np.ndarray):
        return torch.from_numpy(value.copy()) if value.ndim else value.item()
    return value


def to_numpy(value: Value) -> Value:
    """A tensor as an array."""
    return value.numpy() if isinstance(value, torch.Tensor) else value


CONVERT: dict[str, Callable[[Value], Value]] = {"torch": to_torch, "numpy": to_numpy, "plain": lambda value: value}


def _argument(function: Function, value: Value) -> Value:
    """An argument that may be given on."""
    if isinstance(value, Function) and value.name in TYPES:
        return TYPES[value.name]
    if isinstance(value, tuple | list):
        return type(value)(_argument(function, part) for part in value)
    if isinstance(value, int) and not isinstance(value, bool):
        return whole(value)
    usual = value is None or isinstance(value, bool | float | np.dtype | torch.dtype | ARRAYS)
    if usual or isinstance(value, ALSO.get(function.rule, ())):
        return CONVERT[function.kind](value)
    raise Refused(f"`{function.name}` wants an array or a number; {describe(value)} is neither.")


def call(function: Function, args: Sequence[Value], named: Mapping[str, Value]) -> Value:
    """Call it; anything that does not fit becomes Refused."""
    first = next(iter((*function.bound, *args)), named.get("input"))
    if function.kind == "torch" and function.rule not in FREE and not isinstance(first, ARRAYS | None):
        raise Refused(f"`{function.name}` wants a tensor; {describe(first)} is none.")
    args = [_argument(function, value) for value in (*function.bound, *args)]
    named = {name: _argument(function, value) for name, value in named.items()}
    counted = {name: value for name, value in named.items() if name not in HARMLESS}
    places = [*args, *(counted.pop(name) for name in PLACES if name in counted)]
    try:
        RULES[function.rule](*places, **counted)
        return known(function.run(*args, **named), function.name)
    except Exception as error:
        raise refusal(function.name, error, places) from None


def known(value: Value, name: str) -> Value:
    """A result, if it is of a kind and a size to go on with."""
    if isinstance(value, tuple | list):
        parts = [known(part, name) for part in value]
        if fields := getattr(value, "__match_args__", None):  # a named tuple of torch's
            return Record(type(value).__name__, dict(zip(fields, parts, strict=True)))
        return parts if isinstance(value, list) else tuple(parts)
    value = np.asarray(value) if isinstance(value, np.generic) else value
    if isinstance(value, np.ndarray) and value.dtype.kind not in "biuf":
        raise Refused(f"`{name}` wants an array of numbers.")
    if isinstance(value, ARRAYS):
        require(value.shape)
    return whole(value) if isinstance(value, int) and not isinstance(value, bool) else value


def refusal(name: str, error: Exception, values: Sequence[Value]) -> Refused:
    """The sentence for what calling `name` with these values raised."""
    if isinstance(error, Refused):
        return error
    said = re.sub(r"^[\w.<>]*\(\):? |(, but expected|\n).*", "", str(error), flags=re.DOTALL).rstrip(".,: ")[:160]
    parts = [part for value in values for part in (value if isinstance(value, list | tuple) else [value])]
    shapes = " and ".join(str(shape) for shape in map(shape_of, parts) if shape) or "()"
    for pattern, sentence in SAID.items():
        if found := re.search(pattern, said):
            return Refused(sentence.format(*found.groups(), name=name, shapes=shapes))
    if isinstance(error, TypeError):
        return Refused(f"`{name}` is not called like that here{said and ': '}{said}.")
    return Refused(f"`{name}` cannot do that: {said or 'it does not fit'}.")
