"""Part 9: one product over all heads against the average of the heads' own products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.distributions import drawn_points
from core.model.capture import Capture
from core.parts.averaging.average_order import average_order
from core.parts.part import Array, Arrays
from core.parts.tables import Columns, Table, by_pair, long
from core.writing import also, counted, number

Normalisation = Literal["matched", "plain", "own_width"]


class Averaging(NamedTuple):
    """The two calculations of one layer, and how far apart they are."""

    layer: int
    heads: int
    normalisation: Normalisation
    capped: bool
    """The model soft-caps its scores in this layer, which is left out here."""
    all_heads: Float[ndarray, "query key"]
    """Ignoring heads: Q Kᵀ by its scale."""
    per_head_mean: Float[ndarray, "query key"]
    """The mean over heads of Q_h K_hᵀ by their scale."""
    difference: Float[ndarray, "query key"]
    """`all_heads` − `per_head_mean`; when matched nothing but float32 rounding."""
    largest_difference: float
    drawn: Int[ndarray, " point"]
    """Indices into the flattened matrices of the points that are drawn: all, or a seeded sample of 2,000."""
    limits: tuple[float, float]
    """Smallest and largest value of both calculations: the ends of the identity line."""
    slope: float
    """Through the origin, Σxy / Σx², x ignoring heads, y the average; NaN where every x is 0."""
    expected_slope: float
    """1, 1/H or 1/√H, from the scales alone."""

    @property
    def points(self) -> tuple[Float[ndarray, " point"], Float[ndarray, " point"], Float[ndarray, " point"]]:
        """x (ignoring heads), y (average) and difference of the points that are drawn."""
        x, y, difference = (
            matrix.reshape(-1)[self.drawn] for matrix in (self.all_heads, self.per_head_mean, self.difference)
        )
        return x, y, difference

    @property
    def sampled(self) -> bool:
        """Not every cell is drawn, and the chart has to say so."""
        return len(self.drawn) < self.all_heads.size

    def sentence(self) -> str:
        return (
            f"Layer {self.layer}: the average over {counted(self.heads, 'head')} is {number(self.slope)} "
            f"times the product that ignores heads (the scales alone give {number(self.expected_slope)}), and the two "
            f"differ by at most {number(self.largest_difference)}."
            f"{also('The soft-capping of this layer is left out.' if self.capped else '')}"
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def differences() -> Columns:
            return {"index": np.arange(self.difference.size)} | by_pair(self.difference, "difference", tokens)

        def both() -> Columns:
            average = long(self.per_head_mean, "query", "key", value="per_head_mean")["per_head_mean"]
            return by_pair(self.all_heads, "all_heads", tokens) | {"per_head_mean": average}

        return (
            Table("part9-scatter", "A) Scatter plot of the two calculations", both),
            Table("part9-differences", "B) Differences between calculations", differences),
        )


def averaging(capture: Capture, layer: int, normalisation: Normalisation = "matched") -> Averaging:
    """Both calculations of one layer, by the scale s that the model has in it: 1/√d in GPT-2. Nothing is soft-capped.

    `matched`: Q Kᵀ · s / H against the mean of Q_h K_hᵀ · s; they are the same sum. `plain`: nothing is scaled.
    `own_width`: each by the root of its own width, Q Kᵀ · s / √H against the mean of Q_h K_hᵀ · s. With s = 1/√d these
    are √E and √d.
    """
    query, key, call = capture.query[layer], capture.key[layer], capture.call(layer)
    heads = capture.heads
    whole_scale, head_scale = {
        "matched": (call.scale / heads, call.scale),
        "plain": (1.0, 1.0),
        "own_width": (call.scale / np.sqrt(heads), call.scale),
    }[normalisation]
    all_heads = query @ key.T * query.dtype.type(whole_scale)
    per_head = (call.query @ call.key.swapaxes(1, 2)).mean(axis=0)  # (H, T, T) to (T, T)
    per_head = per_head * query.dtype.type(head_scale)

    difference = all_heads - per_head
    exact = all_heads.astype(np.float64)
    squares = np.vdot(exact, exact)
    return Averaging(
        layer,
        heads,
        normalisation,
        call.softcap < np.inf,
        all_heads,
        per_head,
        difference,
        largest_difference=float(np.abs(difference).max()),
        drawn=drawn_points(all_heads.size),
        limits=(float(min(all_heads.min(), per_head.min())), float(max(all_heads.max(), per_head.max()))),
        slope=float(np.vdot(exact, per_head.astype(np.float64)) / squares) if squares else np.nan,
        expected_slope=float(head_scale / (whole_scale * heads)),
    )


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    nine, order = averaging(capture, layer), average_order(capture, layer, capture.tokens - 1)
    return {
        "part9_all_heads": Array(nine.all_heads, ('query', 'key')),
        "part9_per_head_mean": Array(nine.per_head_mean, ('query', 'key')),
        "part9_mean_of_softmaxes": Array(order.mean_of_softmaxes, ('key',)),
        "part9_softmax_of_mean": Array(order.softmax_of_mean, ('key',)),
        "part9_distance_by_layer": Array(order.by_layer.distance, ('layer',)),
        "part9_entropy_of_mean_by_layer": Array(order.by_layer.mean_of_softmaxes, ('layer',)),
        "part9_entropy_of_one_by_layer": Array(order.by_layer.softmax_of_mean, ('layer',)),
    }
