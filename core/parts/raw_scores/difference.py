"""Part 4, B − A: each of the two samples on Freedman–Diaconis bins of the values of A and B together."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.distributions import freedman_diaconis
from core.parts.difference import Chart, DensityDifference, Difference, Side, subtract_values
from core.progress import Progress


def raw_scores(a: Side, b: Side, progress: Progress) -> DensityDifference:
    """Of the raw scores of two queries, within and across heads."""
    within = _on_bins_of_both(a.shown.within.values, b.shown.within.values)
    across = _on_bins_of_both(a.shown.across.values, b.shown.across.values)
    chart = Chart("part4-difference", "Distributions: B − A", {"within": within, "across": across})
    return DensityDifference((chart,), {"the scores within heads": within, "those across heads": across})


def _on_bins_of_both(a: Float[ndarray, " of_a"], b: Float[ndarray, " of_b"]) -> Difference:
    return subtract_values(a, b, freedman_diaconis(np.concatenate([a, b])).edges)


DIFFERENCES = {"raw_scores": raw_scores}
