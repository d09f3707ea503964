"""Part 9: one product over all heads against the average of the heads' own products."""

import numpy as np

from core.scripts.activations import E, H, K, Q, d, heads_of

LAYER = 2
NORMALISATION = "matched"  # or plain, or own_width

whole_divisor, head_divisor = {
    "matched": (np.sqrt(d) * H, np.sqrt(d)),  # the same sum twice
    "plain": (1.0, 1.0),
    "own_width": (np.sqrt(E), np.sqrt(d)),
}[NORMALISATION]

all_heads = Q[LAYER] @ K[LAYER].T / whole_divisor  # (T, T)
products = heads_of(Q[LAYER]) @ heads_of(K[LAYER]).transpose(0, 2, 1)  # (H, T, T)
per_head_mean = products.mean(axis=0) / head_divisor

slope = (all_heads * per_head_mean).sum() / (all_heads**2).sum()
print(f"layer {LAYER}, {NORMALISATION}: slope {slope:.4g}, ", end="")
print(f"largest difference {np.abs(all_heads - per_head_mean).max():.3g}")
np.savez("part9.npz", all_heads=all_heads, per_head_mean=per_head_mean, slope=slope)
