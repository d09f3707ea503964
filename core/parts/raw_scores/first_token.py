"""Part 4, the first token: how much attention each head gives it, and how it scores beside the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, ScoreBlock, score_blocks, scores_of_query, softmax, within_heads
from core.model.capture import Capture
from core.parts.tables import Columns, Table, long, with_text
from core.progress import Progress, silent
from core.writing import number, percent


class FirstShare(NamedTuple):
    """How much attention token 0 gets from the query tokens i after it; NaN where there are none."""

    share: Float[ndarray, "layer head"]
    """The mean of A[i, 0] over i > 0."""
    even: Float[ndarray, " layer"]
    """What it would be if each query gave the same to every key that it sees."""


class FirstToken(NamedTuple):
    """Token 0 in all layers, and in one layer the scores of one query on the keys before it."""

    layer: int
    query: int
    by_layer: FirstShare
    scores: Float[ndarray, "head key"]
    """Raw scores on tokens 0 … `query` − 1, within heads; no key for query 0."""

    @property
    def others(self) -> Float[ndarray, "head other"]:
        """The scores on tokens 1 … `query` − 1."""
        return self.scores[:, 1:]

    def sentence(self) -> str:
        share, even = self.by_layer
        if np.isnan(share).all():
            return "Token 0 is the only token of this text: run a longer text."
        layer, head = np.unravel_index(share.argmax(), share.shape)
        return (
            f"Averaged over text and heads, token 0 gets {percent(share.mean())} of the attention; equal weights would "
            f"give it {percent(even.mean())}. Head {head} of layer {layer} gives it most, "
            f"{percent(share[layer, head])}. {self._scores()}"
        )

    def _scores(self) -> str:
        if not self.others.size:
            return f"The query of token {self.query} has no other key to compare it with: choose a later one."
        means = (values.mean() for values in (self.scores[:, 0], self.others, self.scores))
        on_first, without, with_first = (number(mean) for mean in means)
        return (
            f"Layer {self.layer}, query of token {self.query}: over all heads its mean score is {on_first} on token 0 "
            f"and {without} on the tokens between; with token 0 their mean is {with_first}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def scores() -> Columns:
            return with_text(long(self.scores, "head", "key", value="score"), tokens, "key")

        share = partial(long, self.by_layer.share, "layer", "head", value="share")
        return (
            Table("part4c-share", "A) Attention on token 0", share),
            Table("part4c-scores", "B) Scores on token 0 and on the others", scores),
        )


def first_token(capture: Capture, layer: int, query: int, by_layer: FirstShare | None = None) -> FirstToken:
    """Of one query's scores in one layer; `by_layer`, if it is known, need not be worked out again."""
    scores = within_heads(scores_of_query(capture.call(layer), query, 0)).reshape(capture.heads, query)
    return FirstToken(layer, query, first_share(capture) if by_layer is None else by_layer, scores)


def first_share(capture: Capture, progress: Progress = silent) -> FirstShare:
    """Of all layers and heads, under the model's own mask."""
    later = capture.tokens - 1
    share, even = np.full((capture.layers, capture.heads), np.nan), np.full(capture.layers, np.nan)

    def add_layer(layer: int, call: AttentionCall) -> None:
        total = np.zeros(capture.heads)
        for block in score_blocks(call, masked=True):
            total[block.heads] += given_to_first(block, softmax(block.scores, out=block.scores))
        share[layer] = total / later
        even[layer] = (call.visible[1:, 0] / call.visible[1:].sum(axis=1)).mean()

    if later:
        each_layer(capture, add_layer, progress)
    return FirstShare(share, even)


def given_to_first(block: ScoreBlock, weights: Float[ndarray, "head query key"]) -> Float[ndarray, " head"]:
    """Σ A[i, 0] over those of a block's queries i that come after token 0."""
    return weights[:, max(0, 1 - block.first_query) :, 0].sum(axis=1)
