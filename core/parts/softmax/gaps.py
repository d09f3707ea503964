"""Gaps of part 7: the causal mask, softmax, and what tokens give to themselves and to others."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.attention.scores import causal_mask, softmax
from core.exercises.gap import Sizes, as_tensor, normal, read_topic
from core.expressions import Tensor, Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """Small tensors; the weights are those of masked scores."""
    _, heads, tokens, width, mask = sizes
    hidden = causal_mask(tokens)
    scores = rng.normal(0, 1.5, (heads, tokens, tokens)).astype(np.float32)
    return {
        "N": mask,
        "mask": as_tensor(np.triu(np.ones((mask, mask)), 1)),
        "Q_h": normal(rng, tokens, width),
        "K_h": normal(rng, tokens, width),
        "S": scores[0].view(Tensor),
        "M": hidden.view(Tensor),
        "A": as_tensor(softmax(scores + hidden)),
        "H": heads,
        "T": tokens,
        "E": sizes.embedding,
        "d": width,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
