"""The values that an expression may have, and what to call them in a sentence."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Value = Any
"""A number, None, text, a slice, an array or Tensor, a tuple or list of values, a Record; while an expression is being
evaluated also a Function, a Namespace or a dtype."""


class Tensor(np.ndarray):
    """An array that stands for a torch tensor: torch's methods and defaults apply to it."""


@dataclass(frozen=True, eq=False)
class Record:
    """A thing with named fields and nothing else: a config, a module, a named tuple of torch's."""

    name: str
    fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Namespace:
    """`torch`, `np` or `math`: the names in it that expressions may use."""

    name: str
    members: Mapping[str, Value]


def tensor(values: Value) -> Value:
    """The same numbers as tensors, inside tuples and records too."""
    if isinstance(values, np.ndarray | np.generic):
        return np.asarray(values).view(Tensor)
    if isinstance(values, Record):
        return Record(values.name, {name: tensor(value) for name, value in values.fields.items()})
    return type(values)(map(tensor, values)) if isinstance(values, tuple | list) else values


def array(values: Value) -> Value:
    """The same numbers as numpy arrays, inside tuples and records too."""
    if isinstance(values, np.ndarray | np.generic):
        return np.asarray(values)
    if isinstance(values, Record):
        return Record(values.name, {name: array(value) for name, value in values.fields.items()})
    return type(values)(map(array, values)) if isinstance(values, tuple | list) else values


def shape_of(value: Value) -> tuple[int, ...] | None:
    """Of an array or a number (which has none: `()`); None for anything else."""
    if isinstance(value, np.ndarray | np.generic):
        return value.shape
    return () if isinstance(value, int | float) else None


def describe(value: Value) -> str:
    """What a value is, for a sentence: 'a tensor of shape (6, 4)', '0.5', 'the text "fd"'."""
    match value:
        case Tensor():
            return f"a tensor of shape {value.shape}"
        case np.ndarray():
            return f"an array of shape {value.shape}"
        case Record():
            return f"`{value.name}`"
        case tuple() | list():
            return f"a {type(value).__name__} of {len(value)}"
        case str():
            return f"the text “{value[:30]}”"
        case np.dtype():
            return f"the number type {value}"
        case float():
            return f"{value:.6g}"
        case bool() | int() | None:
            return str(value)
        case builtins.Ellipsis:
            return "..."
        case slice():
            return "a slice"
    return f"`{getattr(value, 'name', 'that')}`"


def begun(sentence: str) -> str:
    """With a capital letter, unless it begins with a name."""
    return sentence[:1].upper() + sentence[1:]
