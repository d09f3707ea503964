"""The allow-list: what `torch`, `np`, `math`, tensors and arrays have here, and nothing else."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from functools import partial, reduce
from typing import Any

import numpy as np
import torch

from core.expressions.calling import ARRAYS, Function
from core.expressions.limits import Refused
from core.expressions.operators import binary
from core.expressions.values import Namespace, Record, Value, shape_of


def _by_name(**names: str) -> dict[str, str]:
    return {name: name if rule == "own" else rule for rule, line in names.items() for name in line.split()}


EACH = "sqrt exp log log2 log10 abs square sign isnan isinf isfinite isneginf tanh ceil floor logical_not"
BOTH = _by_name(
    alone=f"""{EACH} sum prod amax amin argmax argmin all any cumsum mean std var tril triu diagonal swapaxes moveaxis
    flip ravel squeeze reshape full_like transpose""",
    bare="ones_like zeros_like diff",
    pair="maximum minimum logical_and logical_or",
    three="where",
    turned="broadcast_to",
    shape="full",
    square="eye",
    joined="concat concatenate stack",
    matmul="dot",
    own="arange linspace tile outer matmul einsum diag quantile histogram",
)
TORCH = BOTH | _by_name(
    alone="softmax log_softmax logsumexp swapdims movedim permute t unsqueeze flatten unflatten numel clone",
    pair="pow masked_select",
    three="masked_fill max min",
    lengths="ones zeros",
    held="tensor as_tensor",
    joined="cat",
    repeat="repeat_interleave",
    cut="split chunk unbind",
    pieces="tensor_split",
    matmul="mm bmm",
)
TENSOR_METHODS = {
    name: TORCH[name]
    for name in f"""{EACH} sum prod amax amin argmax argmin all any cumsum mean std var tril triu diagonal swapaxes
    moveaxis ravel squeeze transpose softmax log_softmax logsumexp swapdims movedim t unsqueeze flatten unflatten numel
    clone max min pow masked_fill masked_select dot mm bmm matmul split chunk tensor_split unbind repeat_interleave diag
    quantile diff broadcast_to""".split()
} | _by_name(
    bare="item dim contiguous detach cpu numpy float double bool int long",
    alone="to",
    turned="view reshape expand permute flip size",
    tile="repeat tile",
)
NUMPY = BOTH | _by_name(
    alone="max min sort expand_dims array asarray",
    pair="power add subtract multiply divide broadcast_arrays",
    shape="ones zeros",
    square="identity tri",
    pieces="split array_split",
    repeat="repeat",
    quantile="percentile",
    histogram="histogram_bin_edges",
)
ARRAY_METHODS = {
    name: NUMPY[name]
    for name in "sum prod argmax argmin all any cumsum diagonal swapaxes ravel max min mean std var dot squeeze".split()
} | _by_name(bare="item flatten copy", alone="astype", turned="reshape transpose", repeat="repeat")


def _one(value: Value) -> float | int:
    if shape_of(value) != ():
        raise Refused("That wants single numbers; for arrays there is `.max()`, `.min()`, `.float()` and the like.")
    return value.item() if isinstance(value, ARRAYS) else value


def _of_one(run: Callable[[float], Value]) -> Callable[[Value], Value]:
    return lambda x, /: run(_one(x))


def _extreme(run: Callable[[list[float]], float], *x: Value) -> float:
    parts: Value = x[0] if len(x) == 1 and isinstance(x[0], tuple | list | ARRAYS) else x
    return run(parts.tolist() if getattr(parts, "ndim", 0) == 1 else list(map(_one, parts)))


def _float(x: Value = 0, /) -> float:
    try:
        return float(x) if isinstance(x, str) else float(_one(x))
    except ValueError:
        raise Refused("`float` reads numbers, “inf” and “-inf”.") from None


def _len(x: Value, /) -> int:
    if not isinstance(x, tuple | list | ARRAYS) or shape_of(x) == ():
        raise Refused("`len` is for arrays, tuples and lists.")
    return len(x)


def _sum(x: Value, /) -> Value:
    return x.sum(0) if isinstance(x, ARRAYS) else reduce(partial(binary, ast.Add), x, 0)


def _get_submodule(module: Value, path: Value, /) -> Value:
    for step in str(path).split("."):
        parts = module.fields if isinstance(module, Record) else {str(at): part for at, part in enumerate(module)}
        if step not in parts:
            raise Refused(f"There is no module “{str(path)[:80]}”.")
        module = parts[step]
        if not isinstance(module, Record | list):
            raise Refused(f"“{str(path)[:80]}” is no module.")
    return module


def _plain(prefix: str, **runs: Callable[..., Value]) -> dict[str, Value]:
    return {name: Function(prefix + name, run, "plain", "told") for name, run in runs.items()}


def _functions(prefix: str, library: Any, rules: Mapping[str, str], kind: str = "torch") -> dict[str, Value]:
    return {name: Function(prefix + name, getattr(library, name), kind, rule) for name, rule in rules.items()}


CONSTANTS = {name: getattr(math, name) for name in ("inf", "nan", "pi", "e")}
METHODS = {
    torch.Tensor: _functions(".", torch.Tensor, TENSOR_METHODS)
    | {"view": Function(".view", lambda x, *size: x.view(*size), "torch", "turned")},  # never as another dtype
    np.ndarray: _functions(".", np.ndarray, ARRAY_METHODS, "numpy"),
    Record: _plain("", get_submodule=_get_submodule),
}
_SOFTMAX = _by_name(alone="softmax log_softmax")
_FUNCTIONAL = Namespace("torch.nn.functional", _functions("F.", torch.nn.functional, _SOFTMAX))
_TORCH = Namespace(
    "torch",
    {name: getattr(torch, name) for name in "float float32 float64 double bool int int32 int64 long".split()}
    | _functions("torch.", torch, TORCH)
    | CONSTANTS
    | {"from_numpy": Function("torch.from_numpy", torch.as_tensor, "torch", "bare")}  # a tensor by then
    | {"nn": Namespace("torch.nn", {"functional": _FUNCTIONAL})},
)
_NUMPY = Namespace(
    "np",
    {name: np.dtype(name) for name in "float32 float64 int32 int64 bool".split()}
    | _functions("np.", np, NUMPY, "numpy")
    | CONSTANTS
    | {"newaxis": None},
)
_MATH = _plain("math.", **{name: _of_one(getattr(math, name)) for name in "sqrt exp log log2 ceil floor".split()})
NAMES: dict[str, Value] = {
    "torch": _TORCH,
    "np": _NUMPY,
    "numpy": _NUMPY,
    "math": Namespace("math", _MATH | CONSTANTS),
    "F": _FUNCTIONAL,
    **_plain("", abs=abs, bool=_of_one(bool), float=_float, int=_of_one(int), len=_len, sum=_sum),
    **_plain("", max=partial(_extreme, max), min=partial(_extreme, min)),
    **_plain("", round=lambda x, digits=None, /: round(_one(x), digits and max(-20, min(digits, 20)))),
}
"""What an expression may name beside the given arrays."""
