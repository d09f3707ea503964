"""The numbers of the charts of a difference as tables, in long form: A's, B's and B − A."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from core.compare import (
    AttentionByLayerDifference,
    AttentionDifference,
    Difference,
    HeadMapsDifference,
    RawScoresByLayerDifference,
    RawScoresDifference,
    ScoreDistributionsDifference,
)
from core.tables import Columns, Table, by_bin, by_pair, in_samples, tables

__all__ = ["tables"]


def _sides(one: Difference) -> Columns:
    return by_bin(one.edges, a=one.a, b=one.b, difference=one.density)


def _samples(**differences: Difference) -> Columns:
    """Two lines of one chart, one below the other."""
    each = [_sides(one) for one in differences.values()]
    names = in_samples(**{name: one.density.size for name, one in differences.items()})
    return {"sample": names} | {column: np.concatenate([one[column] for one in each]) for column in each[0]}


@tables.register
def _(result: RawScoresDifference, tokens: Sequence[str]) -> tuple[Table, ...]:
    return (Table("part4-difference", "Distributions: B − A", lambda: _samples(**result._asdict())),)


@tables.register
def _(result: RawScoresByLayerDifference, tokens: Sequence[str]) -> tuple[Table, ...]:
    means = partial(_samples, within=result.within_mean, across=result.across_mean)
    maps = [
        Table(f"part5a-{name}-difference", f"{name.capitalize()} heads: B − A", partial(_sides, one))
        for name, one in (("within", result.within), ("across", result.across))
        if one is not None
    ]
    return (*maps, Table("part5b-difference", "Mean over the layers: B − A", means))


@tables.register
def _(result: ScoreDistributionsDifference, tokens: Sequence[str]) -> tuple[Table, ...]:
    means = {"layer": np.arange(len(result.mean)), "mean_difference": result.mean, "sd_difference": result.sd}
    soft = result.softmax
    return (
        Table("part6-means-difference", "Means and SDs: B − A", lambda: means),
        Table("part6-raw-difference", "Distributions of QKᵀ: B − A", partial(_sides, result.raw)),
        Table(
            "part6-softmax-difference",
            "Distributions of σ(QKᵀ): B ÷ A",
            lambda: by_bin(soft.edges, a=soft.a, b=soft.b, log10_ratio=result.softmax_ratio),
        ),
    )


@tables.register
def _(result: AttentionDifference, tokens: Sequence[str]) -> tuple[Table, ...]:
    return (Table("part7b-difference", "Distributions: B − A", lambda: _samples(**result._asdict())),)


@tables.register
def _(result: HeadMapsDifference, tokens: Sequence[str]) -> tuple[Table, ...]:
    return tuple(
        Table(f"part7c-{name}-difference", f"{title}: B − A", partial(by_pair, matrix, "difference", tokens))
        for name, title, matrix in (
            ("raw", "Raw scores S", result.raw),
            ("attention", "Attention weights", result.weights),
        )
    )


@tables.register
def _(result: AttentionByLayerDifference, tokens: Sequence[str]) -> tuple[Table, ...]:
    return (
        Table("part8-final-difference", "Final to previous: B − A", partial(_sides, result.final_to_previous)),
        Table("part8-self-difference", "Self-attention: B − A", partial(_sides, result.self_attention)),
    )
