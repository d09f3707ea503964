"""Part 4: one query on the keys of the tokens before it, within a head and across heads."""

import numpy as np

from core.model.program import H, K, Q, heads_of, raw_scores

LAYER = 2
QUERY = 20  # position of the query token
SKIP_FIRST = True  # leave out the first token's key

Q_h, K_h = heads_of(Q[LAYER]), heads_of(K[LAYER])  # (H, T, d)
keys = slice(1 if SKIP_FIRST else 0, QUERY)
products = np.einsum("qd,ktd->qkt", Q_h[:, QUERY], K_h[:, keys])  # query head, key head, key token
scores = raw_scores(products, LAYER).astype(np.float64)  # so that edges and widths of bins are exact
own = np.eye(H, dtype=bool)
within, across = scores[own].ravel(), scores[~own].ravel()


def density(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bin edges by Freedman and Diaconis's rule, at most 1,000 bins, and the density in each bin."""
    edges = np.histogram_bin_edges(values, bins="fd")
    if len(edges) > 1001:
        edges = np.linspace(edges[0], edges[-1], 1001)
    counts = np.histogram(values, edges)[0]
    return edges, counts / (max(counts.sum(), 1) * (edges[1] - edges[0]))


within_edges, within_density = density(within)
across_edges, across_density = density(across)

for name, values in (("within", within), ("across", across)):
    if len(values):
        print(f"{name} heads: n {len(values):,}, mean {values.mean():.3g}, SD {values.std():.3g}, ", end="")
        print(f"{(values > 0).mean():.1%} above 0")
np.savez(
    "part4.npz",
    within=within,
    across=across,
    within_edges=within_edges,
    within_density=within_density,
    across_edges=across_edges,
    across_density=across_density,
)
