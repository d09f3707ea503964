"""Operators and subscripts of numbers and arrays: shapes first, then Python's own."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from core.expressions.calling import ARRAYS, known, refusal, to_numpy, to_torch
from core.expressions.limits import Refused, broadcast, power, require
from core.expressions.sizes import RULES, many
from core.expressions.values import Record, Value, begun, describe

OPERATORS: dict[type[ast.AST], tuple[str, Callable[..., Any]]] = {
    getattr(ast, kind): (sign, getattr(operator, name))
    for kind, name, sign in map(
        str.split,
        """Add add +, Sub sub -, Mult mul *, Div truediv /, FloorDiv floordiv //, Mod mod %, Pow pow **,
        MatMult matmul @, BitAnd and_ &, BitOr or_ |, BitXor xor ^, Eq eq ==, NotEq ne !=, Lt lt <, LtE le <=, Gt gt >,
        GtE ge >=, USub neg -, UAdd pos +, Invert invert ~, Not not_ not""".split(","),
    )
}


def binary(kind: type[ast.AST], left: Value, right: Value) -> Value:
    """An operator or a comparison between two numbers or arrays."""
    if kind not in OPERATORS:
        raise Refused("That operator is not used here: + - * / // % ** @, comparisons, & and | are.")
    sign, operate = OPERATORS[kind]
    for side in (left, right):
        if kind is ast.MatMult and not isinstance(side, ARRAYS):
            raise Refused(f"`@` stands between matrices; {describe(side)} is none.")
        if not isinstance(side, ARRAYS | int | float):
            raise Refused(f"`{sign}` works on numbers and arrays here; {describe(side)} is neither.")
    try:
        if kind is ast.Pow and not isinstance(left, ARRAYS) and not isinstance(right, ARRAYS):
            return known(power(left, right), sign)
        RULES["matmul" if kind is ast.MatMult else "pair"](left, right)
        if isinstance(left, torch.Tensor) or isinstance(right, torch.Tensor):
            left, right = to_torch(left), to_torch(right)
        return known(operate(left, right), sign)
    except OverflowError:
        raise Refused("That number is too large.") from None
    except (TypeError, NotImplementedError):
        raise Refused(f"`{sign}` does not work between {describe(left)} and {describe(right)} here.") from None
    except Exception as error:
        raise refusal(sign, error, [left, right]) from None


def unary(kind: type[ast.AST], operand: Value) -> Value:
    """A sign, or ~."""
    sign, operate = OPERATORS[kind]
    if not isinstance(operand, int | float if kind is ast.Not else ARRAYS | int | float):
        raise Refused(f"`{sign}` does not work on {describe(operand)}.{' For arrays there is `~`.' * (sign == 'not')}")
    if isinstance(operand, bool) and kind is ast.Invert:
        return not operand  # what numpy and torch do; Python's own is −1 − x
    try:
        return known(operate(operand), sign)
    except (TypeError, RuntimeError):
        raise Refused(f"`{sign}` does not work on {describe(operand)} with its type of numbers.") from None


def subscript(owner: Value, index: Value) -> Value:
    """owner[index]"""
    match owner:
        case torch.Tensor() | np.ndarray():
            return _part(owner, index if isinstance(index, tuple) else (index,))
        case tuple() | list() if isinstance(index, int | slice) and not isinstance(index, bool):
            try:
                return owner[index]
            except (IndexError, ValueError):
                raise Refused(begun(f"{describe(owner)} has no [{index}].")) from None
        case Record() if isinstance(index, str) and index in owner.fields:
            return owner.fields[index]
        case Record() if isinstance(index, int) and -len(owner.fields) <= index < len(owner.fields):
            return list(owner.fields.values())[index]
    raise Refused(begun(f"{describe(owner)} has no part [{describe(index)}] here."))


def _part(owner: Value, index: tuple[Value, ...]) -> Value:
    items = tuple(map(_item, index))
    picked, rest = [], many(owner)
    for item in items:
        if isinstance(item, np.ndarray):  # a mask takes the place of as many as it has; what others leave is less yet
            mask = item.dtype.kind == "b"
            picked.append((int(np.count_nonzero(item)),) if mask else item.shape)
            rest //= max(1, item.size) if mask else 1
    try:
        require((*broadcast(*picked), rest) if picked else ())
        convert = to_torch if isinstance(owner, torch.Tensor) else to_numpy
        return known(owner[tuple(map(convert, items))], "[]")
    except Exception as error:
        raise refusal("[]", error, [owner]) from None


def _item(item: Value) -> Value:
    if isinstance(item, list | tuple) and item and all(isinstance(part, int) for part in item):
        item = np.array(item)
    if isinstance(item, ARRAYS):
        values = np.asarray(item)
        if values.dtype.kind not in "iub":
            raise Refused("An index is whole numbers, or True and False as `mask == 1` gives them.")
        return values if values.ndim or values.dtype.kind == "b" else int(values)
    if isinstance(item, bool) or not (item is None or item is Ellipsis or isinstance(item, int | slice)):
        raise Refused(f"An index is a whole number, a slice, or an array of them; that is {describe(item)}.")
    return item
