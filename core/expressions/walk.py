"""The walk over an expression's syntax tree: every kind of node that is let through stands here."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
import torch

from core.expressions.calling import ARRAYS, Function, call
from core.expressions.limits import MOST_BRACKETS, MOST_CHARACTERS, MOST_DEPTH, MOST_TOTAL, Refused, whole
from core.expressions.names import METHODS, NAMES
from core.expressions.operators import binary, subscript, unary
from core.expressions.values import Namespace, Record, Tensor, Value, begun, describe, each, shape_of

LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
REFUSED: dict[type[ast.AST], str] = {
    **dict.fromkeys(LOOPS, "No loops here: an answer works on whole arrays at once."),
    ast.Lambda: "No functions of your own here: the ones of torch and numpy are enough.",
    ast.NamedExpr: "Nothing gets a name here: leave out `:=`.",
    ast.JoinedStr: "No text is put together here: numbers and arrays only.",
    ast.IfExp: "No `if` here: `where` chooses between two arrays.",
    ast.BoolOp: "`and` and `or` do not work on arrays: `&` and `|` do, with brackets round each side.",
    ast.Starred: "No stars here: write the arguments out.",
    ast.Dict: "No dictionaries here.",
    ast.Set: "No sets here: a list has square brackets, a shape round ones.",
}


def evaluated(expression: str, given: Mapping[str, Value]) -> Value:
    """`core.expressions.evaluate`."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return each(_finished, _Walk(given).value(_parse(expression).body))


def _parse(expression: str) -> ast.Expression:
    """The syntax tree of an expression of bounded length and depth."""
    if len(expression) > MOST_CHARACTERS:
        raise Refused(f"That is {len(expression):,} characters; an answer has at most {MOST_CHARACTERS}.")
    expression = expression.strip()
    if not expression:
        raise Refused("The gap is still empty.")
    opened = deepest = 0
    for character in expression:
        opened += (character in "([{") - (character in ")]}")
        deepest = max(deepest, opened)
    if deepest > MOST_BRACKETS:
        raise Refused(f"{deepest} brackets inside each other; an answer needs at most {MOST_BRACKETS}.")
    try:
        tree = ast.parse(expression, mode="eval")
    except SyntaxError as error:
        raise Refused(_unreadable(expression, error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise Refused("Python cannot read that: there is a character in it that does not belong.") from None
    level: list[ast.AST] = [tree]
    for _ in range(MOST_DEPTH + 2):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise Refused("That is nested too deeply: an answer is one short line.")


def _unreadable(expression: str, error: SyntaxError) -> str:
    try:
        statements = ast.parse(expression).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        place = f", near character {error.offset}" if error.offset else ""
        return f"Python cannot read that{place}: {error.msg}."
    if statements and isinstance(statements[0], ast.Assign):
        return "Only what goes into the gap: leave out the name and the `=` before it."
    return "One expression, please: something that has a value."


def _begun(value: Value) -> Value:
    """A given value as torch and numpy have it; a copy, so that nothing given is ever changed."""
    if isinstance(value, np.ndarray | np.generic):
        copy = np.array(value)
        return torch.from_numpy(copy) if isinstance(value, Tensor) else copy
    return value


def _finished(value: Value) -> Value:
    """The value, if it is one, as it is known outside."""
    if isinstance(value, Function):
        raise Refused(f"`{value.name}` is a function: call it, with brackets after its name.")
    if isinstance(value, Namespace | np.dtype | torch.dtype):
        raise Refused(begun(f"{describe(value)} alone is not a value."))
    return value.numpy().view(Tensor) if isinstance(value, torch.Tensor) else value


class _Walk:
    """One evaluation, and what its arrays add up to so far."""

    def __init__(self, given: Mapping[str, Value]) -> None:
        self.given = given
        self.total = 0

    def value(self, node: ast.expr) -> Value:
        value = self._value(node)
        if isinstance(value, ARRAYS):
            self.total += math.prod(value.shape)
            if self.total > MOST_TOTAL:
                raise Refused("That makes too many numbers on the way. Look at the sizes again.")
        return value

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=constant):
                return _constant(constant)
            case ast.Name(id=name):
                return self._named(name)
            case ast.Attribute(value=owner, attr=name):
                return _attribute(self.value(owner), name)
            case ast.Subscript(value=owner, slice=index):
                return subscript(self.value(owner), self._index(index))
            case ast.Call(func=function, args=args, keywords=keywords):
                return self._called(self.value(function), args, keywords)
            case ast.BinOp(left=left, op=operator, right=right):
                return binary(type(operator), self.value(left), self.value(right))
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                return binary(type(operator), self.value(left), self.value(right))
            case ast.Compare():
                raise Refused("One comparison at a time: join two with `&`, each in brackets.")
            case ast.UnaryOp(op=operator, operand=operand):
                return unary(type(operator), self.value(operand))
            case ast.Tuple(elts=parts):
                return tuple(map(self.value, parts))
            case ast.List(elts=parts):
                return list(map(self.value, parts))
        raise Refused(REFUSED.get(type(node), "That part of Python is not used here."))

    def _named(self, name: str) -> Value:
        if name in self.given:
            return each(_begun, self.given[name])
        if name in NAMES:
            return NAMES[name]
        if name.startswith("_"):
            raise Refused("A name that begins with an underscore is Python's own, and not used here.")
        for place in ("torch", "np"):
            if name in NAMES[place].members:
                raise Refused(f"`{name}` alone is not known: write `{place}.{name}`.")
        near = get_close_matches(name, [*self.given, *NAMES], 1)
        also = f" Did you mean `{near[0]}`?" if near else f" Given here: {', '.join(self.given)}."
        raise Refused(f"There is no `{name[:40]}` here.{also}")

    def _called(self, function: Value, args: list[ast.expr], keywords: list[ast.keyword]) -> Value:
        if not isinstance(function, Function):
            raise Refused(begun(f"{describe(function)} is not a function: no brackets after it."))
        if any(keyword.arg is None for keyword in keywords):
            raise Refused(REFUSED[ast.Starred])
        values = [self.value(arg) for arg in args]
        return call(function, values, {str(keyword.arg): self.value(keyword.value) for keyword in keywords})

    def _index(self, node: ast.expr) -> Value:
        match node:
            case ast.Tuple(elts=parts):
                return tuple(map(self._index, parts))
            case ast.Slice(lower=lower, upper=upper, step=step):
                return slice(self._bound(lower), self._bound(upper), self._bound(step, step=True))
        return self.value(node)

    def _bound(self, node: ast.expr | None, step: bool = False) -> int | None:
        bound = None if node is None else self.value(node)
        if isinstance(bound, ARRAYS) and bound.ndim == 0:
            bound = bound.item()
        if bound is not None and (isinstance(bound, bool) or not isinstance(bound, int)):
            raise Refused(f"A slice goes from a whole number to a whole number; that is {describe(bound)}.")
        if step and bound == 0:
            raise Refused("A slice with step 0 goes nowhere.")
        return bound


def _constant(constant: object) -> Value:
    if isinstance(constant, int) and not isinstance(constant, bool):
        return whole(constant)
    if isinstance(constant, float | str | bool) or constant is None or constant is Ellipsis:
        return constant
    raise Refused("Only numbers, text, True, False and None are written out here.")


def _attribute(owner: Value, name: str) -> Value:
    if name.startswith("_"):
        raise Refused("A name that begins with an underscore is Python's own, and not used here.")
    known = _members(owner)
    if name in known:
        member = known[name]
        unbound = isinstance(member, Function) and not isinstance(owner, Namespace)
        return replace(member, bound=(owner,)) if unbound else member
    near = get_close_matches(name, known, 1)
    also = f" Did you mean `{near[0]}`?" if near else ""
    raise Refused(begun(f"{describe(owner)} has no `{name[:40]}` here.{also}"))


def _members(owner: Value) -> Mapping[str, Value]:
    """What has a name on a value."""
    match owner:
        case Namespace():
            return owner.members
        case Record():
            return {**METHODS[Record], **owner.fields}
        case torch.Tensor() | np.ndarray():
            known = METHODS[torch.Tensor if isinstance(owner, torch.Tensor) else np.ndarray]
            turned = {"mT": owner.mT} if owner.ndim > 1 else {}
            size = {} if isinstance(owner, torch.Tensor) else {"size": owner.size}
            return {**known, **turned, **size, "T": owner.T, "shape": shape_of(owner), "ndim": owner.ndim}
    return {}
