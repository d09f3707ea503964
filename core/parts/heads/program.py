"""Part 3: one layer's activations, split into heads."""

import numpy as np

from core.model.program import K, Q, V, heads_of

LAYER = 2
ACTIVATION = "query"  # or key, or value

activations = {"query": Q, "key": K, "value": V}[ACTIVATION][LAYER]  # (T, E)
heads = heads_of(activations).transpose(0, 2, 1)  # (H, d, T): each head as its heat map shows it

print(f"layer {LAYER}: {ACTIVATION} heads {heads.shape}, from {heads.min():.3g} to {heads.max():.3g}")
np.savez("part3.npz", heads=heads)
