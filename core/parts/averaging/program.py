"""Part 9: one product over all heads against the average of the heads' own products."""

import numpy as np

from core.model.program import H, K, Q, heads_of, scale

LAYER = 2
NORMALISATION = "matched"  # or plain, or own_width

s = scale[LAYER]  # 1/√d in GPT-2
whole_scale, head_scale = {
    "matched": (s / H, s),  # the same sum twice
    "plain": (1.0, 1.0),
    "own_width": (s / H**0.5, s),  # with s = 1/√d these are 1/√E and 1/√d
}[NORMALISATION]

all_heads = Q[LAYER] @ K[LAYER].T * whole_scale  # (T, T)
products = heads_of(Q[LAYER]) @ heads_of(K[LAYER]).transpose(0, 2, 1)  # (H, T, T)
per_head_mean = products.mean(axis=0) * head_scale

slope = (all_heads * per_head_mean).sum() / (all_heads**2).sum()
print(f"layer {LAYER}, {NORMALISATION}: slope {slope:.4g}, ", end="")
print(f"largest difference {np.abs(all_heads - per_head_mean).max():.3g}")
np.savez("part9.npz", all_heads=all_heads, per_head_mean=per_head_mean, slope=slope)
