"""Triangles, diagonals, masks, subscripts and histograms."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from core.expressions.calling import Array, Flag, Int, Number, Operand
from core.expressions.limits import Refused, axis_of, broadcast, require, whole
from core.expressions.values import Record, Tensor, Value, array, begun, describe, tensor


def tril(x: Array, diagonal: Int = 0) -> ndarray:
    """0 above a diagonal."""
    return np.tril(_matrix(x), diagonal)


def triu(x: Array, diagonal: Int = 0) -> ndarray:
    """0 below a diagonal."""
    return np.triu(_matrix(x), diagonal)


def diag(x: Array, diagonal: Int = 0) -> ndarray:
    """A vector on a diagonal, or a matrix's diagonal."""
    if x.ndim == 1:
        require((x.size + abs(diagonal),) * 2)
    return np.diag(x, diagonal)


def diagonal(x: Array, offset: Int = 0, dim1: Int = 0, dim2: Int = 1) -> ndarray:
    """Entries at equal places of two axes, which become the last axis."""
    return np.diagonal(_matrix(x), offset, axis_of(x, dim1), axis_of(x, dim2))


def where(condition: Array, x: Operand, y: Operand) -> ndarray:
    """x where true, y elsewhere."""
    broadcast(condition.shape, x.shape, y.shape)
    return np.where(condition, x, y)


def torch_where(condition: Array, x: Operand, y: Operand) -> ndarray:
    """As where; the condition must be True and False."""
    return where(_truths(condition, "where"), x, y)


def masked_fill(x: Array, mask: Array, value: Number) -> ndarray:
    """x with one value where the mask is true."""
    broadcast(x.shape, mask.shape)
    return np.where(_truths(mask, "masked_fill"), x.dtype.type(value), x)


def masked_select(x: Array, mask: Array) -> ndarray:
    """The entries where the mask is true, row by row."""
    shape = broadcast(x.shape, mask.shape)
    return np.broadcast_to(x, shape)[np.broadcast_to(_truths(mask, "masked_select"), shape)]


def histogram(x: Array, bins: Value = 10, range: Value = None, density: Flag = False) -> tuple[ndarray, ndarray]:
    """Counts (or the density) and the edges."""
    counts, edges = np.histogram(x, _bins(x, bins, range), _limits(range), density)
    return counts.astype(float) if density else counts, edges


def histogram_bin_edges(x: Array, bins: Value = 10, range: Value = None) -> ndarray:
    """The edges alone."""
    return np.histogram_bin_edges(x, _bins(x, bins, range), _limits(range))


def torch_histogram(x: Array, bins: Value, *, range: Value = None, density: Flag = False) -> Record:
    """torch's, with its two names."""
    if isinstance(bins, str):
        raise Refused("`torch.histogram` knows no rule by name; `np.histogram` does.")
    counts, edges = histogram(x, bins, range, density)
    return Record("histogram", {"hist": counts, "bin_edges": edges})


def subscript(owner: Value, index: Value) -> Value:
    """owner[index]"""
    match owner:
        case np.ndarray():
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


def _part(owner: ndarray, index: tuple[Value, ...]) -> ndarray:
    items = tuple(_item(item, isinstance(owner, Tensor)) for item in index)
    _check_size(owner, items)
    try:
        part = np.asarray(owner)[items]
    except (IndexError, ValueError) as error:
        raise Refused(f"That does not fit the shape {owner.shape}: {error}.") from None
    return tensor(part) if isinstance(owner, Tensor) else array(part)


def _item(item: Value, of_tensor: bool) -> Value:
    if isinstance(item, slice):
        if of_tensor and item.step is not None and item.step < 1:
            raise Refused("A tensor is not sliced backwards; `.flip(0)` turns it round.")
        return item
    if isinstance(item, list | tuple) and item and all(isinstance(part, int) for part in item):
        item = np.array([part if isinstance(part, bool) else whole(part) for part in item])
    if isinstance(item, ndarray):
        if item.dtype.kind not in "iub":
            raise Refused("An index is whole numbers, or True and False as `mask == 1` gives them.")
        return int(item) if item.ndim == 0 and item.dtype.kind != "b" else np.asarray(item)
    if isinstance(item, bool) or not (item is None or item is Ellipsis or isinstance(item, int)):
        raise Refused(f"An index is a whole number, a slice, or an array of them; that is {describe(item)}.")
    return item


def _check_size(owner: ndarray, items: tuple[Value, ...]) -> None:
    """Refuse what indexing with arrays would make too large."""
    taken = sum(item.ndim if isinstance(item, ndarray) and item.dtype.kind == "b" else 1
                for item in items if item is not None and item is not Ellipsis)  # fmt: skip
    if taken > owner.ndim or sum(item is Ellipsis for item in items) > 1:
        raise Refused(f"That index names more axes than the shape {owner.shape} has.")
    shape, lined_up, axis = [], [], 0
    for item in items:
        if item is None:
            shape.append(1)
        elif item is Ellipsis:
            shape += owner.shape[axis : axis + owner.ndim - taken]
            axis += owner.ndim - taken
        elif isinstance(item, slice):
            shape.append(len(range(*item.indices(owner.shape[axis]))))
            axis += 1
        elif isinstance(item, ndarray) and item.dtype.kind == "b":
            lined_up.append((int(np.count_nonzero(item)),))
            axis += item.ndim
        else:
            lined_up.append(np.shape(item))
            axis += 1
    together = broadcast(*lined_up)
    require((*together, *shape, *owner.shape[axis:]))


def _bins(x: ndarray, bins: Value, range: Value) -> Value:
    if isinstance(bins, ndarray | list | tuple):
        edges = np.asarray(bins)
        if edges.ndim != 1 or edges.dtype.kind not in "iuf":
            raise Refused(f"Edges are numbers along one axis; that is {describe(bins)}.")
        return edges
    if isinstance(bins, str):
        if bins not in ("fd", "auto") or range is not None:
            raise Refused("Of numpy's rules for bins “fd” and “auto” are known here, without a range.")
        if x.size and not np.isfinite(x).all():
            raise Refused("Infinite numbers and NaN fit no bins.")
        width = 2 * np.subtract(*np.percentile(x, [75, 25])) / np.cbrt(x.size) if x.size else 0
        if width > 0:
            require((math.ceil(min(float(np.ptp(x) / width), 1e18)),))
        return bins
    if isinstance(bins, bool) or not isinstance(bins, int):
        raise Refused(f"`bins` is a number of bins, their edges, or “fd”; that is {describe(bins)}.")
    require((bins,))
    return bins


def _limits(range: Value) -> tuple[float, float] | None:
    if range is None:
        return None
    match range:
        case (int() | float() as low, int() | float() as high):
            return low, high
    raise Refused("`range` is the lowest and the highest edge, such as (0, 1).")


def _matrix(x: ndarray) -> ndarray:
    if x.ndim < 2:
        raise Refused(f"That wants a matrix; the shape is {x.shape}.")
    return x


def _truths(mask: ndarray, name: str) -> ndarray:
    if mask.dtype.kind != "b":
        raise Refused(f"`{name}` wants a mask of True and False, such as `mask == 1`, not of numbers.")
    return mask
