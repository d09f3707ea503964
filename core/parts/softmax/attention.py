"""Part 7, one layer: what the last token gives to those before it, and tokens to themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.attention.distributions import Sample, sample
from core.attention.scores import attention_samples
from core.model.capture import Capture
from core.parts.tables import Columns, Table, in_samples
from core.writing import number


class Attention(NamedTuple):
    """Part 7b: one layer's weights of the last token on those before, and of tokens on themselves."""

    layer: int
    final_to_previous: Sample
    """A_h[T−1, 0 … T−2], ordered by head, then position; empty for T = 1."""
    self_attention: Sample
    """A_h[i, i], i = 1 … T−1, ordered by head, then position; empty for T = 1."""
    first_to_self: Sample
    """A_h[0, 0] by head, each exactly 1 where the first token has nothing else to look at."""

    def sentence(self) -> str:
        final, own, first = self.final_to_previous, self.self_attention, self.first_to_self
        where = "in every head" if np.ptp(first.values) == 0 else "on average"
        alone = f"the first token gives itself {number(first.summary.mean)} {where}"
        if not final.summary.n:
            return f"Layer {self.layer}: a text of one token has no previous and no other tokens; {alone}."
        return (
            f"Layer {self.layer}: on average the last token gives a previous one {number(final.summary.mean)}, "
            f"the other tokens give themselves {number(own.summary.mean)}, and {alone}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def columns() -> Columns:
            last, heads = len(tokens) - 1, len(self.first_to_self.values)
            others, head = np.arange(last), np.arange(heads)
            own = np.tile(others + 1, heads)
            first = np.zeros(heads, int)
            return {
                "sample": in_samples(final_to_previous=heads * last, self_attention=heads * last, first_to_self=heads),
                "head": np.concatenate([np.tile(head.repeat(last), 2), head]),
                "query": np.concatenate([np.full(heads * last, last), own, first]),
                "key": np.concatenate([np.tile(others, heads), own, first]),
                "weight": np.concatenate(
                    [one.values for one in (self.final_to_previous, self.self_attention, self.first_to_self)]
                ),
            }

        return (Table("part7b", "Attention to previous tokens and to oneself", columns),)


def attention(capture: Capture, layer: int) -> Attention:
    """Part 7b of one layer."""
    return Attention(layer, *(sample(values) for values in attention_samples(capture.call(layer))))
