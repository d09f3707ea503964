"""Part 7: one head, from its scores to its attention."""

import numpy as np

from core.model.program import K, Q, heads_of, raw_scores, visible

LAYER = 2
HEAD = 0

Q_h, K_h = heads_of(Q[LAYER])[HEAD], heads_of(K[LAYER])[HEAD]  # (T, d)
raw = raw_scores(Q_h @ K_h.T, LAYER)  # (T, T): a row for each query token, a column for each key token
masked = raw + np.where(visible[LAYER], 0, -np.inf)
powers = np.exp(masked - masked.max(axis=-1, keepdims=True))
weights = powers / powers.sum(axis=-1, keepdims=True)

print(f"layer {LAYER}, head {HEAD}: raw scores from {raw.min():.3g} to {raw.max():.3g}; ", end="")
print(f"the last token gives most, {weights[-1].max():.3g}, to token {weights[-1].argmax()}")
np.savez("part7c.npz", raw=raw, masked=masked, weights=weights)
