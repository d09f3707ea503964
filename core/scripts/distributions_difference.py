"""Part 6, B − A: means, SDs and densities of all raw scores and softmax weights of two views, layer by layer."""

import numpy as np

from core.scripts.views import a, b

mean, sd = np.subtract(b.mean, a.mean), np.subtract(b.std, a.std)
raw = np.subtract(b.raw_density, a.raw_density)

# The weights of both are counted again, on bins that hold them all.
ends = [a.softmax_edges[0], a.softmax_edges[-1], b.softmax_edges[0], b.softmax_edges[-1]]
softmax_edges = np.linspace(min(ends), max(ends), 202)


def density(values: np.ndarray) -> np.ndarray:
    """With empty bins at half of one count, as on a logarithmic axis."""
    counts = np.histogram(values, softmax_edges)[0]
    return np.maximum(counts, 0.5) / (counts.sum() * (softmax_edges[1] - softmax_edges[0]))


softmax_a = np.array([density(layer) for layer in a.weights])
softmax_b = np.array([density(layer) for layer in b.weights])
softmax_ratio = np.log10(softmax_b) - np.log10(softmax_a)  # 1: B's density is ten times A's

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
