"""Part 10: which heads look at one token, which at many: the entropy of every head's attention."""

import numpy as np

from core.model.program import H, K, L, Q, heads_of, raw_scores, visible

entropy = np.full((L, H), np.nan)
for layer in range(L):
    S = raw_scores(heads_of(Q[layer]) @ heads_of(K[layer]).transpose(0, 2, 1), layer)  # (H, T, T)
    S = np.where(visible[layer], S, -np.inf)
    powers = np.exp(S - S.max(axis=-1, keepdims=True))
    A = powers / powers.sum(axis=-1, keepdims=True)
    rows = -(A * np.log(A, where=A > 0, out=np.zeros_like(A))).sum(axis=-1)  # (H, T); 0 ln 0 counts as 0
    seen = visible[layer].sum(axis=-1)  # how many keys each query sees
    if (seen > 1).any():  # one that sees a single key has no choice
        entropy[layer] = (rows[:, seen > 1] / np.log(seen[seen > 1])).mean(axis=-1)

by_layer = entropy.mean(axis=-1)
for layer in range(L):
    print(f"layer {layer}: {by_layer[layer]:.1%} of the entropy of equal weights, averaged over {H} heads")
np.savez("part10.npz", entropy=entropy, by_layer=by_layer)
