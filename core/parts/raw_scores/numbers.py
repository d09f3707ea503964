"""Part 4: one query's raw scores in one layer, within and across heads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.attention.distributions import Density, Sample, freedman_diaconis, sample
from core.attention.scores import across_heads, scores_of_query, within_heads
from core.model.capture import Capture
from core.parts.part import Array, Arrays
from core.parts.raw_scores.head_pairs import pair_means
from core.parts.tables import Columns, Table, by_density, in_samples, with_text
from core.writing import number, percent

ONE_HEAD = "the model has one head, so there is nothing across heads"


class RawScores(NamedTuple):
    """Part 4: one query's scores on the previous keys, within and across heads; empty for T ≤ 2."""

    layer: int
    query: int
    first_key: int
    """The keys are those of tokens `first_key` … `query` − 1."""
    within: Sample
    """Ordered by head, then position."""
    across: Sample
    """Ordered by query head, then key head, then position."""
    within_density: Density
    across_density: Density

    def sentence(self) -> str:
        within, across = self.within.summary, self.across.summary
        if not within.n:
            return no_keys(self.query, self.first_key)
        other = ONE_HEAD
        if across.n:
            other = (
                f"across heads the mean of {across.n:,} scores is {number(across.mean)} (SD {number(across.sd)}), "
                f"with {percent(across.above_zero)} above 0"
            )
        return (
            f"Layer {self.layer}, query of token {self.query}: within heads the mean of {within.n:,} scores is "
            f"{number(within.mean)} (SD {number(within.sd)}), with {percent(within.above_zero)} above 0; {other}."
        )

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        def scores() -> Columns:
            keys = np.arange(self.first_key, self.query)
            heads = len(self.within.values) // len(keys) if len(keys) else 0
            own = np.arange(heads)
            pairs = np.concatenate([np.stack([own, own]), np.nonzero(~np.eye(heads, dtype=bool))], axis=1)
            sample = in_samples(within=heads * len(keys), across=heads * (heads - 1) * len(keys))
            query_head, key_head = pairs.repeat(len(keys), axis=1)
            at = {"query_head": query_head, "key_head": key_head, "key": np.tile(keys, heads * heads)}
            values = np.concatenate([self.within.values, self.across.values])
            return with_text({"sample": sample, **at}, tokens, "key") | {"score": values}

        def densities() -> Columns:
            within, across = by_density(self.within_density), by_density(self.across_density)
            sample = in_samples(within=len(within["density"]), across=len(across["density"]))
            return {"sample": sample} | {name: np.concatenate([within[name], across[name]]) for name in within}

        return (
            Table("part4-scores", "A) Raw attention scores", scores),
            Table("part4-densities", "B) Distributions", densities),
        )


def raw_score_samples(
    capture: Capture, layer: int, query: int | None = None, leave_out_first: bool = True
) -> RawScores:
    """Part 4, for the query of token `query` (0 … T−1; None: the last).

    Scores on keys of another head mean nothing to the model: they are the control group.
    """
    token = capture.tokens - 1 if query is None else query
    first_key = int(leave_out_first)
    scores = scores_of_query(capture.call(layer), token, first_key)
    within, across = within_heads(scores), across_heads(scores)
    return RawScores(
        layer,
        token,
        first_key,
        sample(within),
        sample(across),
        freedman_diaconis(within),
        freedman_diaconis(across),
    )


def no_keys(query: int, first_key: int) -> str:
    """Why the query has no previous keys, and what to do."""
    without = " once the first is left out" if first_key and query else ""
    return f"Token {query} has no token before it to look at{without}: choose a later token or a longer text."


def export(capture: Capture, layer: int, mask_size: int) -> Arrays:
    """What an export holds of the part."""
    four = raw_score_samples(capture, layer)
    return {
        "part4_within": Array(four.within.values, ('index',)),
        "part4_across": Array(four.across.values, ('index',)),
        "part4_head_pairs": Array(pair_means(capture.call(layer)), ('query_head', 'key_head')),
    }
