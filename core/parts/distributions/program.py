"""Part 6: raw scores and softmax weights of all heads and all pairs of tokens, layer by layer."""

import numpy as np

from core.model.program import K, L, Q, T, heads_of, raw_scores, visible

CAUSAL = False  # with the model's mask: only what it leaves

raw_edges = np.linspace(-15, 15, 201)


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def density(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Of the values inside the edges; zeros where there are none, and where the edges leave no room."""
    width = (edges[-1] - edges[0]) / (len(edges) - 1)
    if not width:
        return np.zeros(len(edges) - 1)
    counts = np.histogram(values, edges)[0]
    return counts / (max(counts.sum(), 1) * width)


mean, std, raw_density, weights = [], [], [], []
for layer in range(L):
    S = raw_scores(heads_of(Q[layer]) @ heads_of(K[layer]).transpose(0, 2, 1), layer)  # (H, T, T)
    seen = visible[layer] if CAUSAL else np.ones((T, T), bool)
    A = softmax(S + np.where(seen, np.float32(0), np.float32(-np.inf)))
    raw = S[:, seen].astype(np.float64)
    mean.append(raw.mean())
    std.append(raw.std(ddof=1) if raw.size > 1 else np.nan)
    raw_density.append(density(raw, raw_edges))
    weights.append(A[:, seen])

# Each layer's weights on bins of its own, from its smallest to its largest weight.
ends = np.array([(A.min(), A.max()) for A in weights], np.float64)
softmax_edges = np.linspace(ends[:, 0], ends[:, 1], 202, axis=1)
softmax_density = [density(A, edges) for A, edges in zip(weights, softmax_edges, strict=True)]

for layer in range(L):
    print(f"layer {layer}: raw scores {mean[layer]:.3g} ± {std[layer]:.3g}, largest weight {weights[layer].max():.3g}")
np.savez(
    "part6.npz",
    mean=mean,
    std=std,
    raw_edges=raw_edges,
    raw_density=raw_density,
    softmax_edges=softmax_edges,
    softmax_density=softmax_density,
)
