"""Gaps of part 10: the entropy of attention, that of equal weights, and their ratio under the mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.attention.scores import causal_mask, entropy, softmax
from core.exercises.gap import Sizes, as_tensor, read_topic
from core.expressions import Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Weights of one layer, and the entropy of masked ones."""
    scores = rng.normal(0, 1.5, (sizes.heads, sizes.tokens, sizes.tokens)).astype(np.float32)
    return {
        "A": as_tensor(softmax(scores)),
        "entropy": as_tensor(entropy(softmax(scores + causal_mask(sizes.tokens)))),
        "T": sizes.tokens,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
