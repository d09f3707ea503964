"""Part 7, B − A: the densities of one layer's attention weights of two views."""

import numpy as np

from core.parts.views import a, b

edges = np.linspace(0, 1, 91)


def density(weights: np.ndarray) -> np.ndarray:
    counts = np.histogram(weights.clip(0, 1), edges)[0]
    return counts / (max(counts.sum(), 1) * (edges[1] - edges[0]))


final_to_previous = density(b.final_to_previous) - density(a.final_to_previous)
self_attention = density(b.self_attention) - density(a.self_attention)

for name, difference in (("final to previous", final_to_previous), ("self-attention", self_attention)):
    moved = np.abs(difference).sum() * (edges[1] - edges[0]) / 2
    print(f"B − A, {name}: {moved:.1%} of the weights would have to move to another bin")
np.savez("part7b-difference.npz", edges=edges, final_to_previous=final_to_previous, self_attention=self_attention)
