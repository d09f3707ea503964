"""Part 8, B − A, on its own bins."""

from __future__ import annotations

from core.parts.difference import Chart, DensityDifference, Difference, Side, same_layers
from core.progress import Progress


def softmax_by_layer(a: Side, b: Side, progress: Progress) -> DensityDifference:
    """Of the two samples that can differ: the first token gives itself 1 on both sides.

    Raises:
        Incomparable: different numbers of layers.
    """
    densities = (a.shown.density, b.shown.density)
    same_layers(*(len(side.density) for side in densities))
    edges = densities[0].edges
    final, own = (Difference(edges, *(side.density[:, sample] for side in densities)) for sample in range(2))
    return DensityDifference(
        (
            Chart("part8-final-difference", "Final to previous: B − A", {"final_to_previous": final}),
            Chart("part8-self-difference", "Self-attention: B − A", {"self_attention": own}),
        ),
        {"the weights of the last token": final, "those of the others on themselves": own},
    )


DIFFERENCES = {"softmax_by_layer": softmax_by_layer}
