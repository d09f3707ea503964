"""Gaps of part 2: what to hook, the tokens, and the activations."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.exercises.gap import Sizes, normal, read_topic
from core.expressions import Record, Tensor, Value


def modules(name: str, *parts: str) -> Record:
    """A module that holds others, each without parts."""
    return Record(name, {part: Record(f"{name}.{part}") for part in parts})


def block(layer: int) -> Record:
    """One layer of GPT-2, by transformers' names."""
    name = f"model.transformer.h[{layer}]"
    return Record(
        name,
        {
            "ln_1": Record(f"{name}.ln_1"),
            "attn": modules(f"{name}.attn", "c_attn", "c_proj"),
            "ln_2": Record(f"{name}.ln_2"),
            "mlp": modules(f"{name}.mlp", "c_fc", "act", "c_proj"),
        },
    )


def values(sizes: Sizes, rng: np.random.Generator) -> dict[str, Value]:
    """A model as a tree of names, and small tensors."""
    tokens, vocabulary = sizes.tokens, sizes.tokens + 3
    layers = [block(layer) for layer in range(sizes.layers)]
    transformer = Record("model.transformer", {"h": layers, **modules("model.transformer", "wte", "wpe").fields})
    ids = rng.permutation(50)[:tokens].reshape(1, tokens) + 20
    return {
        "model": Record("model", {"transformer": transformer, "base_model": transformer}),
        "layer": sizes.layers // 2 + 1,
        "tokens": Record("tokens", {"input_ids": ids.view(Tensor), "attention_mask": np.ones_like(ids).view(Tensor)}),
        "out": normal(rng, 1, tokens, 3 * sizes.embedding),
        "T": tokens,
        "logits": normal(rng, 1, tokens, vocabulary, spread=2),
    }


TOPIC = read_topic(Path(__file__).with_suffix(".toml"), values)
