"""Part 10, B − A, head by head."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.parts.difference import Incomparable, Side, largest, same_layers, signed
from core.parts.tables import Table, long
from core.progress import Progress
from core.writing import counted


class EntropyDifference(NamedTuple):
    """B − A of part 10."""

    entropy: Float[ndarray, "layer head"]
    by_layer: Float[ndarray, " layer"]

    def sentence(self) -> str:
        layer, head = largest(self.entropy)
        (most,) = largest(self.by_layer)
        return (
            f"B − A: entropy differs most in layer {layer}, head {head} ({signed(self.entropy[layer, head])}); "
            f"averaged over heads, in layer {most} ({signed(self.by_layer[most])}). Above 0 B's attention is wider."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        layers = {"layer": np.arange(len(self.by_layer)), "difference": self.by_layer}
        heads = partial(long, self.entropy, "layer", "head", value="difference")
        return (
            Table("part10-heads-difference", "Every head: B − A", heads),
            Table("part10-layers-difference", "Mean over the heads: B − A", lambda: layers),
        )


def entropy(a: Side, b: Side, progress: Progress) -> EntropyDifference:
    """Of the entropies of all heads.

    Raises:
        Incomparable: different numbers of layers or heads.
    """
    (layers, heads), (other_layers, other_heads) = a.shown.entropy.shape, b.shown.entropy.shape
    same_layers(layers, other_layers)
    if heads != other_heads:
        raise Incomparable(
            f"A has {counted(heads, 'head')} a layer and B has {other_heads}: no head of A belongs to a head of B, so "
            "there is no difference to show. Compare the maps above: they share their colours."
        )
    return EntropyDifference(b.shown.entropy - a.shown.entropy, b.shown.by_layer - a.shown.by_layer)


DIFFERENCES = {"entropy": entropy}
