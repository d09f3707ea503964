"""Part 4: the mean score of every head's queries on every head's keys."""

import numpy as np

from core.model.program import H, K, Q, heads_of, raw_scores, visible

LAYER = 2

Q_h, K_h = heads_of(Q[LAYER]), heads_of(K[LAYER])  # (H, T, d)
means = np.zeros((H, H))  # query head, key head
for query_head in range(H):
    for key_head in range(H):
        scores = raw_scores(Q_h[query_head] @ K_h[key_head].T, LAYER)  # (T, T)
        means[query_head, key_head] = scores[visible[LAYER]].mean(dtype=np.float64)  # what the mask leaves

own = np.eye(H, dtype=bool)  # what the model computes
print(f"layer {LAYER}: mean within heads {means[own].mean():.3g}", end="")
print(f", across heads {means[~own].mean():.3g}" if H > 1 else "")
np.savez("part4b.npz", means=means)
