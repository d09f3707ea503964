"""Part 8: part 7's attention weights over all layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.distributions import ATTENTION_EDGES, Density, count_bins, density_of
from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, attention_samples
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.tables import Table, by_bin
from core.progress import Progress, silent
from core.writing import counted, number


class AttentionByLayer(NamedTuple):
    """Part 8: part 7b's three samples for every layer, on 90 bins from 0 to 1."""

    density: Density
    """(layer, sample, bin); samples: final to previous, self, first to self. Zeros where T = 1 leaves none."""
    mean: Float[ndarray, "layer sample"]
    """Mean weight of each sample; NaN where T = 1 leaves none."""

    def sentence(self) -> str:
        final, own, first = self.mean.T
        if np.isnan(final).all():
            return "A text of one token has no previous and no other tokens; the first gives itself 1 in every layer."
        return (
            f"Averaged over {counted(len(final), 'layer')}, the last token gives a previous one "
            f"{number(final.mean())}, other tokens give themselves {number(own.mean())} (most in layer {own.argmax()}: "
            f"{number(own.max())}), and the first token gives itself {number(first.mean())}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        return tuple(
            Table(f"part8-{name}", title, partial(by_bin, self.density.edges, density=self.density.density[:, index]))
            for index, (name, title) in enumerate(
                (("final", "A) Final to previous"), ("self", "B) Self-attention"), ("first", "C) First to self"))
            )
        )


def attention_by_layer(capture: Capture, progress: Progress = silent) -> AttentionByLayer:
    """Part 8."""
    counts = np.zeros((capture.layers, 3, len(ATTENTION_EDGES) - 1), np.int64)
    n = np.zeros((capture.layers, 3), np.int64)
    mean = np.full((capture.layers, 3), np.nan)

    def count_samples(layer: int, call: AttentionCall) -> None:
        for index, values in enumerate(attention_samples(call)):
            counts[layer, index] = count_bins(values, ATTENTION_EDGES)
            n[layer, index] = values.size
            if values.size:
                mean[layer, index] = values.mean()

    each_layer(capture, count_samples, progress)
    return AttentionByLayer(density_of(counts, n, ATTENTION_EDGES), mean)


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    eight = attention_by_layer(capture).density
    return {
        "part8_edges": Array(eight.edges, ('edge',)),
        "part8_density": Array(eight.density, ('layer', 'sample', 'bin')),
    }
