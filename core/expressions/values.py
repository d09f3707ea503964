"""The values that an expression may have, and what to call them in a sentence."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Value = Any
"""A number, None, text, a slice, an array or Tensor, a tuple or list of values, a Record; while an expression is being
evaluated also a real tensor, a Function, a Namespace or a dtype."""


class Tensor(np.ndarray):
    """An array that stands for a torch tensor: an expression sees it as one."""


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


def each(run: Callable[[Value], Value], value: Value) -> Value:
    """`run` on a value, or on every value in a tuple, a list or a record."""
    if isinstance(value, Record):
        return Record(value.name, {name: each(run, part) for name, part in value.fields.items()})
    if isinstance(value, tuple | list):
        return (list if isinstance(value, list) else tuple)(each(run, part) for part in value)
    return run(value)


def shape_of(value: Value) -> tuple[int, ...] | None:
    """Of an array or a number (which has none: `()`); None for anything else."""
    if isinstance(value, int | float):
        return ()
    return tuple(value.shape) if hasattr(value, "shape") and not isinstance(value, np.dtype) else None


def describe(value: Value) -> str:
    """What a value is, for a sentence: 'a tensor of shape (6, 4)', '0.5', 'the text "fd"'."""
    kind = type(value).__name__
    if kind.lower().endswith("dtype"):
        return f"the number type {value}"
    if hasattr(value, "shape"):
        return f"{'a tensor' if kind == 'Tensor' else 'an array'} of shape {shape_of(value)}"
    match value:
        case Record():
            return f"`{value.name}`"
        case tuple() | list():
            return f"a {kind} of {len(value)}"
        case str():
            return f"the text “{value[:30]}”"
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
