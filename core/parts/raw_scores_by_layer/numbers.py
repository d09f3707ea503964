"""Part 5: part 4's two samples over all layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.distributions import Density, count_bins, density_of
from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, scores_of_query, within_heads
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.raw_scores.numbers import ONE_HEAD, no_keys
from core.parts.tables import Columns, Table, by_density
from core.progress import Progress, silent
from core.writing import counted, number, percent

RAW_SCORE_EDGES = np.linspace(-20, 20, 101)


class RawScoresByLayer(NamedTuple):
    """Part 5: part 4's two samples for every layer, on shared bins from −20 to 20."""

    query: int
    first_key: int
    """The keys are those of tokens `first_key` … `query` − 1."""
    within: Density
    """(layer, bin)"""
    across: Density
    within_mean: Float[ndarray, " bin"]
    """Mean over layers of the density."""
    within_sd: Float[ndarray, " bin"]
    """SD over layers of the density, ddof 0."""
    across_mean: Float[ndarray, " bin"]
    across_sd: Float[ndarray, " bin"]

    def sentence(self) -> str:
        if not self.within.n.any():
            return no_keys(self.query, self.first_key)
        centres = self.within.centres
        other, outside = ONE_HEAD, f"{percent(self.within.outside.mean())} of the scores within heads"
        if self.across.n.any():
            other = f"across heads around {number(centres[self.across_mean.argmax()])}"
            outside += f" and {percent(self.across.outside.mean())} of those across"
        return (
            f"Averaged over {counted(len(self.within.density), 'layer')}, scores within heads are most frequent around "
            f"{number(centres[self.within_mean.argmax()])}; {other}. Outside {number(self.within.edges[0])} … "
            f"{number(self.within.edges[-1])} lie {outside}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def means() -> Columns:
            edges = self.within.edges
            names = ("within_mean", "within_sd", "across_mean", "across_sd")
            return {"from": edges[:-1], "to": edges[1:]} | {name: getattr(self, name) for name in names}

        return (
            Table("part5a-within", "A) Within heads", partial(by_density, self.within)),
            Table("part5a-across", "B) Across heads", partial(by_density, self.across)),
            Table("part5b", "Mean ± SD over the layers", means),
        )


def raw_scores_by_layer(
    capture: Capture,
    query: int | None = None,
    leave_out_first: bool = True,
    progress: Progress = silent,
) -> RawScoresByLayer:
    """Part 5, for part 4's query token and first-token switch; densities of zeros for T ≤ 2."""
    token = capture.tokens - 1 if query is None else query
    first_key = int(leave_out_first)
    within, both = np.zeros((2, capture.layers, len(RAW_SCORE_EDGES) - 1), np.int64)

    def count_scores(layer: int, call: AttentionCall) -> None:
        scores = scores_of_query(call, token, first_key)
        both[layer] = count_bins(scores, RAW_SCORE_EDGES)
        within[layer] = count_bins(within_heads(scores), RAW_SCORE_EDGES)

    each_layer(capture, count_scores, progress)
    count = np.full(capture.layers, capture.heads * max(0, token - first_key))
    within_density = density_of(within, count, RAW_SCORE_EDGES)
    across_density = density_of(both - within, count * (capture.heads - 1), RAW_SCORE_EDGES)
    return RawScoresByLayer(
        token,
        first_key,
        within_density,
        across_density,
        within_density.density.mean(axis=0),
        within_density.density.std(axis=0),
        across_density.density.mean(axis=0),
        across_density.density.std(axis=0),
    )


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    five = raw_scores_by_layer(capture)
    return {
        "part5_edges": Array(five.within.edges, ('edge',)),
        "part5_within": Array(five.within.density, ('layer', 'bin')),
        "part5_across": Array(five.across.density, ('layer', 'bin')),
    }
