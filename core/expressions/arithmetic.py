"""Operators on numbers and arrays, products among them: shapes first, then numpy."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray

from core.expressions.calling import Array, Each, Text
from core.expressions.limits import MOST_WORK, Refused, broadcast, power, require, whole
from core.expressions.values import Tensor, Value, array, describe, tensor

BINARY: dict[type[ast.AST], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow),
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.BitXor: ("^", operator.xor),
    ast.Eq: ("==", operator.eq),
    ast.NotEq: ("!=", operator.ne),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
UNARY: dict[type[ast.AST], tuple[str, Callable[[Any], Any]]] = {
    ast.USub: ("-", operator.neg),
    ast.UAdd: ("+", operator.pos),
    ast.Invert: ("~", operator.invert),
    ast.Not: ("not", operator.not_),
}


def matmul(x: Array, y: Array) -> ndarray:
    """x @ y, as numpy and torch both have it."""
    if not x.ndim or not y.ndim:
        raise Refused("`@` multiplies matrices; for a single number there is `*`.")
    inner, other = x.shape[-1], y.shape[-2 if y.ndim > 1 else 0]
    if inner != other:
        which = "last but one" if y.ndim > 1 else "only"
        raise Refused(
            f"{x.shape} @ {y.shape} does not fit: the last axis of the left has {inner}, the {which} axis of the "
            f"right {other}, and the product sums over both together."
        )
    batch = broadcast(x.shape[:-2], y.shape[:-2])
    require(batch + x.shape[-2:-1] + (y.shape[-1:] if y.ndim > 1 else ()), work=max(1, inner))
    return x @ y


def dot(x: Array, y: Array) -> ndarray:
    """The product of two vectors or matrices."""
    if max(x.ndim, y.ndim) > 2:
        raise Refused("`dot` is for vectors and matrices here; for more axes there is `@`.")
    return matmul(x, y)


def torch_dot(x: Array, y: Array) -> ndarray:
    """The product of two vectors."""
    return matmul(x, _with_axes(y, 1, _with_axes(x, 1, y)))


def mm(x: Array, y: Array) -> ndarray:
    """The product of two matrices."""
    return matmul(x, _with_axes(y, 2, _with_axes(x, 2, y)))


def bmm(x: Array, y: Array) -> ndarray:
    """The products of two stacks of matrices, of equal length."""
    if _with_axes(x, 3, x).shape[0] != _with_axes(y, 3, y).shape[0]:
        raise Refused(f"`bmm` wants as many matrices on both sides: {x.shape}, {y.shape}.")
    return matmul(x, y)


def outer(x: Array, y: Array) -> ndarray:
    """Every product of an entry of one with an entry of the other."""
    require((x.size, y.size))
    return np.outer(x, y)


def einsum(spec: Text, *operands: Each) -> ndarray:
    """Einstein's summation, with one letter an axis."""
    spec = spec.replace(" ", "")
    if not re.fullmatch(r"[a-zA-Z]*(,[a-zA-Z]*)*(->[a-zA-Z]*)?", spec):
        raise Refused("`einsum` wants letters here, such as “ij,jk->ik”.")
    inputs = spec.partition("->")[0].split(",")
    if len(inputs) != len(operands):
        raise Refused(f"“{spec}” names {len(inputs)} arrays, and {len(operands)} are given.")
    lengths: dict[str, int] = {}
    for letters, operand in zip(inputs, operands, strict=True):
        if len(letters) != operand.ndim:
            raise Refused(f"“{letters}” names {len(letters)} axes; the array has the shape {operand.shape}.")
        for letter, length in zip(letters, operand.shape, strict=True):
            if lengths.setdefault(letter, length) != length:
                raise Refused(f"“{letter}” stands for {lengths[letter]} and for {length}: one letter, one length.")
    if math.prod(max(1, length) for length in lengths.values()) > MOST_WORK:
        raise Refused("That product takes too many multiplications. Look at the sizes again.")
    _, arrow, output = spec.partition("->")
    kept = output if arrow else [letter for letter in lengths if "".join(inputs).count(letter) == 1]
    require([lengths.get(letter, 1) for letter in kept])
    return np.einsum(spec, *operands)


def _with_axes(x: ndarray, axes: int, _: object) -> ndarray:
    if x.ndim != axes:
        raise Refused(f"That function wants {axes} axes; the shape is {x.shape}.")
    return x


def binary(kind: type[ast.AST], left: Value, right: Value) -> Value:
    """An operator or a comparison between two numbers or arrays."""
    if kind is ast.MatMult:
        for side in (left, right):
            if not isinstance(side, ndarray):
                raise Refused(f"`@` stands between matrices; {describe(side)} is none.")
        return as_operands(matmul(np.asarray(left), np.asarray(right)), left, right)
    if kind not in BINARY:
        raise Refused("That operator is not used here: + - * / // % ** @, comparisons, & and | are.")
    sign, operate = BINARY[kind]
    for side in (left, right):
        if not isinstance(side, ndarray | int | float):
            raise Refused(f"`{sign}` works on numbers and arrays here; {describe(side)} is neither.")
    try:
        if isinstance(left, ndarray) or isinstance(right, ndarray):
            broadcast(np.shape(left), np.shape(right))
            return as_operands(operate(_plain(left), _plain(right)), left, right)
        result = power(left, right) if kind is ast.Pow else operate(left, right)
    except ZeroDivisionError:
        raise Refused("That divides by zero.") from None
    except OverflowError:
        raise Refused("That number is too large.") from None
    except (TypeError, ValueError):
        raise Refused(f"`{sign}` does not work between {describe(left)} and {describe(right)} here.") from None
    return whole(result) if isinstance(result, int) and not isinstance(result, bool) else result


def unary(kind: type[ast.AST], operand: Value) -> Value:
    """A sign, or ~."""
    sign, operate = UNARY[kind]
    wanted = int | float if kind is ast.Not else ndarray | int | float
    if not isinstance(operand, wanted):
        hint = " For arrays there is `~`." if kind is ast.Not else ""
        raise Refused(f"`{sign}` does not work on {describe(operand)}.{hint}")
    if isinstance(operand, bool) and kind is ast.Invert:
        return not operand  # what numpy and torch do; Python's own is −1 − x
    try:
        result = operate(_plain(operand))
    except TypeError:
        raise Refused(f"`{sign}` does not work on {describe(operand)} with its type of numbers.") from None
    return as_operands(result, operand) if isinstance(operand, ndarray) else result


def _plain(side: Value) -> Value:
    return np.asarray(side) if isinstance(side, ndarray) else side


def as_operands(result: Value, *operands: Value) -> Value:
    """A tensor where an operand was one, else an array."""
    return tensor(result) if any(isinstance(operand, Tensor) for operand in operands) else array(result)
