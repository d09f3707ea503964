"""Part 3, all layers and all heads at once: a small map of each head's attention, and a few numbers of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, ScoreBlock, score_blocks, scores_of_query, softmax
from core.model.capture import Capture
from core.parts.entropy.numbers import summed_spread
from core.parts.heads import MEASURE
from core.parts.part import Array, Arrays
from core.parts.raw_scores.first_token import given_to_first
from core.parts.tables import Columns, Table, long
from core.progress import Progress, silent
from core.writing import number, percent

ACROSS, DOWN = 400, 350
"""Cells of the picture that all maps side by side take at most, where heads and layers are few enough for it."""
SMALLEST, LARGEST = 6, 64
"""Cells of one map, a side: with fewer nothing can be told, more are not told apart beside others."""
BRIGHTEST = 0.98
"""The share of all cells of the maps that is below the end of their colour scale."""
SIGNED = ("raw_score", "within_minus_across")
"""Measures that may lie on both sides of 0; the others are shares, 0 … 1."""
BEST = 3


class NamedHead(NamedTuple):
    """A head, and how well it fits its name, 0 … 1."""

    layer: int
    head: int
    score: float

    def __str__(self) -> str:
        return f"layer {self.layer}, head {self.head} ({percent(self.score)})"


class Overview(NamedTuple):
    """All heads of a model on one text. A is a head's attention under the model's own mask, i a query token's place."""

    maps: Float[ndarray, "layer head query_block key_block"]
    """A in blocks of `step` × `step` cells: the mean of those that the mask leaves, NaN where it leaves none."""
    step: int
    limit: float
    """Where the maps' colour scale ends, which begins at 0."""
    entropy: Float[ndarray, "layer head"]
    """As in part 10: 0 where a head gives all to one token, 1 where every token it sees gets the same."""
    to_first: Float[ndarray, "layer head"]
    """The mean of A[i, 0] over i > 0."""
    to_previous: Float[ndarray, "layer head"]
    """The mean of A[i, i − 1] over i > 0."""
    to_itself: Float[ndarray, "layer head"]
    """The mean of A[i, i] over i > 0."""
    raw_score: Float[ndarray, "layer head"]
    """The mean of S over all pairs that the mask leaves."""
    within_minus_across: Float[ndarray, "layer head"]
    """Of part 4's scores of the last token, without the first key: the mean of those of its query of this head on keys
    of this head, minus the mean of those of the same query on keys of all other heads.
    """
    to_duplicates: Float[ndarray, "layer head"]
    """The mean, over the i whose token stands at places j < i too, of the sum of A[i, j] over those places."""

    @property
    def duplicate_token_heads(self) -> tuple[NamedHead, ...]:
        """Heads that look for the same token; none where no token of the text comes twice."""
        return best(self.to_duplicates)

    @property
    def first_token_heads(self) -> tuple[NamedHead, ...]:
        """Heads that look at the first token."""
        return best(self.to_first)

    @property
    def previous_token_heads(self) -> tuple[NamedHead, ...]:
        """Heads that look one token back."""
        return best(self.to_previous)

    def sentence(self) -> str:
        if np.isnan(self.to_first).all():
            return "Every token of this text sees itself alone, so no head can choose: run a longer text."
        previous, first = self.previous_token_heads[0], self.first_token_heads[0]
        twice = self.duplicate_token_heads
        repeated = f", and a repeated token most to where it stood before in {twice[0]}" if twice else ""
        return (
            f"On average over the text, a token gives most to the one before it in {previous}, most to the first one "
            f"in {first}{repeated}."
        )

    def told(self, measure: str) -> str:
        """One of the numbers in words: the heads where it is lowest and highest."""
        values, name = getattr(self, measure), MEASURE.words[MEASURE.options.index(measure)]
        if np.isnan(values).all():
            return f"{name}: there is no such number of this text in this model."
        write = number if measure in SIGNED else percent
        ends = (np.unravel_index(place, values.shape) for place in (np.nanargmin(values), np.nanargmax(values)))
        low, high = (f"{write(values[at])} in layer {at[0]}, head {at[1]}" for at in ends)
        return f"{name}: from {low} to {high}."

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def numbers() -> Columns:
            columns = long(self.entropy, "layer", "head", value="entropy")
            others = (*MEASURE.options[1:], "to_duplicates")
            return columns | {name: getattr(self, name).reshape(-1) for name in others}

        maps = partial(long, self.maps, "layer", "head", "query_block", "key_block", value="weight")
        return (
            Table("part3b-maps", "A) Attention A of every head", maps),
            Table("part3b-numbers", "B) A number of every head", numbers),
        )


def overview(capture: Capture, progress: Progress = silent) -> Overview:
    """Part 3's overview, in one pass over the scores.

    Of a text of one token all numbers but `raw_score` are NaN. So is `within_minus_across` of two tokens or of one
    head, and `to_duplicates` where no token comes twice.
    """
    layers, heads, tokens = capture.layers, capture.heads, capture.tokens
    step = block_size(layers, heads, tokens)
    side = -(-tokens // step)
    pairs = earlier_occurrences(capture.token_ids)
    maps = np.zeros((layers, heads, side, side), np.float32)
    spread, first, previous, itself, raw, apart, duplicates = np.zeros((7, layers, heads))
    choices, visible = np.zeros((2, layers, 1))

    def add_layer(layer: int, call: AttentionCall) -> None:
        seen = call.visible.sum(axis=1)  # (T,)
        choices[layer], visible[layer] = (seen > 1).sum(), seen.sum()
        apart[layer] = within_minus_across(call)
        for block in score_blocks(call, masked=True):
            some = block.heads
            assert block.visible is not None
            raw[layer, some] += block.scores.sum(axis=(1, 2), dtype=np.float64, where=block.visible)
            weights = softmax(block.scores, out=block.scores)
            rows = slice(block.first_query, block.first_query + weights.shape[1])
            spread[layer, some] += summed_spread(weights, seen[rows])
            first[layer, some] += given_to_first(block, weights)
            previous[layer, some] += looking_back(block, weights, 1, 1)
            itself[layer, some] += looking_back(block, weights, 0, 1)
            query, key = pairs[:, slice(*np.searchsorted(pairs[0], (rows.start, rows.stop)))]
            duplicates[layer, some] += weights[:, query - rows.start, key].sum(axis=1)
            sums = summed_blocks(weights, rows.start, step)
            maps[layer, some, rows.start // step :][:, : sums.shape[1], : sums.shape[2]] += sums
        maps[layer] /= counted_blocks(call, step)

    each_layer(capture, add_layer, progress)
    repeated = len(np.unique(pairs[0]))
    return Overview(
        maps,
        step,
        limit=float(np.nanquantile(maps, BRIGHTEST)),
        entropy=over(spread, choices),
        to_first=over(first, tokens - 1),
        to_previous=over(previous, tokens - 1),
        to_itself=over(itself, tokens - 1),
        raw_score=over(raw, visible),
        within_minus_across=apart,
        to_duplicates=over(duplicates, repeated),
    )


def over(total: Float[ndarray, "layer head"], count: Float[ndarray, "layer 1"] | int) -> Float[ndarray, "layer head"]:
    """Means of sums; NaN over nothing."""
    return np.divide(total, count, out=np.full_like(total, np.nan), where=np.asarray(count) > 0)


def block_size(layers: int, heads: int, tokens: int) -> int:
    """Tokens along a side of one cell of the maps: as few as leaves all maps room beside each other."""
    side = max(SMALLEST, min(LARGEST, ACROSS // heads - 1, DOWN // layers - 1))
    return -(-tokens // side)


def looking_back(
    block: ScoreBlock, weights: Float[ndarray, "head query key"], distance: int, since: int
) -> Float[ndarray, " head"]:
    """Σ A[i, i − distance] over those of a block's queries i that are not before `since` ≥ `distance`."""
    diagonal = weights.diagonal(block.first_query - distance, 1, 2)  # (head, query)
    return diagonal[:, max(0, since - max(block.first_query, distance)) :].sum(axis=1)


def earlier_occurrences(token_ids: Int[ndarray, " token"]) -> Int[ndarray, "2 pair"]:
    """Each token's place with every earlier place of the same token, in the order of the first."""
    return np.stack(np.nonzero(np.tril(token_ids[:, None] == token_ids, -1)))


def summed_blocks(
    values: Float[ndarray, "head query key"], first_query: int, step: int
) -> Float[ndarray, "head query_block key_block"]:
    """Sums over blocks of `step` × `step` cells, cut from query 0 and key 0 on; those at the ends may be smaller."""
    rows = np.arange(0, first_query + values.shape[1], step) - first_query
    rows = np.maximum(rows[max(0, first_query // step) :], 0)
    columns = np.arange(0, values.shape[2], step)
    return np.add.reduceat(np.add.reduceat(values, columns, axis=2), rows, axis=1)


def counted_blocks(call: AttentionCall, step: int) -> Float[ndarray, "query_block key_block"]:
    """How many cells of each block the mask leaves; NaN for none."""
    counts = summed_blocks(call.visible[None].astype(np.float32), 0, step)[0]
    return np.where(counts > 0, counts, np.float32(np.nan))


def within_minus_across(call: AttentionCall) -> Float[ndarray, " head"]:
    """Of the last token's scores, by query head; NaN where there is no other head or no key."""
    heads, tokens, _ = call.query.shape
    if heads < 2 or tokens < 3:
        return np.full(heads, np.nan)
    means = scores_of_query(call, tokens - 1, 1).mean(axis=2, dtype=np.float64)  # (query_head, key_head)
    within = means.diagonal()
    return within - (means.sum(axis=1) - within) / (heads - 1)


def best(scores: Float[ndarray, "layer head"]) -> tuple[NamedHead, ...]:
    """The heads with the highest scores, at most BEST, in falling order; none where the scores are NaN."""
    order = np.argsort(-scores, axis=None, kind="stable")[:BEST]
    places = ((*divmod(int(at), scores.shape[1]), float(scores.flat[at])) for at in order)
    return tuple(NamedHead(layer, head, score) for layer, head, score in places if np.isfinite(score))


def export(capture: Capture) -> Arrays:
    """What an export holds of the overview; the entropy is part 10's."""
    shown = overview(capture)
    names = (*MEASURE.options[1:], "to_duplicates")
    return {f"part3_{name}": Array(getattr(shown, name), ("layer", "head")) for name in names}
