"""Part 6, B − A: means, SDs and densities of all raw scores and softmax weights of two views, layer by layer."""

import numpy as np

from core.parts.views import a, b

mean, sd = np.subtract(b.mean, a.mean), np.subtract(b.std, a.std)
raw = np.subtract(b.raw_density, a.raw_density)

# The weights of both are counted again, layer by layer on bins that hold them all.
low = np.minimum(a.softmax_edges[:, 0], b.softmax_edges[:, 0])
high = np.maximum(a.softmax_edges[:, -1], b.softmax_edges[:, -1])
softmax_edges = np.linspace(low, high, 202, axis=1)


def density(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """With empty bins at half of one count, as on a logarithmic axis; zeros where the edges leave no room."""
    if edges[0] == edges[-1]:
        return np.zeros(len(edges) - 1)
    counts = np.histogram(values, edges)[0]
    return np.maximum(counts, 0.5) / (counts.sum() * (edges[1] - edges[0]))


softmax_a = np.array([density(*layer) for layer in zip(a.weights, softmax_edges, strict=True)])
softmax_b = np.array([density(*layer) for layer in zip(b.weights, softmax_edges, strict=True)])
# 1: B's density is ten times A's; 0 where neither has one
softmax_ratio = np.log10(np.divide(softmax_b, softmax_a, out=np.ones_like(softmax_a), where=softmax_a > 0))

for layer in range(len(mean)):
    print(f"B − A, layer {layer}: mean {mean[layer]:+.3g}, SD {sd[layer]:+.3g}")
np.savez(
    "part6-difference.npz",
    mean=mean,
    sd=sd,
    raw_edges=a.raw_edges,
    raw=raw,
    softmax_edges=softmax_edges,
    softmax_a=softmax_a,
    softmax_b=softmax_b,
    softmax_ratio=softmax_ratio,
)
