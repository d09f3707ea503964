"""Functions that turn, cut, join and repeat arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy import ndarray

from core.expressions.calling import Array, Arrays, Dims, Int, Lengths, Shape
from core.expressions.limits import Refused, axis_of, broadcast, require
from core.expressions.reducing import axes_of


def reshape(x: Array, *shape: Lengths) -> ndarray:
    """The same entries, row by row, in another shape; one length may be −1."""
    require([1 if length == -1 else length for length in shape])
    try:
        return x.reshape(shape)
    except ValueError:
        raise Refused(f"{x.size} numbers, the shape {x.shape}, do not go into {_words(shape)}.") from None


def view(x: Array, *shape: Lengths) -> ndarray:
    """torch's: reshape where the entries already lie in that order, refused where they would have to be copied."""
    reshape(x, *shape)
    try:
        return np.reshape(x, shape, copy=False)
    except ValueError:
        raise Refused(
            "`view` cannot do that after the axes were turned: the entries lie in another order. `reshape` can."
        ) from None


def torch_reshape(x: Array, shape: Shape) -> ndarray:
    """torch.reshape, np.reshape: the shape in one argument."""
    return reshape(x, *shape)


def view_as_columns(x: Array, shape: Shape) -> ndarray:
    """np.broadcast_to."""
    require(shape)
    return np.broadcast_to(x, shape)


def expand(x: Array, *shape: Lengths) -> ndarray:
    """torch's: axes of length 1 made longer; −1 leaves a length as it is."""
    added = len(shape) - x.ndim
    lengths = [x.shape[at - added] if length == -1 and at >= added else length for at, length in enumerate(shape)]
    return view_as_columns(x, tuple(lengths))


def transpose(x: Array, dim0: Int, dim1: Int) -> ndarray:
    """torch's: two axes exchanged."""
    return np.swapaxes(x, axis_of(x, dim0), axis_of(x, dim1))


def numpy_transpose(x: Array, *axes: Lengths) -> ndarray:
    """numpy's: all axes in a new order; without one, the reverse."""
    return permute(x, *axes) if axes else x.T


def permute(x: Array, *dim: Lengths) -> ndarray:
    """All axes in a new order."""
    if sorted(axes_of(x, dim)) != list(range(x.ndim)):
        raise Refused(f"That order must name each axis of {x.shape} once: 0 to {x.ndim - 1}.")
    return np.transpose(x, dim)


def numpy_permute(x: Array, dim: Shape | None = None) -> ndarray:
    """np.transpose, torch.permute: the order in one argument."""
    return x.T if dim is None else permute(x, *dim)


def matrix_transpose(x: Array) -> ndarray:
    """torch's t()."""
    if x.ndim > 2:
        raise Refused(f"`t` is for a matrix; the shape is {x.shape}. `transpose` exchanges two axes of more.")
    return x.T


def moveaxis(x: Array, source: Dims, destination: Dims) -> ndarray:
    """Axes moved to other places, the rest in their order."""
    return np.moveaxis(x, source, destination)


def squeeze(x: Array, dim: Dims | None = None) -> ndarray:
    """numpy's: axes of length 1 dropped."""
    return np.squeeze(x, None if dim is None else axes_of(x, dim))


def torch_squeeze(x: Array, dim: Dims | None = None) -> ndarray:
    """torch's: an axis of another length stays."""
    return np.squeeze(x, tuple(axis for axis in axes_of(x, dim) if x.shape[axis] == 1))


def unsqueeze(x: Array, dim: Int) -> ndarray:
    """A new axis of length 1."""
    return np.expand_dims(x, axis_of(x, dim, added=1))


def flatten(x: Array, start_dim: Int = 0, end_dim: Int = -1) -> ndarray:
    """torch's: some axes in a row made one."""
    if not x.ndim:
        return x.reshape(1)
    start, end = axis_of(x, start_dim), axis_of(x, end_dim)
    if start > end:
        raise Refused("`flatten` goes from an axis to a later one.")
    return x.reshape((*x.shape[:start], math.prod(x.shape[start : end + 1]), *x.shape[end + 1 :]))


def ravel(x: Array) -> ndarray:
    """One axis."""
    return x.reshape(-1)


def unflatten(x: Array, dim: Int, sizes: Shape) -> ndarray:
    """torch's: one axis made several."""
    axis = axis_of(x, dim)
    return reshape(x, *x.shape[:axis], *sizes, *x.shape[axis + 1 :])


def flip(x: Array, *dim: Lengths) -> ndarray:
    """Backwards along axes."""
    return np.flip(x, axes_of(x, dim or None))


def torch_split(x: Array, sections: Shape, dim: Int = 0) -> tuple[ndarray, ...]:
    """torch's: pieces of a length (the last may be shorter), or of given lengths."""
    axis = axis_of(x, dim)
    length = x.shape[axis]
    if len(sections) == 1:
        (size,) = sections
        if size < 1:
            raise Refused("A piece is at least 1 long.")
        return tuple(np.split(x, range(size, length, size), axis))
    if sum(sections) != length or min(sections) < 0:
        raise Refused(f"Pieces of {_words(sections)} do not make up the axis, which has {length}.")
    return tuple(np.split(x, np.cumsum(sections)[:-1], axis))


def chunk(x: Array, chunks: Int, dim: Int = 0) -> tuple[ndarray, ...]:
    """torch's: at most so many pieces, all but the last of one length."""
    if chunks < 1:
        raise Refused("There is at least 1 piece.")
    return torch_split(x, (max(1, -(-x.shape[axis_of(x, dim)] // chunks)),), dim)


def tensor_split(x: Array, sections: Shape, dim: Int = 0) -> tuple[ndarray, ...]:
    """Into so many pieces, or cut at given places."""
    axis = axis_of(x, dim)
    if len(sections) > 1:
        return tuple(np.split(x, sections, axis))
    (pieces,) = sections
    if not 1 <= pieces <= max(1, x.shape[axis]):
        raise Refused(f"An axis of {x.shape[axis]} does not go into {pieces} pieces.")
    return tuple(np.array_split(x, pieces, axis))


def numpy_split(x: Array, sections: Shape, dim: Int = 0) -> list[ndarray]:
    """numpy's: into so many pieces of one length, or cut at given places."""
    length = x.shape[axis_of(x, dim)]
    if len(sections) == 1 and sections[0] > 0 and length % sections[0]:
        raise Refused(f"An axis of {length} does not go into {sections[0]} equal pieces.")
    return list(tensor_split(x, sections, dim))


def unbind(x: Array, dim: Int = 0) -> tuple[ndarray, ...]:
    """torch's: one piece for each place along an axis."""
    return tuple(np.moveaxis(x, axis_of(x, dim), 0))


def concatenate(parts: Arrays, dim: Int = 0) -> ndarray:
    """One after the other along an axis that they have."""
    require((sum(part.size for part in parts),))
    return np.concatenate(parts, axis=dim)


def stack(parts: Arrays, dim: Int = 0) -> ndarray:
    """Side by side along a new axis."""
    require((sum(part.size for part in parts),))
    if len({part.shape for part in parts}) > 1:
        raise Refused(f"`stack` wants one shape; these are {_words([part.shape for part in parts])}.")
    return np.stack(parts, axis=dim)


def tile(x: Array, times: Shape) -> ndarray:
    """The whole array again and again along each axis."""
    axes = max(x.ndim, len(times))
    lengths = (1,) * (axes - x.ndim) + x.shape
    repeats = (1,) * (axes - len(times)) + times
    require([length * repeat for length, repeat in zip(lengths, repeats, strict=True)])
    return np.tile(x, times)


def torch_repeat(x: Array, *times: Lengths) -> ndarray:
    """torch's repeat is numpy's tile."""
    if len(times) < x.ndim:
        raise Refused(f"`repeat` wants a number for each axis of {x.shape}.")
    return tile(x, times)


def repeat(x: Array, times: Shape, dim: Int | None = None) -> ndarray:
    """numpy's repeat, torch's repeat_interleave: each entry so many times."""
    if len(times) != 1:
        raise Refused("Only one number of times here.")
    taken = x.reshape(-1) if dim is None else x
    axis = axis_of(taken, dim or 0)
    require([length * times[0] if at == axis else length for at, length in enumerate(taken.shape)])
    return np.repeat(taken, times[0], axis)


def lined_up(x: Array, y: Array) -> list[ndarray]:
    """np.broadcast_arrays."""
    return [np.broadcast_to(part, broadcast(x.shape, y.shape)) for part in (x, y)]


def _words(shape: object) -> str:
    return str(tuple(shape)) if isinstance(shape, tuple | list) else str(shape)
