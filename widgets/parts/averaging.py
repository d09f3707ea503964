"""Part 9: one product over all heads against the average of the heads' own products."""

from __future__ import annotations

from typing import Any

from core.capture import Capture
from core.study import Averaging, averaging
from core.writing import number
from widgets.charts import ScatterChart
from widgets.panel import Panel


class AveragingPart(Panel):
    name = "averaging"
    number = 9
    title = "Averaging within or across heads"
    words = """
        <p>Take one long product of a query and a key over all E numbers; or one product in each head, and average
        those. Each point compares the two for one pair of tokens. With matched scales both add up the same
        products, and only rounding is left between them.</p>
        <p><b>Try it:</b> switch the scale, and predict each slope from H, the number of heads, before you read
        it.</p>"""
    controls = ("normalisation",)
    computed_from = ("layer", "normalisation")
    stages = ("product", "scaled")
    height = 340

    def build(self) -> None:
        self.scatter = ScatterChart(
            "A) Scatter plot of the two calculations",
            x_label="QKᵀ ignoring heads",
            y_label="Average of per-head QKᵀ",
            identity=True,
            height=340,
        )
        self.differences = ScatterChart(
            "B) Differences between calculations",
            x_label="QKᵀ matrix index",
            y_label="Difference",
            zero=True,
            height=340,
        )
        self.row(self.scatter, self.differences)

    def compute(self, capture: Capture, settings: Any, progress: Any) -> Averaging:
        return averaging(capture, settings.layer, settings.normalisation)

    def draw(self, result: Averaging, settings: Any) -> None:
        x, y, difference = result.points
        self.scatter.draw(x, y, remark=f"Slope {number(result.slope)}")
        cells = result.all_heads.size
        self.differences.draw(result.drawn, difference, x_limits=(0, cells))
        note = f"Points drawn: {len(result.drawn):,} of {cells:,} pairs of tokens." if result.sampled else ""
        self.scatter.note = self.differences.note = note
