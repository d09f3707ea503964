"""Gaps of part 8: the other way to mask, and part 7's three samples over all layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.attention.scores import causal_mask, softmax
from core.exercises.gap import Sizes, as_tensor, read_topic
from core.expressions import Tensor, Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Masked weights of all layers, and densities as numpy arrays."""
    layers, heads, tokens, _, mask = sizes
    edges = np.linspace(0, 1, 2 * mask + 1)
    final, own, first = rng.random((3, layers, len(edges) - 1))
    scores = rng.normal(0, 1.5, (layers, heads, tokens, tokens)).astype(np.float32)
    return {
        "S": scores[0, 0].view(Tensor),
        "final": final,
        "own": own,
        "first": first,
        "densities": np.stack([final, own, first], axis=1),
        "weights": as_tensor(softmax(scores + causal_mask(tokens))),
        "edges": edges,
        "L": layers,
        "H": heads,
        "T": tokens,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
