"""Gaps of part 9: one product over all heads against the average of the heads' own, and means of groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.exercises.gap import Sizes, as_tensor, normal, read_topic
from core.expressions import Tensor, Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors of one layer, and groups of unequal size."""
    _, heads, tokens, width, _ = sizes
    query, key = normal(rng, tokens, sizes.embedding), normal(rng, tokens, sizes.embedding)
    by_head = [np.asarray(whole).reshape(tokens, heads, width).transpose(1, 0, 2) for whole in (query, key)]
    product = np.asarray(query) @ np.asarray(key).T
    per_head = (by_head[0] @ by_head[1].swapaxes(1, 2)).mean(axis=0)
    return {
        "Q": query,
        "K": key,
        "Qh": as_tensor(by_head[0]),
        "Kh": as_tensor(by_head[1]),
        "all_heads": (product / heads + rng.normal(0, 1e-2, product.shape).astype(np.float32)).view(Tensor),
        "per_head": per_head.view(Tensor),
        "x": product.reshape(-1).astype(float),
        "y": per_head.reshape(-1) + rng.normal(0, 0.3, product.size),
        "numbers": np.arange(1, tokens + 1),
        "cut": width - 2,
        "mean_1": 1.5 + width,
        "mean_2": 2.0 + tokens,
        "n_1": heads,
        "n_2": tokens,
        "T": tokens,
        "E": sizes.embedding,
        "H": heads,
        "d": width,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
