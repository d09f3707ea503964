"""Part 4: raw scores in one layer, within and across heads."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from ipywidgets import HTML

from core.capture import Capture
from core.distributions import MOST_BINS, Summary
from core.sentences import number, percent, sentence
from core.study import RawScores, raw_score_samples
from widgets.charts import Curve, Group, LineChart, Series, Violins
from widgets.panel import NoValues, Panel
from widgets.worker import Report

NAMES = ("Same head", "Diff heads")


class RawScoresPart(Panel):
    name = "raw_scores"
    number = 4
    title = "Raw scores in one layer, within and across heads"
    words = """
        <p>A raw score is the query of one token times the key of a token before it, divided by √d. <b
        class='lab-same-head'>Same head</b>: both come from one head, and these are the scores that the model
        uses. <b class='lab-different-heads'>Diff heads</b>: the query of one head on the keys of another. The
        model never computes them and they mean nothing to it; they are your control group, what scores look
        like where nothing was learned to match.</p>
        <p><b>Try it:</b> drag the layer and watch on which side of zero the heads agree; then let the first
        token in, and look for its outliers.</p>"""
    controls = ("query", "skip_first")
    computed_from = ("layer", "query", "skip_first")
    stages = ("scaled",)

    def build(self) -> None:
        self.scores = Violins(
            "A) Raw attention scores",
            [Group(NAMES[0], "same_head"), Group(NAMES[1], "different_heads", outline="dashed")],
            y_label="QKᵀ dot products",
            zero=True,
        )
        self.densities = LineChart(
            "B) Distributions",
            [Series(NAMES[0], "same_head"), Series(NAMES[1], "different_heads", line="dashed")],
            x_label="Dot product value",
            y_label="Density",
            zero="x",
        )
        self.summary = HTML().add_class("lab-summary")
        self.row(self.scores, self.densities, self.summary)

    def compute(self, capture: Capture, settings: Any, progress: Report) -> RawScores:
        result = raw_score_samples(capture, settings.layer, settings.query, settings.skip_first)
        if not len(result.within.values):
            raise NoValues(sentence(result))
        return result

    def draw(self, result: RawScores, settings: Any) -> None:
        within, across = result.within_density, result.across_density
        self.scores.draw(result.within, result.across)
        self.densities.draw(Curve(within.centres, within.density), Curve(across.centres, across.density))
        capped = [name for name, density in zip(NAMES, (within, across), strict=True) if density.capped]
        self.densities.note = (
            f"{' and '.join(capped)}: the rule for the bins asks for more than {MOST_BINS:,}, so {MOST_BINS:,} bins "
            "of equal width are drawn."
            if capped
            else ""
        )
        texts = self.capture.token_text
        self.summary.value = summary_table(
            f"Query of token {result.query} “{texts[result.query]}” on the keys of tokens {result.first_key} … "
            f"{result.query - 1} in layer {result.layer}",
            (result.within.summary, result.across.summary),
        )


def summary_table(caption: str, summaries: Sequence[Summary]) -> str:
    """The samples in numbers, one column each, as HTML."""
    rows = (
        ("n", lambda one: f"{one.n:,}"),
        ("Mean", lambda one: _written(one.mean, number)),
        ("SD", lambda one: _written(one.sd, number)),
        ("Share above 0", lambda one: _written(one.above_zero, percent)),
    )
    head = "".join(f"<th scope='col'>{name}</th>" for name in NAMES)
    body = "".join(
        f"<tr><th scope='row'>{name}</th>{''.join(f'<td>{write(one)}</td>' for one in summaries)}</tr>"
        for name, write in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tr><td></td>{head}</tr>{body}</table>"


def _written(value: float, write: Any) -> str:
    return "–" if np.isnan(value) else write(value)
