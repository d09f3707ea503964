"""What a model does between Q Kᵀ and softmax, in words: its scale, its soft-capping, its mask."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.model.capture import Capture
from core.writing import counted, number

STUDY_SCALE = "÷ √d"
"""GPT-2's, which the study is about."""
NEAR = 1e-6
"""How far, relatively, a scale may lie from 1/√d and still be called so: float32 keeps seven digits."""


def scale_sign(capture: Capture, layer: int | None = None) -> str:
    """What stands in the chain between Q Kᵀ and the mask: "÷ √d", or what the model does instead.

    Without a layer it is that of all layers.
    """
    scale, root = capture.scale, np.sqrt(capture.head_width)
    cap = _same(capture.softcap, layer)
    capped = "" if cap == np.inf else f", capped at ±{number(cap)}" if cap is not None else ", capped"
    if np.allclose(scale, 1 / root, rtol=NEAR):
        return f"{STUDY_SCALE}{capped}"
    if np.allclose(scale, 1 / (root * np.arange(1, len(scale) + 1)), rtol=NEAR):
        return f"÷ (√d · (layer + 1)){capped}"
    one = _same(scale, layer)
    return ("× the layer’s scale" if one is None else f"× {number(one)}") + capped


def scale_words(capture: Capture) -> str:
    """What becomes of a product of a query and a key, for a sentence: "divided by √d"."""
    return in_words(scale_sign(capture))


def in_words(sign: str) -> str:
    """The sign of a scale as words."""
    return sign.replace("÷ ", "divided by ").replace("× ", "multiplied by ").replace(", capped", " and soft-capped")


def mask_words(capture: Capture, layer: int | None = None) -> str:
    """Which keys a query may see, as a sentence; nothing for the causal mask, which the study is about.

    Without a layer it is that of all layers.
    """
    kinds = [_kind(mask) for mask in capture.masks]
    if layer is not None:
        kind = kinds[capture.mask_of_layer[layer]]
        return kind and f"In layer {layer} {kind}."
    if len(kinds) == 1:
        return kinds[0] and f"In this model {kinds[0]}."
    layers = [counted(int((capture.mask_of_layer == at).sum()), "layer") for at in range(len(kinds))]
    seen = (kind or "a token sees itself and all before it" for kind in kinds)
    return f"Layers differ: {', '.join(f'in {of} {kind}' for of, kind in zip(layers, seen, strict=True))}."


def _kind(mask: Bool[ndarray, "query key"]) -> str:
    """What a mask lets a token see, for a sentence; empty for the causal mask."""
    every = np.ones_like(mask)
    earlier = np.tril(every)
    if np.array_equal(mask, earlier):
        return ""
    if mask.all():
        return "every token sees all others, also those after it: there is no mask"
    window = int(mask.sum(axis=1).max())
    if np.array_equal(mask, earlier & ~np.tril(every, -window)):
        before = "the token" if window == 2 else f"the {counted(window - 1, 'token')}"
        return f"a token sees itself and {before} before it" if window > 1 else "a token sees nothing but itself"
    sees = "also some of those after it" if (mask & ~earlier).any() else "only some of those before it"
    return f"a token sees itself and {sees}: the mask hides {int((~mask).sum()):,} of {mask.size:,} cells"


def _same(values: Float[ndarray, " layer"], layer: int | None) -> float | None:
    """The value of a layer, or the one that all layers have, if they have one."""
    if layer is not None:
        return float(values[layer])
    return float(values[0]) if (values == values[0]).all() else None
