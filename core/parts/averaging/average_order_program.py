"""Part 9: the mean of softmaxes against the softmax of the mean score."""

import numpy as np

from core.model.program import H, K, L, Q, T, heads_of, raw_scores, visible

LAYER = 2
QUERY = 20  # position of the query token
AVERAGED = "heads"  # of the layer; or layers, which is all heads of all layers


def softmax(scores: np.ndarray) -> np.ndarray:
    """Over the keys, the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def entropy(weights: np.ndarray) -> np.ndarray:
    """−Σ p ln p over the keys; a weight of 0 adds nothing."""
    return -(weights * np.log(np.where(weights > 0, weights, 1))).sum(axis=-1)


def masked_scores(layer: int) -> np.ndarray:
    """All heads' scores, −∞ where a query may not see a key: (H, T, T)."""
    scores = raw_scores(heads_of(Q[layer]) @ heads_of(K[layer]).transpose(0, 2, 1), layer)
    return np.where(visible[layer], scores, -np.inf)


distance, entropy_of_mean, entropy_of_one = (np.full(L, np.nan) for _ in range(3))
for layer in range(L):
    scores, keys = masked_scores(layer), visible[layer].sum(axis=-1)
    mean, one = softmax(scores).mean(axis=0), softmax(scores.mean(axis=0))  # (T, T) each
    several = keys > 1  # queries that have a choice
    if several.any():
        distance[layer] = np.abs(mean - one)[several].sum(axis=-1).mean() / 2
        entropy_of_mean[layer] = (entropy(mean[several]) / np.log(keys[several])).mean()
        entropy_of_one[layer] = (entropy(one[several]) / np.log(keys[several])).mean()

layers = [LAYER] if AVERAGED == "heads" else range(L)
scores = np.concatenate([masked_scores(layer)[:, QUERY] for layer in layers])  # (H, or L · H, T)
mean_of_softmaxes, softmax_of_mean = softmax(scores).mean(axis=0), softmax(scores.mean(axis=0))

print(f"token {QUERY}: {np.abs(mean_of_softmaxes - softmax_of_mean).sum() / 2:.1%} of the attention lies elsewhere")
for query in (0, T // 2, T - 1):  # the trap: the mean of a row tells how many keys it has
    row = softmax(masked_scores(LAYER)[:, query])[:, visible[LAYER][query]]
    print(f"query {query}: mean weight {row.mean():.4g} in {H} heads, 1 / keys {1 / row.shape[1]:.4g}")
np.savez(
    "part9c.npz",
    mean_of_softmaxes=mean_of_softmaxes,
    softmax_of_mean=softmax_of_mean,
    distance_by_layer=distance,
    entropy_of_mean_by_layer=entropy_of_mean,
    entropy_of_one_by_layer=entropy_of_one,
)
