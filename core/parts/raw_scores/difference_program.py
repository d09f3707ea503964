"""Part 4, B − A: the densities of part 4's scores of two views, on bins of both together."""

import numpy as np

from core.parts.views import a, b


def densities(of_a: np.ndarray, of_b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bin edges of both together by Freedman and Diaconis's rule, at most 1,000 bins, and each one's density."""
    edges = np.histogram_bin_edges(np.concatenate([of_a, of_b]), bins="fd")
    if len(edges) > 1001:
        edges = np.linspace(edges[0], edges[-1], 1001)
    counts_a, counts_b = (np.histogram(values, edges)[0] for values in (of_a, of_b))
    width = edges[1] - edges[0]
    return edges, counts_a / (max(counts_a.sum(), 1) * width), counts_b / (max(counts_b.sum(), 1) * width)


within_edges, within_a, within_b = densities(a.within, b.within)
across_edges, across_a, across_b = densities(a.across, b.across)
within, across = within_b - within_a, across_b - across_a

for name, edges, difference in (("within", within_edges, within), ("across", across_edges, across)):
    moved = np.abs(difference).sum() * (edges[1] - edges[0]) / 2
    print(f"B − A, {name} heads: {moved:.1%} of the scores would have to move to another bin")
np.savez(
    "part4-difference.npz",
    within_edges=within_edges,
    within_a=within_a,
    within_b=within_b,
    within=within,
    across_edges=across_edges,
    across_a=across_a,
    across_b=across_b,
    across=across,
)
