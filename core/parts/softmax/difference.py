"""Part 7, B − A: one layer's weights, and one head's maps cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.attention.distributions import ATTENTION_EDGES
from core.parts.difference import (
    Chart,
    DensityDifference,
    Incomparable,
    Side,
    largest,
    signed,
    subtract_values,
)
from core.parts.tables import Table, by_pair
from core.progress import Progress
from core.writing import counted


def attention(a: Side, b: Side, progress: Progress) -> DensityDifference:
    """Of the two samples that can differ, on part 8's bins: the first token gives itself 1 on both sides."""
    final, own = (
        subtract_values(getattr(a.shown, name).values, getattr(b.shown, name).values, ATTENTION_EDGES)
        for name in ("final_to_previous", "self_attention")
    )
    chart = Chart("part7b-difference", "Distributions: B − A", {"final_to_previous": final, "self_attention": own})
    return DensityDifference(
        (chart,),
        {"the weights of the last token on those before": final, "those of the others on themselves": own},
    )


class HeadMapsDifference(NamedTuple):
    """One head, cell by cell."""

    raw: Float[ndarray, "query key"]
    """B − A of the raw scores"""
    weights: Float[ndarray, "query key"]
    """B − A of the attention weights"""
    hidden: Bool[ndarray, "query key"]
    """Hidden in both; what one of them sees has a difference."""

    def sentence(self) -> str:
        visible = np.where(self.hidden, 0, self.weights)
        query, key = largest(visible)
        return (
            f"The weights differ most where query token {query} looks at key token {key}: "
            f"B − A = {signed(visible[query, key])}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        return tuple(
            Table(f"part7c-{name}-difference", f"{title}: B − A", partial(by_pair, matrix, "difference", tokens))
            for name, title, matrix in (
                ("raw", "Raw scores S", self.raw),
                ("attention", "Attention weights", self.weights),
            )
        )


def attention_maps(a: Side, b: Side, progress: Progress) -> HeadMapsDifference:
    """Of the maps of one head.

    Raises:
        Incomparable: the texts have different numbers of tokens.
    """
    mine, its = a.shown, b.shown
    if len(mine.raw) != len(its.raw):
        raise Incomparable(
            f"A has {counted(len(mine.raw), 'token')} and B has {len(its.raw)}: no cell of A belongs to a cell of B, "
            "so there is no difference to show. Compare the maps above: they share their colours."
        )
    return HeadMapsDifference(its.raw - mine.raw, its.weights - mine.weights, mine.hidden & its.hidden)


DIFFERENCES = {"attention": attention, "attention_maps": attention_maps}
