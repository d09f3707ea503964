"""Gaps of part 3: sizes from the config, and activations split into Q, K, V and into heads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.exercises.gap import Sizes, normal, read_topic
from core.expressions import Record, Value


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """A config, and small tensors of one layer."""
    _, heads, tokens, width, _ = sizes
    query = normal(rng, tokens, sizes.embedding)
    numbers = {"n_layer": sizes.layers, "n_head": heads, "n_embd": sizes.embedding, "n_positions": 1024}
    other_names = {"num_hidden_layers": "n_layer", "num_attention_heads": "n_head", "hidden_size": "n_embd"}
    return {
        "config": Record("config", numbers | {other: numbers[name] for other, name in other_names.items()}),
        "qkv": normal(rng, tokens, 3 * sizes.embedding),
        "Q": query,
        "Q_h": normal(rng, tokens, width),
        "T": tokens,
        "E": sizes.embedding,
        "H": heads,
        "d": width,
        "h": heads - 2,
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
