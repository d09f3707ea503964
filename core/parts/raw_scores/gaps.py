"""Gaps of part 4: raw scores in one layer, within and across heads, and their distributions."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.exercises.gap import Sizes, normal, read_topic
from core.expressions import Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors, and a sample of scores as numpy arrays."""
    _, heads, tokens, width, _ = sizes
    query, key = normal(rng, heads, tokens, width), normal(rng, heads, tokens, width)
    sample = rng.normal(-1, 2, 10 * tokens)
    edges = np.cumsum(np.linspace(0.5, 1.2, sizes.mask + 3)) - 4
    return {
        "Q": query,
        "K": key,
        "Q_h": query[0],
        "K_h": key[0],
        "scores": normal(rng, heads, heads, tokens - 2),
        "x": sample,
        "counts": np.histogram(sample, edges)[0],
        "edges": edges,
        "E": sizes.embedding,
        "H": heads,
        "d": width,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
