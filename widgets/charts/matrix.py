"""A matrix as a heat map holds it: which cells have values, their range, and the values written into few cells."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from bqplot import Label
from jaxtyping import Bool, Float, UInt8
from numpy import ndarray

from widgets.charts.figure import assign
from widgets.charts.shared_scales import Limits
from widgets.theme import Theme, contrast, to_hex

INKS = ("#FFFFFF", "#16181C")


class Drawn(NamedTuple):
    """What a heat map shows, kept for a change of theme, and the PNG of it."""

    cells: UInt8[ndarray, "row column"]
    masked: Bool[ndarray, "row column"]
    data: bytes


def without_values(
    values: Float[ndarray, "row column"], masked: Bool[ndarray, "row column"] | None
) -> Bool[ndarray, "row column"]:
    """Cells that are masked or not finite."""
    return ~np.isfinite(values) if masked is None else masked | ~np.isfinite(values)


def data_limits(*arrays: Float[ndarray, "*cell"]) -> Limits:
    """Smallest and largest finite value of all the arrays; (inf, −inf) if there is none."""
    finite = [array if np.isfinite(array).all() else array[np.isfinite(array)] for array in arrays]
    return (
        float(min((part.min() for part in finite if part.size), default=np.inf)),
        float(max((part.max() for part in finite if part.size), default=-np.inf)),
    )


def write_values_into(mark: Label, values: Float[ndarray, "row column"]) -> None:
    """Write the values of all cells, each into its own."""
    text = [_cell_text(float(value), len(values) > 8) for value in values.flat]
    row, column = np.indices(values.shape, dtype=np.float32)
    assign(mark, text=np.array(text, np.str_), x=column.reshape(-1), y=row.reshape(-1))


def color_values(mark: Label, drawn: Drawn, theme: Theme, table: UInt8[ndarray, "256 3"]) -> None:
    """Colour written values black or white, whichever is legible on the cell's own colour."""
    grounds = [
        theme.masked if hidden else to_hex(table[index])
        for index, hidden in zip(drawn.cells.flat, drawn.masked.flat, strict=True)
    ]
    colors = [max(INKS, key=partial(contrast, ground)) for ground in grounds]
    assign(mark, colors=colors, default_size=theme.size_small)


def _cell_text(value: float, short: bool) -> str:
    if np.isneginf(value):
        return "–∞" if short else "−∞"  # an en dash is narrower
    text = f"{value:.2f}".rstrip("0").rstrip(".") if value != round(value) else f"{value:.0f}"
    text = text.replace("0.", ".", 1) if short and text.startswith("0.") else text
    return "0" if text == "-0" else text.replace("-", "−")
