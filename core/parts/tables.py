"""The numbers of a chart as a table in long form: one row an observation, named columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped
from numpy import ndarray

from core.attention.distributions import Density

Columns = dict[str, Shaped[ndarray, " row"]]


class Table(NamedTuple):
    """One chart's numbers, not worked out before they are asked for."""

    name: str
    """The study's picture, a hyphen where it has several charts, and the chart: "part5a-within"."""
    title: str
    columns: Callable[[], Columns]
    drawn: bool = True
    """False: the page shows these numbers without a chart."""

    @property
    def picture(self) -> str:
        """The name of the picture that the chart belongs to."""
        return self.name.partition("-")[0]


def settings_in_name(result: Any) -> str:
    """What a file's name says of the settings behind a result: "-layer3-head2", or nothing."""
    return "".join(f"-{name}{getattr(result, name)}" for name in ("layer", "head") if hasattr(result, name))


def long(array: Shaped[ndarray, "*index"], *axes: str, value: str) -> Columns:
    """Every value of an array, in its order, with its place along each axis."""
    places = np.indices(array.shape).reshape(array.ndim, -1)
    return dict(zip(axes, places, strict=True)) | {value: array.reshape(-1)}


def by_pair(matrix: Shaped[ndarray, "query key"], value: str, tokens: Sequence[str] = ()) -> Columns:
    """Every pair of a query and a key token, with their words where there are any."""
    return with_text(long(matrix, "query", "key", value=value), tokens, "query", "key")


def with_text(columns: Columns, tokens: Sequence[str], *names: str) -> Columns:
    """The columns with the token's own text after each of the named ones."""
    words = np.array(tokens, np.str_)
    told: Columns = {}
    for name, column in columns.items():
        told[name] = column
        if name in names and len(tokens):
            told[f"{name}_text"] = words[column]
    return told


def by_density(histograms: Density) -> Columns:
    return by_bin(histograms.edges, density=histograms.density)


def by_bin(edges: Float[ndarray, "*#of edge"], **values: Float[ndarray, "*of bin"]) -> Columns:
    """Each bin's ends and its values, such as its density, for every layer if there are several."""
    shape = next(iter(values.values())).shape
    places: Columns = {"layer": np.arange(shape[0]).repeat(shape[1])} if len(shape) > 1 else {}
    sides = {"from": edges[..., :-1], "to": edges[..., 1:]}
    ends = {name: np.broadcast_to(side, shape).reshape(-1) for name, side in sides.items()}
    return places | ends | {name: value.reshape(-1) for name, value in values.items()}


def in_samples(**counts: int) -> Shaped[ndarray, " row"]:
    """So many rows of each sample."""
    return np.repeat(np.array(list(counts), np.str_), list(counts.values()))
