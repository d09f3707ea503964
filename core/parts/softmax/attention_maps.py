"""Part 7, one head, at every stage from Q Kᵀ to the attention weights."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray

from core.attention.scores import softmax
from core.model.capture import Capture
from core.model.tokens import isolated
from core.model.words import mask_words
from core.parts.tables import Table, by_pair
from core.writing import also, number, percent


class HeadMaps(NamedTuple):
    """One head at every stage from Q Kᵀ to the attention weights, each T × T."""

    layer: int
    head: int
    product: Float[ndarray, "query key"]
    """Q_h K_hᵀ"""
    raw: Float[ndarray, "query key"]
    """S_h, by the model's own scale: Q_h K_hᵀ / √d in GPT-2"""
    masked: Float[ndarray, "query key"]
    """S_h + M, with −∞ where the model's mask has it: above the diagonal in GPT-2."""
    weights: Float[ndarray, "query key"]
    """A_h"""
    hidden: Bool[ndarray, "query key"]
    """Where the mask is −∞."""
    mask_words: str
    """Which keys a query may see, in a sentence; empty for the causal mask."""

    def stages(self, query: int, key: int) -> tuple[float, float, float, float]:
        """One cell's value after Q Kᵀ, its scale, + M, softmax."""
        product, raw, masked, weight = (
            float(stage[query, key]) for stage in (self.product, self.raw, self.masked, self.weights)
        )
        return product, raw, masked, weight

    def strongest(self, query: int, count: int = 3) -> Int[ndarray, " key"]:
        """The key tokens that a query token gives most to, in falling order; at most `count`, none hidden."""
        visible = np.flatnonzero(~self.hidden[query])
        return visible[np.argsort(-self.weights[query, visible], kind="stable")[:count]]

    def told(self, query: int, tokens: Sequence[str]) -> str:
        """What a query token gives most to; `tokens` in visible form."""
        given = ", ".join(
            f"{percent(float(self.weights[query, key]))} to token {key} “{isolated(tokens[key])}”"
            for key in self.strongest(query)
        )
        named = f"token {query} “{isolated(tokens[query])}”"
        return f"Layer {self.layer}, head {self.head}: {named} gives most {given}."

    def sentence(self) -> str:
        last = self.weights[-1]
        favourite = int(last.argmax())
        return (
            f"Layer {self.layer}, head {self.head}: raw scores lie between {number(self.raw.min())} and "
            f"{number(self.raw.max())}; the last token gives most, {percent(last[favourite])}, to token {favourite}."
            f"{also(self.mask_words)}"
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        return tuple(
            Table(f"part7c-{name}", title, partial(by_pair, matrix, value, tokens))
            for name, title, matrix, value in (
                ("raw", "Raw scores S", self.raw, "score"),
                ("masked", "Masked scores S + M", self.masked, "score"),
                ("attention", "Attention A", self.weights, "weight"),
            )
        )


def head_maps(capture: Capture, layer: int, head: int) -> HeadMaps:
    """Part 7b's maps of the selected head."""
    call = capture.call(layer)
    query, key = call.query[head], call.key[head]
    raw = np.ascontiguousarray(call.raw_scores(query, key))
    masked = raw + call.mask
    return HeadMaps(layer, head, query @ key.T, raw, masked, softmax(masked), ~call.visible, mask_words(capture, layer))
