"""Part 9: one product over all heads against the average of the heads' own products."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.capture import Capture
from core.distributions import drawn_points

Normalisation = Literal["matched", "plain", "own_width"]
NORMALISATIONS: tuple[Normalisation, ...] = ("matched", "plain", "own_width")


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


class GroupMeans(NamedTuple):
    """The mean of 1 … n against the mean of the means of two groups."""

    numbers: Int[ndarray, " number"]
    cut: int
    """The first group is `numbers[:cut]`, the second `numbers[cut:]`."""
    overall: float
    first: float
    second: float
    of_means: float
    """(first + second) / 2: as `overall` only for groups of one size."""
    difference: float
    """`overall` − `of_means`."""


def group_means(count: int = 4, cut: int = 2) -> GroupMeans:
    """Means of 1 … `count`, cut after `cut` numbers (1 … `count` − 1)."""
    numbers = np.arange(1, count + 1)
    overall, first, second = (float(part.mean()) for part in (numbers, numbers[:cut], numbers[cut:]))
    of_means = (first + second) / 2
    return GroupMeans(numbers, cut, overall, first, second, of_means, overall - of_means)
