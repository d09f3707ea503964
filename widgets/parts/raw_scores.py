"""Part 4: raw scores in one layer, within and across heads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any

import numpy as np
from ipywidgets import HTML

from core.attention.distributions import MOST_BINS, Density, Summary
from core.model.capture import Capture
from core.model.tokens import isolated
from core.parts.raw_scores.numbers import RawScores, raw_score_samples
from core.progress import Progress
from core.writing import number, percent
from widgets.charts.differences import DensityLines
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, level, upright
from widgets.charts.violins import Group, Violins
from widgets.panel.panel import NoValues, Panel
from widgets.parts.first_token import FirstTokenSection
from widgets.parts.first_token_experiment import FirstTokenExperiment
from widgets.parts.head_pairs import HeadPairsSection

NAMES = ("Same head", "Diff heads")


class RawScoresPart(Panel):
    name = "raw_scores"
    title = "Raw scores in one layer, within and across heads"
    words = """
        <p>A raw score is one token's query times the key of a token before it, divided by √d. <b
        class='lab-same-head'>Same head</b>: query and key come from one head; these are the scores that the model
        uses. <b class='lab-different-heads'>Diff heads</b>: the query of one head on the keys of another.</p>
        <p>The model never computes the second kind, and it means nothing to it: it is your control group, scores
        that nobody has learned to match. <b>Try it:</b> drag the layer, and see where the two part. Then let the
        first token in, and look for its outliers.</p>"""
    controls = ("query", "skip_first")
    computed_from = ("layer", "query", "skip_first")
    stages = ("scaled",)
    section_kinds = (HeadPairsSection, FirstTokenSection, FirstTokenExperiment)
    difference = partial(
        DensityLines,
        "Distributions: B − A",
        "Dot product value",
        within=(NAMES[0], "same_head"),
        across=(NAMES[1], "different_heads"),
    )

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

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> RawScores:
        result = raw_score_samples(capture, settings.layer, settings.query, settings.skip_first)
        if not len(result.within.values):
            raise NoValues(result.sentence())
        return result

    def draw(self, result: RawScores, settings: Any) -> None:
        within, across = result.within_density, result.across_density
        self.scores.draw(result.within, result.across)
        self.densities.draw(Curve(within.centres, within.density), Curve(across.centres, across.density))
        self.densities.note = capped_bins(within, across)
        caption = caption_of(result, self.capture.token_text[result.query])
        self.summary.value = summary_table(caption, (result.within.summary, result.across.summary))

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.scores, place), upright(self.densities, place)]


PART = RawScoresPart


def capped_bins(*densities: Density) -> str:
    """Which samples are drawn on fewer bins than their rule asks for, as a sentence."""
    capped = [name for name, density in zip(NAMES, densities, strict=True) if density.capped]
    if not capped:
        return ""
    most = f"{MOST_BINS:,}"
    return f"{' and '.join(capped)}: the rule for bins asks for more than {most}, so {most} of equal width are drawn."


def caption_of(result: RawScores, token: str) -> str:
    """Whose query meets which keys, as HTML; the token is the learner's own text."""
    first, last = result.first_key, result.query - 1
    keys = f"key of token {last}" if first == last else f"keys of tokens {first}&nbsp;…&nbsp;{last}"
    return f"Layer {result.layer}: the query of token {result.query} <b>{escape(isolated(token))}</b> on the {keys}"


def summary_table(caption: str, summaries: Sequence[Summary]) -> str:
    """The samples in numbers, one column each, as HTML under a caption in HTML."""
    rows = (
        ("n", lambda one: f"{one.n:,}"),
        ("Mean", lambda one: _written(one.mean, number)),
        ("SD", lambda one: _written(one.sd, number)),
        ("Above 0", lambda one: _written(one.above_zero, percent)),
    )
    head = "".join(
        f"<th scope='col' class='lab-{kind}'>{name}</th>"
        for kind, name in zip(("same-head", "different-heads"), NAMES, strict=True)
    )
    body = "".join(
        f"<tr><th scope='row'>{name}</th>{''.join(f'<td>{write(one)}</td>' for one in summaries)}</tr>"
        for name, write in rows
    )
    return f"<table><caption>{caption}</caption><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"


def _written(value: float, write: Any) -> str:
    return "–" if np.isnan(value) else write(value)
