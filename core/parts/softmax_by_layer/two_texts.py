"""Part 8, two texts: how far apart their queries, scores and weights are in each layer, on the tokens they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, softmax
from core.model.capture import Capture
from core.parts.softmax_by_layer.alignment import Alignment, align
from core.parts.tables import Columns, Table, long, with_text
from core.progress import Progress, silent
from core.writing import counted, percent

STAGES = ("query", "raw", "masked", "softmax")


class TwoTexts(NamedTuple):
    """How far A, the other text, is from B, the text on show, in the same model."""

    a_tokens: tuple[str, ...]
    """Of A, in visible form."""
    b_tokens: tuple[str, ...]
    alignment: Alignment
    difference: Float[ndarray, "stage layer"]
    """Σ|a − b| / ½ Σ(|a| + |b|) of the queries of partners, and of the raw scores, the scores that both masks leave
    and their weights of partners on partners, over all heads. 0: nothing differs; 1: they differ by as much as they
    are large; 2 is the most. NaN where there are no partners."""
    of_token: Float[ndarray, "layer pair"]
    """The same of each partner's queries alone."""

    def sentence(self) -> str:
        shared, tokens = len(self.alignment.of_b), len(self.b_tokens)
        if not shared:
            return "The two texts share no token: there is nothing to compare."
        if shared == tokens == len(self.a_tokens):
            return "Both texts are the same: nothing differs. Change a word of the other text."
        said = f"{shared:,} of {counted(tokens, 'token')} of the text on show have a partner in the other text."
        queries, raw, _, weights = (
            f"in layer {of_layer.argmax()} (by {percent(of_layer.max())})" for of_layer in self.difference
        )
        return f"{said} Their queries differ most {queries}, their raw scores {raw}, their weights {weights}."

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def stages() -> Columns:
            named = dict(zip(STAGES, self.difference, strict=True))
            return {"layer": np.arange(self.difference.shape[1])} | named

        def of_token() -> Columns:
            columns = long(self.of_token, "layer", "pair", value="difference")
            pair = columns.pop("pair")
            a, b = self.alignment.of_a[pair], self.alignment.of_b[pair]
            return with_text({"token_of_a": a, "token_of_b": b}, self.b_tokens, "token_of_b") | columns

        return (
            Table("part8b-stages", "A) Difference of the two texts", stages),
            Table("part8b-tokens", "Difference of the queries, token by token", of_token, drawn=False),
        )


def two_texts(a: Capture, b: Capture, progress: Progress = silent) -> TwoTexts:
    """Two texts in one model."""
    partners = align(a.token_ids, b.token_ids)
    difference = np.full((len(STAGES), b.layers), np.nan)
    of_token = np.full((b.layers, len(partners.of_b)), np.nan)

    def compare(layer: int, call: AttentionCall) -> None:
        pair = (a.query[layer][partners.of_a], b.query[layer][partners.of_b])
        of_token[layer] = relative(*sums(*pair, axis=1))
        total = sum((np.array(both) for both in stage_sums(a.call(layer), call, partners)), np.zeros((2, len(STAGES))))
        difference[:, layer] = relative(*total)

    if len(partners.of_b):
        each_layer(b, compare, progress)
    return TwoTexts(a.token_text, b.token_text, partners, difference, of_token)


def stage_sums(
    a: AttentionCall, b: AttentionCall, partners: Alignment
) -> Iterator[tuple[list[float], list[float]]]:
    """Of each head, what the difference of each stage is made of: Σ|a − b| and ½ Σ(|a| + |b|)."""
    places = (np.ix_(partners.of_a, partners.of_a), np.ix_(partners.of_b, partners.of_b))
    seen = a.visible[places[0]] & b.visible[places[1]]
    for head in range(len(b.query)):
        stages = []
        for call, at in zip((a, b), places, strict=True):
            scores = call.raw_scores(call.query[head], call.key[head])  # (T, T)
            raw, weights = scores[at], softmax(scores + call.mask)[at]
            stages.append((call.query[head, at[0][:, 0]], raw, raw[seen], weights[seen]))
        apart, size = zip(*(sums(*pair) for pair in zip(*stages, strict=True)), strict=True)
        yield [float(one) for one in apart], [float(one) for one in size]


def sums(
    a: Float[ndarray, "*value"], b: Float[ndarray, "*value"], axis: int | None = None
) -> tuple[Float[ndarray, "*kept"], Float[ndarray, "*kept"]]:
    """Σ|a − b| and ½ Σ(|a| + |b|)."""
    apart, size = np.abs(a - b), (np.abs(a) + np.abs(b)) / 2
    return np.asarray(apart.sum(axis, dtype=np.float64)), np.asarray(size.sum(axis, dtype=np.float64))


def relative(apart: Float[ndarray, " value"], size: Float[ndarray, " value"]) -> Float[ndarray, " value"]:
    """One by the other; 0 where both are."""
    return np.divide(apart, size, out=np.zeros_like(apart), where=size > 0)
