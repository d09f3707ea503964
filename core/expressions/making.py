"""Functions that make arrays from sizes and numbers; whatever grows asks `require` first."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from core.expressions.calling import Array, Dtype, Flag, Int, Lengths, Number, Operand, Shape
from core.expressions.limits import Refused, require

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)
INT64 = np.dtype(np.int64)


def ones(shape: Shape, dtype: Dtype | None = None) -> ndarray:
    """numpy's."""
    require(shape)
    return np.ones(shape, dtype)


def zeros(shape: Shape, dtype: Dtype | None = None) -> ndarray:
    """numpy's."""
    require(shape)
    return np.zeros(shape, dtype)


def full(shape: Shape, fill_value: Number, dtype: Dtype | None = None) -> ndarray:
    """numpy's."""
    require(shape)
    return np.full(shape, fill_value, dtype)


def torch_ones(*size: Lengths, dtype: Dtype = FLOAT32) -> ndarray:
    """torch's: the sizes one after the other, or in a tuple."""
    return ones(size, dtype)


def torch_zeros(*size: Lengths, dtype: Dtype = FLOAT32) -> ndarray:
    """torch's."""
    return zeros(size, dtype)


def torch_full(size: Shape, fill_value: Number, dtype: Dtype | None = None) -> ndarray:
    """torch's: floats are float32."""
    return full(size, fill_value, dtype or (FLOAT32 if isinstance(fill_value, float) else None))


def ones_like(x: Array, dtype: Dtype | None = None) -> ndarray:
    """Of the same shape."""
    return np.ones_like(x, dtype)


def zeros_like(x: Array, dtype: Dtype | None = None) -> ndarray:
    """Of the same shape."""
    return np.zeros_like(x, dtype)


def full_like(x: Array, fill_value: Number, dtype: Dtype | None = None) -> ndarray:
    """Of the same shape, and of the same type of numbers unless another is named."""
    return np.full_like(x, fill_value, dtype)


def eye(n: Int, m: Int | None = None, diagonal: Int = 0, dtype: Dtype = FLOAT64) -> ndarray:
    """Ones on a diagonal."""
    columns = n if m is None else m
    require((n, columns))
    return np.eye(n, columns, diagonal, dtype)


def torch_eye(n: Int, m: Int | None = None, dtype: Dtype = FLOAT32) -> ndarray:
    """Ones on the diagonal."""
    return eye(n, m, 0, dtype)


def tri(n: Int, m: Int | None = None, diagonal: Int = 0, dtype: Dtype = FLOAT64) -> ndarray:
    """Ones on and below a diagonal."""
    columns = n if m is None else m
    require((n, columns))
    return np.tri(n, columns, diagonal, dtype)


def arange(start: Number, end: Number | None = None, step: Number = 1, dtype: Dtype | None = None) -> ndarray:
    """start, start + step …, up to but without the end."""
    if end is None:
        start, end = 0, start
    if step == 0 or not all(map(math.isfinite, (start, end, step))):
        raise Refused("`arange` wants finite numbers, and a step that is not 0.")
    require((max(0, math.ceil(min((end - start) / step, 1e18))),))
    return np.arange(start, end, step).astype(dtype) if dtype else np.arange(start, end, step)


def torch_arange(start: Number, end: Number | None = None, step: Number = 1, dtype: Dtype | None = None) -> ndarray:
    """As arange; floats are float32."""
    if end is not None and (end - start) * step < 0:
        raise Refused("The step of `torch.arange` must lead from the start to the end.")
    made = arange(start, end, step)
    return made.astype(dtype or (FLOAT32 if made.dtype.kind == "f" else INT64))


def linspace(start: Number, end: Number, steps: Int = 50, endpoint: Flag = True) -> ndarray:
    """Equally far apart, both ends included."""
    require((steps,))
    return np.linspace(start, end, steps, endpoint)


def torch_linspace(start: Number, end: Number, steps: Int) -> ndarray:
    """As linspace, float32."""
    return linspace(start, end, steps).astype(np.float32)


def as_array(x: Operand, dtype: Dtype | None = None) -> ndarray:
    """numpy.array, numpy.asarray."""
    return x.astype(dtype or x.dtype)


def as_tensor(x: Operand, dtype: Dtype | None = None) -> ndarray:
    """torch.tensor: Python's floats become float32."""
    return x.astype(dtype or (FLOAT32 if x.dtype.kind == "f" else x.dtype))
