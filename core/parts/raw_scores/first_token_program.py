"""Part 4: how much attention every head gives the first token, and how one query scores it beside the others."""

import numpy as np

from core.model.program import H, K, L, Q, T, heads_of, raw_scores, visible

LAYER = 2
QUERY = 20  # position of the query token

share, even = np.full((L, H), np.nan), np.full(L, np.nan)
for layer in range(L):
    S = raw_scores(heads_of(Q[layer]) @ heads_of(K[layer]).transpose(0, 2, 1), layer)  # (H, T, T)
    S = np.where(visible[layer], S, -np.inf)
    powers = np.exp(S - S.max(axis=-1, keepdims=True))
    A = powers / powers.sum(axis=-1, keepdims=True)
    if T > 1:
        share[layer] = A[:, 1:, 0].mean(axis=-1)  # the tokens after the first, on the first
        even[layer] = (visible[layer][1:, 0] / visible[layer][1:].sum(axis=-1)).mean()  # if all weights were equal

Q_h, K_h = heads_of(Q[LAYER]), heads_of(K[LAYER])  # (H, T, d)
scores = raw_scores(np.einsum("hd,hkd->hk", Q_h[:, QUERY], K_h[:, :QUERY]), LAYER)  # (H, keys before the query)

print(f"token 0 gets {share.mean():.1%} of the attention; equal weights would give it {even.mean():.1%}")
for head in range(H if QUERY > 1 else 0):
    print(f"layer {LAYER}, head {head}: {scores[head, 0]:.3g} on token 0, {scores[head, 1:].mean():.3g} on the others")
np.savez("part4c.npz", share=share, even=even, scores=scores)
