"""How a learner's call becomes one of ours: arguments by either library's names, of the right kind, or a sentence."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, get_args, get_type_hints

import numpy as np
from numpy import ndarray

from core.expressions.limits import Refused, require, whole
from core.expressions.values import Value, array, describe, shape_of, tensor

# The same argument under other names: numpy's, and torch's older ones.
SPELLINGS = {
    "axis": "dim",
    "axis1": "dim1",
    "axis2": "dim2",
    "keepdims": "keepdim",
    "ddof": "correction",
    "k": "diagonal",
    "stop": "end",
    "num": "steps",
    "indices_or_sections": "sections",
    "split_size_or_sections": "sections",
    "split_size": "sections",
    "dims": "dim",
    "a": "x",
    "arr": "x",
    "input": "x",
    "x1": "x",
    "m": "x",
    "arrays": "parts",
    "tensors": "parts",
    "other": "y",
    "x2": "y",
    "repeats": "times",
    "reps": "times",
}


class Unfit(Exception):
    """What an argument should have been."""


@dataclass(frozen=True)
class Function:
    """A function or bound method that an expression may call.

    `kind` is what its results are: "torch" or "numpy"; "plain" leaves them as they are. A torch function takes
    tensors where a numpy one also takes numbers and lists.
    """

    name: str
    run: Callable[..., Value]
    kind: str
    bound: tuple[Value, ...] = ()


def to_array(value: Value) -> ndarray:
    """An array of an array, a number or nested lists of numbers."""
    if isinstance(value, ndarray):
        return np.asarray(value)
    if isinstance(value, int | float):
        return np.asarray(value)
    if not isinstance(value, list | tuple):
        raise Unfit("an array")
    parts = [to_array(part) for part in value]
    if len({part.shape for part in parts}) > 1:
        raise Unfit("arrays of one shape")
    require((len(parts), *(parts[0].shape if parts else ())))
    return np.array(parts)


def to_arrays(value: Value) -> list[ndarray]:
    """Several arrays, of a list, a tuple, or the rows of an array."""
    if not isinstance(value, list | tuple | ndarray) or (not shape_of(value) and isinstance(value, ndarray)):
        raise Unfit("a list of arrays")
    return [to_array(part) for part in value]


def to_int(value: Value) -> int:
    """A whole number."""
    if shape_of(value) == () and isinstance(value, ndarray) and value.dtype.kind in "iu":
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit("a whole number")
    return whole(value)


def to_number(value: Value) -> float | int:
    """One number."""
    if shape_of(value) != ():
        raise Unfit("one number")
    number = value.item() if isinstance(value, ndarray) else value
    return whole(number) if isinstance(number, int) else number


def to_ints(value: Value) -> tuple[int, ...]:
    """Whole numbers, one after the other or in a tuple or list."""
    if isinstance(value, tuple | list):
        if len(value) == 1 and isinstance(value[0], tuple | list):
            value = value[0]
        return tuple(to_int(part) for part in value)
    return (to_int(value),)


def to_dims(value: Value) -> int | tuple[int, ...]:
    """One axis, or several."""
    return tuple(to_int(part) for part in value) if isinstance(value, tuple | list) else to_int(value)


def to_flag(value: Value) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise Unfit("True or False")
    return value


def to_text(value: Value) -> str:
    """Text."""
    if not isinstance(value, str):
        raise Unfit("text")
    return value


def to_dtype(value: Value) -> np.dtype:
    """A number type: float, bool, torch.float32, np.int64 …"""
    if isinstance(value, Function) and value.name in ("float", "int", "bool"):
        value = np.dtype(value.name)
    if not isinstance(value, np.dtype):
        raise Unfit("a number type such as float or torch.float32")
    return value


Array = Annotated[ndarray, to_array]
"""For torch a tensor; for numpy also what becomes an array."""
Operand = Annotated[ndarray, to_array, "or a number"]
"""An array, and for torch also a plain number."""
Arrays = Annotated[list[ndarray], to_arrays]
Each = Annotated[ndarray, to_arrays]
"""For `*arrays`."""
Int = Annotated[int, to_int]
Number = Annotated[float, to_number]
Shape = Annotated[tuple[int, ...], to_ints]
Lengths = Annotated[int, to_ints]
"""For `*lengths`: each a whole number, or all in one tuple."""
Dims = Annotated[int | tuple[int, ...], to_dims]
Flag = Annotated[bool, to_flag]
Text = Annotated[str, to_text]
Dtype = Annotated[np.dtype, to_dtype]


@cache
def _plan(run: Callable[..., Value]) -> tuple[inspect.Signature, Mapping[str, tuple[Callable[..., Value], bool]]]:
    """A function's signature; for each argument how it is converted, and whether torch wants a tensor for it."""
    converters = {}
    for name, hint in get_type_hints(run, include_extras=True).items():
        for part in (hint, *get_args(hint)):  # `Dims` or `Dims | None`
            if metadata := getattr(part, "__metadata__", ()):
                converters[name] = (metadata[0], metadata == (to_array,))
    return inspect.signature(run), converters


def call(function: Function, args: Sequence[Value], named: Mapping[str, Value]) -> Value:
    """Call it; anything that does not fit becomes Refused."""
    signature, converters = _plan(function.run)
    names = signature.parameters
    renamed = {name if name in names else SPELLINGS.get(name, name): value for name, value in named.items()}
    try:
        bound = signature.bind(*function.bound, *args, **renamed)
    except TypeError as error:
        raise Refused(f"`{function.name}` is not called like that: {error}.") from None
    for name, value in bound.arguments.items():
        if name not in converters or value is names[name].default:
            continue
        converter, wants_tensor = converters[name]
        if wants_tensor and function.kind == "torch" and not isinstance(value, ndarray):
            raise Refused(f"`{function.name}` wants a tensor; {describe(value)} is none.")
        try:
            bound.arguments[name] = converter(value)
        except Unfit as unfit:
            raise Refused(f"`{function.name}` wants {unfit} as `{name}`; that is {describe(value)}.") from None
    try:
        result = function.run(*bound.args, **bound.kwargs)
    except Unfit as unfit:
        raise Refused(f"`{function.name}` wants {unfit}.") from None
    except (TypeError, ValueError, IndexError, ArithmeticError, MemoryError) as error:
        said = (str(error) or "it does not fit").splitlines()[0].rstrip(".")
        raise Refused(f"`{function.name}` cannot do that: {said}.") from None
    return {"torch": tensor, "numpy": array, "plain": lambda value: value}[function.kind](result)
