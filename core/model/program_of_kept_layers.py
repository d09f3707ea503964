"""Every layer's queries, keys and values of one run, as attention got them, and raw scores by the model's own rules."""

import numpy as np

from core.model.program_of_any_model import kept, scale, softcap

L, (H, T, d) = len(kept), kept[0][0].shape  # layers; heads, tokens, head width
E = H * d
Q, K, V = (
    np.stack([layer[which].transpose(0, 1).reshape(T, E).numpy() for layer in kept]) for which in range(3)
)  # (L, T, E) each, the heads side by side


def heads_of(activations: np.ndarray) -> np.ndarray:
    """One layer's activations head by head: head h has the columns h·d to (h + 1)·d."""
    return activations.reshape(T, H, d).transpose(1, 0, 2)  # (T, E) to (H, T, d)


def raw_scores(products: np.ndarray, layer: int) -> np.ndarray:
    """Of products of queries and keys: by the model's own scale, soft-capped where it does that."""
    scores, cap = products * scale[layer], softcap[layer]
    return scores if cap is None else np.tanh(scores / cap) * cap
