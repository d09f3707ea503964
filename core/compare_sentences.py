"""What the difference of two views shows, in one plain sentence of numbers."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.compare import (
    AttentionByLayerDifference,
    AttentionDifference,
    Difference,
    HeadMapsDifference,
    RawScoresByLayerDifference,
    RawScoresDifference,
    ScoreDistributionsDifference,
)
from core.sentences import sentence
from core.writing import number, percent

__all__ = ["sentence"]


def _signed(value: float) -> str:
    return ("+" if value > 0 else "") + number(value)


def _most_moved(difference: Difference) -> str:
    layer = int(difference.moved.argmax())
    return f"{percent(float(difference.moved[layer]))} in layer {layer}"


def _largest(values: Float[ndarray, "*cell"]) -> tuple[int, ...]:
    """Where the largest difference is, whatever its sign."""
    return tuple(int(place) for place in np.unravel_index(np.abs(values).argmax(), values.shape))


@sentence.register
def _(result: RawScoresDifference) -> str:
    return (
        f"To make B's distribution of A's, {percent(float(result.within.moved))} of the scores within heads would have "
        f"to move to another bin, and {percent(float(result.across.moved))} of those across heads."
    )


@sentence.register
def _(result: RawScoresByLayerDifference) -> str:
    if result.within is None or result.across is None:
        return (
            f"A has {result.layers[0]} layers and B has {result.layers[1]}, so no row of A belongs to a row of B: only "
            "their means over the layers are subtracted."
        )
    return (
        f"To make B's distribution of A's, most scores would have to move within heads ({_most_moved(result.within)}) "
        f"and across heads ({_most_moved(result.across)})."
    )


@sentence.register
def _(result: ScoreDistributionsDifference) -> str:
    (mean,), (sd,) = _largest(result.mean), _largest(result.sd)
    return (
        f"B − A: the mean raw score differs most in layer {mean} ({_signed(result.mean[mean])}), its SD in layer {sd} "
        f"({_signed(result.sd[sd])}). On the right a value of 1 says that B's density is ten times A's."
    )


@sentence.register
def _(result: AttentionDifference) -> str:
    return (
        f"To make B's distribution of A's, {percent(float(result.final_to_previous.moved))} of the weights of the last "
        f"token on those before would have to move to another bin, and "
        f"{percent(float(result.self_attention.moved))} of those of the others on themselves."
    )


@sentence.register
def _(result: HeadMapsDifference) -> str:
    visible = np.where(result.hidden, 0, result.weights)
    query, key = _largest(visible)
    return (
        f"The weights differ most where query token {query} looks at key token {key}: "
        f"B − A = {_signed(visible[query, key])}."
    )


@sentence.register
def _(result: AttentionByLayerDifference) -> str:
    return (
        f"To make B's distribution of A's, most weights would have to move: {_most_moved(result.final_to_previous)} of "
        f"the last token's, {_most_moved(result.self_attention)} of those of the others on themselves."
    )
