"""Part 5: part 4's scores within and across heads, in every layer."""

import numpy as np

from core.model.program import H, K, L, Q, heads_of, raw_scores

QUERY = 20  # position of the query token
SKIP_FIRST = True  # leave out the first token's key

edges = np.linspace(-20, 20, 101)
own = np.eye(H, dtype=bool)
keys = slice(1 if SKIP_FIRST else 0, QUERY)


def density(values: np.ndarray) -> np.ndarray:
    """Of the values inside the edges; zeros where there are none."""
    counts = np.histogram(values, edges)[0]
    return counts / (max(counts.sum(), 1) * (edges[1] - edges[0]))


within, across = np.zeros((2, L, 100))
for layer in range(L):
    Q_h, K_h = heads_of(Q[layer]), heads_of(K[layer])  # (H, T, d)
    products = np.einsum("qd,ktd->qkt", Q_h[:, QUERY], K_h[:, keys])  # query head, key head, key token
    scores = raw_scores(products, layer)
    within[layer], across[layer] = density(scores[own]), density(scores[~own])

print(f"densities of {L} layers on {len(edges) - 1} bins: within heads {within.shape}, across heads {across.shape}")
np.savez(
    "part5.npz",
    edges=edges,
    within=within,
    across=across,
    within_mean=within.mean(axis=0),
    within_sd=within.std(axis=0),
    across_mean=across.mean(axis=0),
    across_sd=across.std(axis=0),
)
