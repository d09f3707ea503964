"""Part 8, B − A: the densities of the attention weights of two views, layer by layer."""

import numpy as np

from core.parts.views import a, b

difference = b.density - a.density  # (L, 3, 90)
final_to_previous, self_attention = difference[:, 0], difference[:, 1]  # the first token's weights are all 1

for name, one in (("final to previous", final_to_previous), ("self-attention", self_attention)):
    moved = np.abs(one).sum(axis=-1) * (a.edges[1] - a.edges[0]) / 2
    print(f"B − A, {name}: most weights would have to move in layer {moved.argmax()}, {moved.max():.1%}")
np.savez("part8-difference.npz", edges=a.edges, final_to_previous=final_to_previous, self_attention=self_attention)
