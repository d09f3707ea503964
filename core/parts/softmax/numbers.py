"""Part 7: the causal mask, and what softmax makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from core.attention.scores import causal_mask, softmax
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.softmax import MASK_SIZE
from core.parts.softmax.attention import attention
from core.parts.tables import Table, by_pair
from core.writing import number


class CausalMask(NamedTuple):
    """Part 7a: what the causal mask is and what softmax makes of it."""

    binary: Float[ndarray, "query key"]
    """1 above the diagonal: hidden."""
    causal: Float[ndarray, "query key"]
    """M, with −∞ above the diagonal."""
    softmax: Float[ndarray, "query key"]
    """Softmax of M: row i is 1 / (i + 1) up to the diagonal."""
    hidden: Bool[ndarray, "query key"]
    """Where M is −∞, which no colour scale holds."""

    def sentence(self) -> str:
        size = len(self.hidden)
        return (
            f"The mask hides {int(self.hidden.sum())} of {size * size} cells; softmax shares each row equally among "
            f"the rest, from {number(self.softmax[0, 0])} in row 0 to {number(self.softmax[-1, -1])} for each cell "
            f"of row {size - 1}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        return (
            Table("part7a-binary", "A) Binary mask (0 or 1)", partial(by_pair, self.binary, "masked")),
            Table("part7a-causal", "B) Time-causal mask (M)", partial(by_pair, self.causal, "mask")),
            Table("part7a-softmax", "C) Impact of softmax", partial(by_pair, self.softmax, "weight")),
        )


def masking(size: int = MASK_SIZE.default) -> CausalMask:
    """Part 7a, for N = `size` tokens."""
    causal = causal_mask(size)
    hidden = np.isneginf(causal)
    return CausalMask(hidden.astype(np.float32), causal, softmax(causal), hidden)


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    mask, weights = masking(mask_size), attention(capture, layer)
    return {
        "part7_mask_binary": Array(mask.binary, ('query', 'key')),
        "part7_mask_causal": Array(mask.causal, ('query', 'key')),
        "part7_mask_softmax": Array(mask.softmax, ('query', 'key')),
        "part7_final_to_previous": Array(weights.final_to_previous.values, ('index',)),
        "part7_self": Array(weights.self_attention.values, ('index',)),
        "part7_first_to_self": Array(weights.first_to_self.values, ('index',)),
    }
