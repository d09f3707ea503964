"""Part 9, softmax and the average do not change places: the mean of softmaxes against the softmax of the mean score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray

from core.attention.layers import each_layer
from core.attention.scores import AttentionCall, entropy, score_blocks, softmax
from core.model.capture import Capture
from core.parts.tables import Columns, Table, with_text
from core.progress import Progress, silent
from core.writing import number, percent

AveragedOver = Literal["heads", "layers"]
ROWS = 5
"""Rows whose mean weight is told, spread over the text."""


class OrderByLayer(NamedTuple):
    """What the order does in each layer, over the query tokens that see several keys; NaN where none does."""

    distance: Float[ndarray, " layer"]
    """The mean of ½ Σ |a − b|, the share of attention that one has elsewhere than the other (total variation)."""
    mean_of_softmaxes: Float[ndarray, " layer"]
    """The mean of −Σ a ln a / ln n, n the keys that a query sees: 0 is one token, 1 is all alike."""
    softmax_of_mean: Float[ndarray, " layer"]


class RowMeans(NamedTuple):
    """The trap: the weights of any row sum to 1, so their mean tells how many there are and nothing else."""

    queries: Int[ndarray, " row"]
    keys: Int[ndarray, " row"]
    """How many each of these query tokens sees."""
    weight: Float[ndarray, " row"]
    """The mean weight over these keys and the heads: 1 / keys, whatever the heads do."""
    score: Float[ndarray, " row"]
    """The mean raw score of the same cells."""


class AverageOrder(NamedTuple):
    """Both orders: for the row of one query token, and by layer."""

    layer: int
    query: int
    averaged: AveragedOver
    mean_of_softmaxes: Float[ndarray, " key"]
    softmax_of_mean: Float[ndarray, " key"]
    distance: float
    """½ Σ |a − b| of the two rows."""
    by_layer: OrderByLayer
    rows: RowMeans

    def sentence(self) -> str:
        over = f"the heads of layer {self.layer}" if self.averaged == "heads" else "all heads of all layers"
        said = (
            f"Token {self.query}, averaged over {over}: the two orders put {percent(self.distance)} of the attention "
            "on different tokens."
        )
        apart = self.by_layer.distance
        if not np.isnan(apart).all():
            most = int(apart.argmax())
            said += f" Over all tokens they differ most in layer {most} ({percent(apart[most])})."
        keys, weight = int(self.rows.keys[-1]), self.rows.weight[-1]
        return f"{said} The mean weight of the last token's rows is {number(weight)}, which is 1 / {keys} in any head."

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def row() -> Columns:
            columns = {"key": np.arange(len(self.mean_of_softmaxes))}
            both = {"mean_of_softmaxes": self.mean_of_softmaxes, "softmax_of_mean": self.softmax_of_mean}
            return with_text(columns, tokens, "key") | both

        layers = np.arange(len(self.by_layer.distance))
        entropies = {name: getattr(self.by_layer, name) for name in ("mean_of_softmaxes", "softmax_of_mean")}
        rows = self.rows._asdict() | {"one_over_keys": 1 / self.rows.keys}
        return (
            Table("part9c-row", "A) One query's attention", row),
            Table("part9c-distance", "B) How far apart", lambda: {"layer": layers, "distance": self.by_layer.distance}),
            Table("part9c-entropy", "C) Entropy", lambda: {"layer": layers} | entropies),
            Table("part9c-means", "The mean of a row", lambda: rows, drawn=False),
        )


def average_order(
    capture: Capture, layer: int, query: int, averaged: AveragedOver = "heads", by_layer: OrderByLayer | None = None
) -> AverageOrder:
    """Both orders for the row of token `query`, over the heads of `layer` or over all heads of all layers.

    `by_layer` is `order_by_layer` of the same capture; None works it out.
    """
    layers = [layer] if averaged == "heads" else list(range(capture.layers))
    scores = np.concatenate([rows_of(capture.call(one), query) for one in layers])  # (H, or L · H, T)
    mean, one = softmax(scores).mean(axis=0), softmax(scores.mean(axis=0))
    return AverageOrder(
        layer,
        query,
        averaged,
        mean,
        one,
        float(np.abs(mean - one).sum() / 2),
        order_by_layer(capture) if by_layer is None else by_layer,
        row_means(capture.call(layer)),
    )


def rows_of(call: AttentionCall, query: int) -> Float[ndarray, "head key"]:
    """Every head's masked scores of one query token."""
    scores = call.raw_scores(call.query[:, query : query + 1], call.key)[:, 0]
    return np.where(call.visible[query], scores, np.float32(-np.inf))


def row_means(call: AttentionCall) -> RowMeans:
    """The mean weight and the mean score of a few rows, over the keys that each sees and all heads."""
    queries = np.unique(np.linspace(0, len(call.visible) - 1, ROWS).round().astype(int))
    keys = call.visible[queries].sum(axis=1)
    scores = [rows_of(call, int(query)) for query in queries]
    seen = [call.visible[query] for query in queries]
    weight = [softmax(row)[:, some].mean(dtype=np.float64) for row, some in zip(scores, seen, strict=True)]
    score = [row[:, some].mean(dtype=np.float64) for row, some in zip(scores, seen, strict=True)]
    return RowMeans(queries, keys, np.array(weight), np.array(score))


def order_by_layer(capture: Capture, progress: Progress = silent) -> OrderByLayer:
    """Both orders of every layer, averaged over the layer's heads."""
    found = OrderByLayer(*(np.full(capture.layers, np.nan) for _ in OrderByLayer._fields))

    def add_layer(layer: int, call: AttentionCall) -> None:
        for total, value in zip(found, layer_order(call), strict=True):
            total[layer] = value

    each_layer(capture, add_layer, progress)
    return found


def layer_order(call: AttentionCall) -> tuple[float, float, float]:
    """Distance and the two entropies of one layer, see OrderByLayer."""
    heads, keys = len(call.query), call.visible.sum(axis=1)
    sums, several = np.zeros(3), keys > 1
    for block in score_blocks(call, masked=True):
        # Both are laid out as the scores, so that one head's average is itself to the last bit.
        if block.heads.start == 0:
            score, weight = (np.zeros_like(block.scores[0]) for _ in range(2))
        score += block.scores.sum(axis=0) / heads
        weight += softmax(block.scores, out=block.scores).sum(axis=0) / heads
        if block.heads.stop < heads:
            continue
        some = slice(block.first_query, block.first_query + len(score))
        chosen, count, one = several[some], keys[some], softmax(score)
        sums[0] += np.abs(weight - one)[chosen].sum(dtype=np.float64) / 2
        for at, row in enumerate((weight, one), start=1):
            sums[at] += (entropy(row[chosen]) / np.log(count[chosen])).sum(dtype=np.float64)
    distance, mean, one_softmax = sums / several.sum() if several.any() else np.full(3, np.nan)
    return float(distance), float(mean), float(one_softmax)
