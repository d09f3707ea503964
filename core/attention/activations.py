"""What the attention of every layer was given for a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jaxtyping import Bool, Float, Float32, Int
from numpy import ndarray

from core.attention.scores import AttentionCall


@dataclass(frozen=True)
class Activations:
    """Queries, keys and values of every layer, and how it makes weights of them.

    Heads lie side by side: columns h·d to (h+1)·d of `query`, `key` and `value` are head h's.
    """

    heads: int
    """H."""
    query: Float32[ndarray, "layer token embedding"]
    key: Float32[ndarray, "layer token embedding"]
    value: Float32[ndarray, "layer token embedding"]
    scale: Float[ndarray, " layer"]
    """What each layer multiplies its products by before the mask: 1/√d in GPT-2."""
    softcap: Float[ndarray, " layer"]
    """c of each layer's soft-capping, c · tanh(score / c); ∞ where there is none."""
    masks: Bool[ndarray, "mask query key"]
    """The different masks of the model, each once: the keys that each query may see. GPT-2 has one, the causal mask."""
    mask_of_layer: Int[ndarray, " layer"]
    """Which of the masks each layer has."""

    @property
    def layers(self) -> int:
        """L."""
        return self.query.shape[0]

    @property
    def tokens(self) -> int:
        """T."""
        return self.query.shape[1]

    @property
    def head_width(self) -> int:
        """d."""
        return self.query.shape[2] // self.heads

    def split_heads(
        self, name: Literal["query", "key", "value"], layer: int
    ) -> Float32[ndarray, "head token width"]:
        """One layer's queries, keys or values by head, (H, T, d), as a view.

        Raises IndexError for a layer that the model does not have.
        """
        side_by_side = getattr(self, name)[layer]  # (T, H·d)
        return side_by_side.reshape(self.tokens, self.heads, -1).transpose(1, 0, 2)  # (H, T, d)

    def call(self, layer: int) -> AttentionCall:
        """What a layer's attention was given, queries and keys as views.

        Raises IndexError for a layer that the model does not have.
        """
        return AttentionCall(
            self.split_heads("query", layer),
            self.split_heads("key", layer),
            float(self.scale[layer]),
            float(self.softcap[layer]),
            self.masks[self.mask_of_layer[layer]],
        )
