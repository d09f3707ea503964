"""Arrays as pictures: one byte a cell in a paletted PNG, and the image mark that shows it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Generic, TypeVar

import ipywidgets
import numpy as np
from bqplot import Image
from bqplot.scales import Scale
from jaxtyping import Bool, Float, UInt8
from numpy import ndarray
from PIL import Image as Pillow

from widgets.theme import Theme, colormap, to_rgb

LEVELS = 253  # colours of the map; the last three indices are for what is not a value
HATCH, MASKED, GAP = 253, 254, 255
HATCH_PITCH = 8  # px from line to line


class Picture:
    """An image mark that can be repainted.

    bqplot repaints when the mark gets another image, not when the image gets other bytes; so two images take
    turns, which costs less than a new one each time.
    """

    def __init__(self, x_scale: Scale, y_scale: Scale, **traits: object):
        blank = png(np.full((1, 1), GAP, np.uint8), np.zeros((256, 3), np.uint8))
        self._spare = ipywidgets.Image(value=blank)
        self.mark = Image(
            image=ipywidgets.Image(value=blank),
            scales={"x": x_scale, "y": y_scale},
            preserve_domain={"x": True, "y": True},
            enable_hover=False,
            **traits,
        )

    def show(self, data: bytes) -> None:
        """Show a PNG."""
        self._spare.value = data
        self._spare, self.mark.image = self.mark.image, self._spare


Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """What was last made of an array, for when it is asked for again: one may be made ahead of need."""

    def __init__(self) -> None:
        self._last: tuple[ndarray, object, Made] | None = None

    def get(self, values: ndarray, settings: object, make: Callable[[], Made]) -> Made:
        """What `make` makes of this very array with these settings."""
        if self._last is None or self._last[0] is not values or self._last[1] != settings:
            self._last = (values, settings, make())
        return self._last[2]


def png(
    cells: UInt8[ndarray, "row column"], palette: UInt8[ndarray, "256 3"], *, strategy: int = zlib.Z_DEFAULT_STRATEGY
) -> bytes:
    """A PNG of one byte a cell; GAP is transparent.

    With `zlib.Z_RLE` it is made in half the time: for values of which each fills one cell, which repeat nothing that
    a longer search would find.
    """
    picture = Pillow.fromarray(cells, "P")
    picture.putpalette(palette.tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1, compress_type=strategy, transparency=GAP)
    return buffer.getvalue()


def palette(theme: Theme, name: str) -> UInt8[ndarray, "256 3"]:
    """A colour map's LEVELS colours, then those of hatching, of masked cells, and of gaps.

    "diverging" means the theme's own.
    """
    table = np.zeros((256, 3), np.uint8)
    steps = np.round(np.linspace(0, 255, LEVELS)).astype(int)
    table[:LEVELS] = colormap(theme.map(name))[steps]
    table[HATCH], table[MASKED], table[GAP] = to_rgb(theme.hatch), to_rgb(theme.masked), to_rgb(theme.page)
    return table


def quantise(values: Float[ndarray, "*cell"], low: float, high: float) -> UInt8[ndarray, "*cell"]:
    """Values as indices into a palette: `low` and less is the first colour, `high` and more the last."""
    scale = (LEVELS - 1) / (high - low) if high > low else 0.0
    steps = (np.asarray(values, np.float32) - np.float32(low)) * np.float32(scale)
    return np.rint(np.clip(np.nan_to_num(steps), 0, LEVELS - 1)).astype(np.uint8)


def hatch(
    cells: UInt8[ndarray, "row column"], masked: Bool[ndarray, "row column"], pixels: int
) -> UInt8[ndarray, "y x"]:
    """Draw masked cells with diagonal hatching; few cells are first enlarged to about as many `pixels` a side."""
    rows, columns = (max(1, round(pixels / size)) for size in cells.shape)
    large = cells.repeat(rows, 0).repeat(columns, 1)
    diagonal = np.add.outer(*(np.arange(size, dtype=np.int16) for size in large.shape))
    lines = np.where(diagonal % HATCH_PITCH < 2, HATCH, MASKED).astype(np.uint8)
    return np.where(masked.repeat(rows, 0).repeat(columns, 1), lines, large)


def block_mean(
    values: Float[ndarray, "*of row column"], rows: int, columns: int
) -> Float[ndarray, "*of fewer_rows fewer_columns"]:
    """Means of blocks of `rows` × `columns` cells over the last two axes; the last blocks may be smaller.

    NaN cells are left out; a block of nothing else is NaN.
    """
    known = np.isfinite(values)
    total, count = np.where(known, values, 0), known.astype(np.float32)
    for axis, size in ((-2, rows), (-1, columns)):
        at = np.arange(0, values.shape[axis], size)
        total, count = np.add.reduceat(total, at, axis=axis), np.add.reduceat(count, at, axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
