"""The allow-list: what `torch`, `np`, `math`, tensors and arrays have here, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from core.expressions import arithmetic, making, plain, reducing, selecting, shaping
from core.expressions.calling import Function, Number
from core.expressions.reducing import each, pair
from core.expressions.values import Namespace, Value

Run = Callable[..., Value]

EACH: dict[str, Run] = {
    name: each(getattr(np, name))
    for name in "sqrt exp log log2 log10 abs square sign isnan isinf isfinite isneginf tanh ceil floor".split()
}
BOTH: dict[str, Run] = {
    **EACH,
    "logical_not": each(np.logical_not),
    "maximum": pair(np.maximum),
    "minimum": pair(np.minimum),
    "logical_and": pair(np.logical_and),
    "logical_or": pair(np.logical_or),
    "sum": reducing.total,
    "prod": reducing.product,
    "amax": reducing.largest,
    "amin": reducing.smallest,
    "argmax": reducing.argmax,
    "argmin": reducing.argmin,
    "all": reducing.every,
    "any": reducing.some,
    "cumsum": reducing.cumulative,
    "diff": reducing.differences,
    "quantile": reducing.quantile,
    "matmul": arithmetic.matmul,
    "outer": arithmetic.outer,
    "einsum": arithmetic.einsum,
    "ones_like": making.ones_like,
    "zeros_like": making.zeros_like,
    "full_like": making.full_like,
    "tril": selecting.tril,
    "triu": selecting.triu,
    "diag": selecting.diag,
    "diagonal": selecting.diagonal,
    "reshape": shaping.torch_reshape,
    "swapaxes": shaping.transpose,
    "moveaxis": shaping.moveaxis,
    "flip": shaping.flip,
    "ravel": shaping.ravel,
    "tile": shaping.tile,
    "broadcast_to": shaping.view_as_columns,
    "concatenate": shaping.concatenate,
    "concat": shaping.concatenate,
    "stack": shaping.stack,
}


METHODS: dict[str, Run] = {
    name: BOTH[name] for name in "sum prod argmax argmin all any cumsum diagonal swapaxes ravel".split()
} | {"item": plain.item, "reshape": shaping.reshape}

TORCH: dict[str, Run] = {
    **BOTH,
    "pow": pair(np.power),
    "where": selecting.torch_where,
    "masked_fill": selecting.masked_fill,
    "masked_select": selecting.masked_select,
    "softmax": reducing.softmax,
    "log_softmax": reducing.log_softmax,
    "logsumexp": reducing.logsumexp,
    "mean": reducing.torch_mean,
    "std": reducing.torch_deviation,
    "var": reducing.torch_variance,
    "max": reducing.torch_max,
    "min": reducing.torch_min,
    "dot": arithmetic.torch_dot,
    "mm": arithmetic.mm,
    "bmm": arithmetic.bmm,
    "transpose": shaping.transpose,
    "swapdims": shaping.transpose,
    "movedim": shaping.moveaxis,
    "permute": shaping.numpy_permute,
    "t": shaping.matrix_transpose,
    "squeeze": shaping.torch_squeeze,
    "unsqueeze": shaping.unsqueeze,
    "flatten": shaping.flatten,
    "unflatten": shaping.unflatten,
    "split": shaping.torch_split,
    "chunk": shaping.chunk,
    "tensor_split": shaping.tensor_split,
    "unbind": shaping.unbind,
    "repeat_interleave": shaping.repeat,
    "cat": shaping.concatenate,
    "histogram": selecting.torch_histogram,
    "ones": making.torch_ones,
    "zeros": making.torch_zeros,
    "full": making.torch_full,
    "eye": making.torch_eye,
    "arange": making.torch_arange,
    "linspace": making.torch_linspace,
    "tensor": making.as_tensor,
    "as_tensor": making.as_array,
    "from_numpy": making.as_array,
    "numel": plain.count,
    "clone": plain.copied,
}
TENSOR_METHODS: dict[str, Run] = (
    {name: run for name, run in TORCH.items() if name in EACH}
    | {
        name: TORCH[name]
        for name in """pow masked_fill masked_select softmax log_softmax logsumexp mean std var max min amax amin dot mm
        bmm matmul transpose swapdims movedim moveaxis t squeeze unsqueeze flatten unflatten split chunk tensor_split
        unbind repeat_interleave numel clone tril triu diag quantile diff logical_not tile broadcast_to flip""".split()
    }
    | METHODS
    | {
        "permute": shaping.permute,
        "view": shaping.view,
        "expand": shaping.expand,
        "repeat": shaping.torch_repeat,
        "size": plain.dimension,
        "dim": plain.axes,
        "contiguous": plain.copied,
        "detach": plain.same,
        "cpu": plain.same,
        "numpy": plain.same,
        "to": plain.moved,
        "float": plain.to_type("float32"),
        "double": plain.to_type("float64"),
        "bool": plain.to_type("bool"),
        "int": plain.to_type("int32"),
        "long": plain.to_type("int64"),
    }
)

NUMPY: dict[str, Run] = {
    **BOTH,
    "power": pair(np.power),
    "add": pair(np.add),
    "subtract": pair(np.subtract),
    "multiply": pair(np.multiply),
    "divide": pair(np.divide),
    "where": selecting.where,
    "max": reducing.largest,
    "min": reducing.smallest,
    "mean": reducing.mean,
    "std": reducing.deviation,
    "var": reducing.variance,
    "sort": reducing.in_order,
    "percentile": reducing.percentile,
    "dot": arithmetic.dot,
    "transpose": shaping.numpy_permute,
    "squeeze": shaping.squeeze,
    "expand_dims": shaping.unsqueeze,
    "split": shaping.numpy_split,
    "array_split": shaping.tensor_split,
    "repeat": shaping.repeat,
    "broadcast_arrays": shaping.lined_up,
    "histogram": selecting.histogram,
    "histogram_bin_edges": selecting.histogram_bin_edges,
    "ones": making.ones,
    "zeros": making.zeros,
    "full": making.full,
    "eye": making.eye,
    "identity": making.eye,
    "tri": making.tri,
    "arange": making.arange,
    "linspace": making.linspace,
    "array": making.as_array,
    "asarray": making.as_array,
}
ARRAY_METHODS: dict[str, Run] = (
    {name: NUMPY[name] for name in "max min mean std var dot squeeze repeat".split()}
    | METHODS
    | {"transpose": shaping.numpy_transpose, "flatten": shaping.ravel, "copy": plain.copied, "astype": plain.converted}
)

DTYPES = {
    "float": np.float32,
    "float32": np.float32,
    "float64": np.float64,
    "double": np.float64,
    "bool": np.bool_,
    "int": np.int32,
    "int32": np.int32,
    "int64": np.int64,
    "long": np.int64,
}


RECORD_METHODS: dict[str, Run] = {"get_submodule": plain.submodule}


def _functions(prefix: str, runs: Mapping[str, Run], kind: str) -> dict[str, Value]:
    return {name: Function(prefix + name, run, kind) for name, run in runs.items()}


def _plain(**numbers: Callable[[float], float]) -> dict[str, Value]:
    def of_number(run: Callable[[float], float]) -> Run:
        def calculated(x: Number) -> float:
            return run(x)

        return calculated

    return {name: Function(f"math.{name}", of_number(run), "plain") for name, run in numbers.items()}


_CONSTANTS = {"inf": math.inf, "nan": math.nan, "pi": math.pi, "e": math.e}
_FUNCTIONAL = Namespace(
    "torch.nn.functional",
    _functions("F.", {name: TORCH[name] for name in ("softmax", "log_softmax")}, "torch"),
)
_TORCH = Namespace(
    "torch",
    {name: np.dtype(kind) for name, kind in DTYPES.items()}
    | _functions("torch.", TORCH, "torch")
    | _CONSTANTS
    | {"nn": Namespace("torch.nn", {"functional": _FUNCTIONAL})},
)
_NUMPY = Namespace(
    "np",
    {name: np.dtype(DTYPES[name]) for name in ("float32", "float64", "int32", "int64")}
    | {"bool": np.dtype(bool), "newaxis": None}
    | _functions("np.", NUMPY, "numpy")
    | _CONSTANTS,
)
_MATH = Namespace(
    "math",
    _plain(sqrt=math.sqrt, exp=math.exp, log=math.log, log2=math.log2, ceil=math.ceil, floor=math.floor) | _CONSTANTS,
)
NAMES: dict[str, Value] = {
    "torch": _TORCH,
    "np": _NUMPY,
    "numpy": _NUMPY,
    "math": _MATH,
    "F": _FUNCTIONAL,
    **_functions(
        "",
        {
            "abs": plain.magnitude,
            "bool": plain.to_truth,
            "float": plain.to_float,
            "int": plain.to_whole,
            "len": plain.length,
            "max": plain.highest,
            "min": plain.lowest,
            "round": plain.rounded,
            "sum": plain.added_up,
        },
        "plain",
    ),
}
"""What an expression may name beside the given arrays."""
