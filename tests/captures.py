"""Captures of random activations, for tests of the numbers that need no model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from core.model.capture import Capture
from core.model.facts import ModelFacts, Projection


def causal(tokens: int) -> Bool[ndarray, "query key"]:
    """The keys that each query may see in GPT-2."""
    return np.tril(np.ones((tokens, tokens), bool))


def unlike_gpt2(capture: Capture) -> Capture:
    """The same activations in a model of other rules: scales by layer, soft-capping, a window, and no mask at all.

    Layer 0 caps, layer 1 sees a window of 3 tokens, layer 2 sees everything.
    """
    tokens, layers = capture.tokens, capture.layers
    every = np.ones((tokens, tokens), bool)
    kinds = (causal(tokens), np.tril(every) & ~np.tril(every, -3), every)
    return replace(
        capture,
        scale=0.7 / np.arange(1, layers + 1),
        softcap=np.where(np.arange(layers) == 0, 2.0, np.inf),
        masks=np.stack(kinds),
        mask_of_layer=np.arange(layers) % 3,
    )


def random_capture(
    layers: int, heads: int, tokens: int, width: int, *, spread: float = 1.0, shift: float = 0.0, seed: int = 0
) -> Capture:
    """Independent normal activations; `shift` moves queries and keys, so that scores get a mean of their own."""
    generator = np.random.default_rng(seed)
    embedding = heads * width
    query, key, value = generator.normal(0, spread, (3, layers, tokens, embedding)).astype(np.float32)
    facts = ModelFacts(
        name="random",
        revision="none",
        shipped=False,
        family="gpt2",
        layers=layers,
        heads=heads,
        key_value_heads=heads,
        embedding=embedding,
        head_width=width,
        parameters=12 * layers * embedding**2,
        positions=1024,
        vocabulary=100,
        projections=(Projection("transformer.h[i].attn.c_attn", 3 * embedding),),
        largest_difference=0.0,
    )
    return Capture(
        heads=heads,
        model=facts,
        text="word " * tokens,
        token_ids=generator.integers(0, 100, tokens),
        token_text=tuple(f"␣{position}" for position in range(tokens)),
        text_tokens=tokens,
        query=query + np.float32(shift),
        key=key + np.float32(shift),
        value=value,
        scale=np.full(layers, width**-0.5),
        softcap=np.full(layers, np.inf),
        masks=causal(tokens)[None],
        mask_of_layer=np.zeros(layers, int),
        next_ids=np.arange(5),
        next_text=("a", "b", "c", "d", "e"),
        next_probability=np.array([0.5, 0.2, 0.1, 0.05, 0.01], np.float32),
    )
