"""Part 9: one product over all heads against the average of the heads' own products."""

from __future__ import annotations

from typing import Any

from core.model.capture import Capture
from core.parts.averaging.numbers import Averaging, averaging
from core.writing import number
from widgets.charts.overlay import Laid, sloped
from widgets.charts.scatter import ScatterChart
from widgets.panel.panel import Panel
from widgets.parts.average_order import AverageOrderSection
from widgets.parts.averaged_heads import AveragedHeadsExperiment
from widgets.parts.group_means import GroupMeansSection


class AveragingPart(Panel):
    name = "averaging"
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
    section_kinds = (GroupMeansSection, AverageOrderSection, AveragedHeadsExperiment)

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

    def lay_prediction(self, place: float) -> list[Laid]:
        return [sloped(self.scatter, place)]


PART = AveragingPart
