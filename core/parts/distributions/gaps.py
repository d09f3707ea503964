"""Gaps of part 6: scores of all heads at once, and their raw and softmax distributions by layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.attention.scores import softmax
from core.exercises.gap import Sizes, as_tensor, normal, read_topic
from core.expressions import Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors with a batch axis; some scores reach beyond ±15."""
    layers, heads, tokens, width, _ = sizes
    raw = normal(rng, layers, heads, tokens, tokens, spread=2) + np.arange(layers, dtype=np.float32).reshape(
        -1, 1, 1, 1
    )
    scores = normal(rng, 1, heads, tokens, tokens, spread=9)
    density = rng.integers(0, 3, 2 * tokens) / 4
    return {
        "Q": normal(rng, 1, tokens, sizes.embedding),
        "q": normal(rng, 1, heads, tokens, width),
        "k": normal(rng, 1, heads, tokens, width),
        "S": scores,
        "S_h": scores[0, 0],
        "A": as_tensor(softmax(np.asarray(scores) / 9)),
        "scores": raw,
        "raw": np.asarray(raw),
        "density": density,
        "half": 0.125,
        "L": layers,
        "E": sizes.embedding,
        "H": heads,
        "T": tokens,
        "d": width,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
