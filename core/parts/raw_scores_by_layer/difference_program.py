"""Part 5, B − A: the densities of part 5's scores of two views, layer by layer, and of their means over layers."""

import numpy as np

from core.parts.views import a, b

differences = {
    "within_mean": b.within.mean(axis=0) - a.within.mean(axis=0),
    "across_mean": b.across.mean(axis=0) - a.across.mean(axis=0),
}
if len(a.within) == len(b.within):  # else no layer of A belongs to a layer of B
    differences |= {"within": b.within - a.within, "across": b.across - a.across}

width = a.edges[1] - a.edges[0]
for name, difference in differences.items():
    moved = np.abs(difference).sum(axis=-1) * width / 2
    print(f"B − A, {name}: at most {moved.max():.1%} of a layer's scores would have to move to another bin")
np.savez("part5-difference.npz", edges=a.edges, **differences)
