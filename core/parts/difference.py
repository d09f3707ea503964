"""The difference of two views, B − A: densities on the same bins, in a line each or in a row for each layer.

Where a part's own bins follow the data both sides are counted again, on bins that hold the values of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.distributions import Density, count_bins, density_of
from core.model.capture import Capture
from core.parts.tables import Columns, Table, by_bin, in_samples
from core.writing import counted, number, percent


class Side(NamedTuple):
    """One of the two views of a part."""

    capture: Capture
    shown: Any
    """What the part shows of it."""


class Incomparable(ValueError):
    """A and B cannot be subtracted; the message is a sentence that says why."""


class Difference(NamedTuple):
    """Two densities on the same edges, as in `Density` shared or each layer's own."""

    edges: Float[ndarray, "*#of edge"]
    a: Float[ndarray, "*of bin"]
    b: Float[ndarray, "*of bin"]

    @property
    def centres(self) -> Float[ndarray, "*of bin"]:
        """Where the points of a line stand."""
        return (self.edges[..., :-1] + self.edges[..., 1:]) / 2

    @property
    def density(self) -> Float[ndarray, "*of bin"]:
        """B − A."""
        return self.b - self.a

    @property
    def moved(self) -> Float[ndarray | np.floating, "*of"]:
        """The share of the values that lie in other bins in B than in A, 0 … 1: half of the area between the two."""
        return np.abs(self.density).sum(axis=-1) * (self.edges[..., 1] - self.edges[..., 0]) / 2


class Chart(NamedTuple):
    """One chart of a difference."""

    name: str
    """As its table is called: "part5a-within-difference"."""
    title: str
    samples: Mapping[str, Difference]
    """Lines by their names, or one map with a row for each layer; empty where A and B have no rows in common."""


class DensityDifference(NamedTuple):
    """What can be compared of two views, as charts, and in words."""

    charts: tuple[Chart, ...]
    told: Mapping[str, Difference]
    """What the sentence speaks of: "the scores within heads", "those across heads"."""
    remark: str = ""
    """Why there is less to see than usual, in place of the sentence."""

    def sentence(self) -> str:
        (first, one), *others = self.told.items()
        also = "".join(f", and {_moved(other)} of {name}" for name, other in others)
        return self.remark or (
            f"To make B's distribution of A's, {_moved(one)} of {first} would have to move to another bin{also}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        return tuple(
            Table(chart.name, chart.title, partial(_columns, chart.samples)) for chart in self.charts if chart.samples
        )


def _moved(difference: Difference) -> str:
    """How much has moved, of several layers in the one where it is most."""
    if not difference.moved.ndim:
        return percent(float(difference.moved))
    return f"up to {percent(difference.moved.max())} (layer {int(difference.moved.argmax())})"


def _columns(samples: Mapping[str, Difference]) -> Columns:
    each = [sides(one) for one in samples.values()]
    if len(each) == 1:
        return each[0]
    names = in_samples(**{name: one.density.size for name, one in samples.items()})
    return {"sample": names} | {column: np.concatenate([one[column] for one in each]) for column in each[0]}


def sides(one: Difference) -> Columns:
    """A's, B's and B − A, bin by bin."""
    return by_bin(one.edges, a=one.a, b=one.b, difference=one.density)


def subtract(a: Density, b: Density) -> Difference:
    """Of densities that are on the same edges already."""
    return Difference(a.edges, a.density, b.density)


def subtract_values(
    a: Float[ndarray, " of_a"], b: Float[ndarray, " of_b"], edges: Float[ndarray, " edge"]
) -> Difference:
    """Of the densities of two samples on given bins."""
    densities = (density_of(count_bins(values, edges), np.array(len(values)), edges).density for values in (a, b))
    return Difference(edges, *densities)


def same_layers(a: int, b: int) -> None:
    """Raises Incomparable for different numbers of layers."""
    if a != b:
        raise Incomparable(
            f"A has {counted(a, 'layer')} and B has {b}: no row of A belongs to a row of B, so there is no difference "
            "to show. Compare the charts above: they share their scales."
        )


def signed(value: float | np.floating) -> str:
    """A difference in words, with its sign."""
    return ("+" if value > 0 else "") + number(value)


def largest(values: Float[ndarray, "*cell"]) -> tuple[int, ...]:
    """Where the largest difference is, whatever its sign."""
    return tuple(int(place) for place in np.unravel_index(np.abs(values).argmax(), values.shape))
