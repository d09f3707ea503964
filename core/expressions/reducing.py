"""Functions of every entry, and sums, means, spreads and extremes over axes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from core.expressions.calling import Array, Dims, Flag, Int, Number, Operand
from core.expressions.limits import Refused, axis_of, broadcast
from core.expressions.values import Record

Axes = tuple[int, ...]


def each(function: Callable[[ndarray], ndarray]) -> Callable[[ndarray], ndarray]:
    """A function of every entry."""

    def of_each(x: Array) -> ndarray:
        return function(x)

    return of_each


def pair(function: Callable[[ndarray, ndarray], ndarray]) -> Callable[[ndarray, ndarray], ndarray]:
    """A function of two entries, lined up."""

    def of_pairs(x: Operand, y: Operand) -> ndarray:
        broadcast(x.shape, y.shape)
        return function(x, y)

    return of_pairs


def axes_of(x: ndarray, dim: int | Axes | None) -> Axes:
    """The axes that are meant, counted from 0; all for None."""
    if dim is None:
        return tuple(range(x.ndim))
    return tuple(axis_of(x, axis) for axis in (dim if isinstance(dim, tuple) else (dim,)))


def total(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Sum."""
    return np.sum(x, axis=axes_of(x, dim), keepdims=keepdim)


def product(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Product."""
    return np.prod(x, axis=axes_of(x, dim), keepdims=keepdim)


def mean(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Sum over count; NaN for none, silently."""
    axes = axes_of(x, dim)
    return np.true_divide(np.sum(x, axis=axes, keepdims=keepdim, dtype=_float(x)), _count(x, axes))


def torch_mean(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """As mean, of floats only."""
    return mean(_floats(x), dim, keepdim)


def variance(x: Array, dim: Dims | None = None, *, correction: Number = 0, keepdim: Flag = False) -> ndarray:
    """Squared distances from the mean over (count − correction)."""
    axes = axes_of(x, dim)
    squares = np.square(x - mean(x, axes, True))
    return np.true_divide(np.sum(squares, axis=axes, keepdims=keepdim), max(0, _count(x, axes) - correction))


def deviation(x: Array, dim: Dims | None = None, *, correction: Number = 0, keepdim: Flag = False) -> ndarray:
    """Root of the variance."""
    return np.sqrt(variance(x, dim, correction=correction, keepdim=keepdim))


def torch_variance(
    x: Array,
    dim: Dims | None = None,
    unbiased: Flag = True,
    keepdim: Flag = False,
    *,
    correction: Number | None = None,
) -> ndarray:
    """As variance, of floats only, over n − 1 unless told otherwise."""
    taken = int(unbiased) if correction is None else correction
    return variance(_floats(x), dim, correction=taken, keepdim=keepdim)


def torch_deviation(
    x: Array,
    dim: Dims | None = None,
    unbiased: Flag = True,
    keepdim: Flag = False,
    *,
    correction: Number | None = None,
) -> ndarray:
    """Root of torch's variance."""
    return np.sqrt(torch_variance(x, dim, unbiased, keepdim, correction=correction))


def largest(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Maximum."""
    return np.max(x, axis=axes_of(x, dim), keepdims=keepdim)


def smallest(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Minimum."""
    return np.min(x, axis=axes_of(x, dim), keepdims=keepdim)


def torch_max(x: Array, dim: Operand | None = None, keepdim: Flag = False) -> ndarray | Record:
    """Of all, along an axis with the indices, or entry by entry of two tensors."""
    return _extreme(x, dim, keepdim, np.maximum, np.max, np.argmax)


def torch_min(x: Array, dim: Operand | None = None, keepdim: Flag = False) -> ndarray | Record:
    """As torch_max."""
    return _extreme(x, dim, keepdim, np.minimum, np.min, np.argmin)


def _extreme(
    x: ndarray, dim: ndarray | None, keepdim: bool, both: Callable, along: Callable, where: Callable
) -> ndarray | Record:
    if dim is None:
        return along(x)
    if dim.ndim:
        return pair(both)(x, dim)
    axis = axis_of(x, int(dim))
    values, indices = along(x, axis=axis, keepdims=keepdim), where(x, axis=axis, keepdims=keepdim)
    return Record("values and indices", {"values": values, "indices": indices})


def argmax(x: Array, dim: Int | None = None, keepdim: Flag = False) -> ndarray:
    """Where the largest entry is."""
    return np.argmax(x, axis=None if dim is None else axis_of(x, dim), keepdims=keepdim)


def argmin(x: Array, dim: Int | None = None, keepdim: Flag = False) -> ndarray:
    """Where the smallest entry is."""
    return np.argmin(x, axis=None if dim is None else axis_of(x, dim), keepdims=keepdim)


def every(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Whether all are true."""
    return np.all(x, axis=axes_of(x, dim), keepdims=keepdim)


def some(x: Array, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Whether any is true."""
    return np.any(x, axis=axes_of(x, dim), keepdims=keepdim)


def cumulative(x: Array, dim: Int | None = None) -> ndarray:
    """Running sums."""
    return np.cumsum(x, axis=None if dim is None else axis_of(x, dim))


def differences(x: Array, *, dim: Int = -1) -> ndarray:
    """Of neighbours."""
    return np.diff(x, axis=axis_of(x, dim))


def in_order(x: Array, dim: Int = -1) -> ndarray:
    """numpy.sort."""
    return np.sort(x, axis=axis_of(x, dim))


def quantile(x: Array, q: Operand, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """Linear between neighbours."""
    axes = axes_of(x, dim)
    broadcast((q.size, *(length for axis, length in enumerate(x.shape) if axis not in axes)))
    return np.quantile(x, q, axis=axes, keepdims=keepdim)


def percentile(x: Array, q: Operand, dim: Dims | None = None, keepdim: Flag = False) -> ndarray:
    """quantile, with q from 0 to 100."""
    return quantile(x, q / 100, dim, keepdim)


def softmax(x: Array, dim: Int) -> ndarray:
    """exp over the sum of exp, along one axis."""
    axis = axis_of(x, dim)
    weights = np.exp(x - x.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def log_softmax(x: Array, dim: Int) -> ndarray:
    """Logarithm of softmax."""
    return x - logsumexp(x, dim, True)


def logsumexp(x: Array, dim: Dims, keepdim: Flag = False) -> ndarray:
    """Logarithm of the sum of exp."""
    axes = axes_of(x, dim)
    highest = x.max(axis=axes, keepdims=True)
    sums = np.log(np.exp(x - highest).sum(axis=axes, keepdims=True)) + highest
    return sums if keepdim else np.squeeze(sums, axes)


def _floats(x: ndarray) -> ndarray:
    """torch takes means of floats only."""
    if x.dtype.kind != "f":
        what = "True and False" if x.dtype.kind == "b" else "whole numbers"
        raise Refused(f"torch takes no mean or spread of {what}: make them floats first, with `.float()`.")
    return x


def _float(x: ndarray) -> np.dtype:
    return x.dtype if x.dtype.kind == "f" else np.dtype(float)


def _count(x: ndarray, axes: Axes) -> int:
    return int(np.prod([x.shape[axis] for axis in axes], dtype=int))
