"""Part 1: why the scores are divided by √d."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import Widget

from core.parts.scaling.numbers import Saturation, Scaling, saturation, scaling
from core.parts.tables import Table
from core.progress import Progress
from core.writing import number
from widgets.charts.bars import Bars, Row
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, level
from widgets.panel.controls import again, control, span
from widgets.panel.panel import Panel

# The slider for one size leaves the products of all the others as they are.
spread_by_size = lru_cache(maxsize=1)(scaling)


class Numbers(NamedTuple):
    spread: Scaling
    one_row: Saturation


class ScalingPart(Panel):
    name = "scaling"
    title = "Why the scores are divided by √d"
    words = """
        <p>A raw score is a sum of products, one for each dimension of a head. Random n × n matrices A and B stand
        in for queries and keys here: the more products you add up, the wider the entries of A B spread, in step
        with √n. Dividing by √n takes that growth out again.</p>
        <p>Softmax turns scores into weights. Pick a size and compare the bars, one row of A B before and after the
        division: large scores give one entry nearly everything. <b>Try it:</b> what does a smaller spread σ
        change? And what would the model do with another divisor? <a href='#lab-scale_experiment'>Part 6</a> asks
        it.</p>"""
    computed_from = ("sizes_from", "sizes_to", "sigma", "seed", "size")
    stages = ("scaled",)
    needs_capture = False

    def build_controls(self) -> Sequence[Widget]:
        return [
            span(self.state, "sizes_from", "sizes_to", "Sizes n"),
            control(self.state, "sigma"),
            again(self.state, "seed", "Draw again"),
            control(self.state, "size"),
        ]

    def build(self) -> None:
        self.spread = LineChart(
            "Spread of the products",
            [
                Series("No scaling", "warning", line="none", points="circle"),
                Series("√N scaling", "attention", line="none", points="square"),
                Series("Theory", "muted", line="dashed"),
                Series("Theory", "muted", line="dashed"),
            ],
            x_label="Matrix size",
            y_label="Matrix standard deviation",
            height=self.height,
        )
        self.bars = Bars(
            "Softmax of one row",
            [Row("No scaling", "warning"), Row("√N scaling", "attention")],
            x_label="Entry of the row",
            y_label="Softmax weight",
            height=self.height,
        )
        self.row(self.spread, self.bars)

    def compute(self, _: Any, settings: Any, progress: Progress) -> Numbers:
        spread = spread_by_size(settings.sizes_from, settings.sizes_to, settings.seed, settings.sigma)
        return Numbers(spread, saturation(settings.size, settings.seed, settings.sigma))

    def draw(self, result: Numbers, settings: Any) -> None:
        spread, row = result
        raw, scaled, *theory = (
            Curve(spread.sizes, values)
            for values in (spread.std_raw, spread.std_scaled, spread.theory_raw, spread.theory_scaled)
        )
        self.spread.draw(raw, scaled, *theory)
        self.spread.mark_x(settings.size if spread.sizes[0] <= settings.size <= spread.sizes[-1] else None)
        self.bars.draw(
            np.stack([row.weights_raw, row.weights_scaled]),
            remarks=[f"entropy {number(entropy)}" for entropy in (row.entropy_raw, row.entropy_scaled)],
        )

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.spread, place)]

    def numbers(self, result: Numbers, settings: Any) -> str:
        return f"{result.spread.sentence()} {result.one_row.sentence()}"

    def tables(self, result: Numbers, tokens: Sequence[str]) -> tuple[Table, ...]:
        return tuple(table for one in result for table in one.tables(tokens))


PART = ScalingPart
