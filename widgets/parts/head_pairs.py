"""Part 4, all pairs of heads: the mean score of every head's queries on every head's keys."""

from __future__ import annotations

from typing import Any

from core.model.capture import Capture
from core.parts.raw_scores.head_pairs import HeadPairs, head_pairs
from core.progress import Progress
from widgets.charts.heatmap import HeatMap
from widgets.charts.overlay import Frame, Laid
from widgets.charts.violins import Group, Violins
from widgets.panel.panel import Panel


class HeadPairsSection(Panel):
    name = "head_pairs"
    title = "Head pairs: what the model never computes"
    words = """
        <p>Here every head's queries (rows) meet every head's keys (columns); a cell is the mean score over all
        tokens and the keys that they may see. The framed diagonal is <b class='lab-same-head'>what the model
        computes</b>. The rest is <b class='lab-different-heads'>never computed</b>: each head was trained with its
        own queries and keys, and nothing ever asked those of two heads to fit.</p>
        <p><b>Try it:</b> drag the layer. Does the diagonal stand out from its rows, and on which side? Click a framed
        cell to choose its head.</p>"""
    computed_from = ("layer",)
    marked_from = ("head",)
    stages = ("scaled",)
    slow = True

    def build(self) -> None:
        self.grid = HeatMap(
            "A) Every pair of heads",
            x_label="Keys of head",
            y_label="Queries of head",
            colormap="diverging",
            bar_label="Mean score",
            diagonal=True,
        )
        self.grid.on_cell_click(self._choose)
        self.means = Violins(
            "B) On the diagonal and off it",
            [Group("Computed", "same_head"), Group("Never computed", "different_heads", outline="dashed")],
            y_label="Mean score",
            zero=True,
        )
        self.row(self.grid, self.means)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> HeadPairs:
        return head_pairs(capture, settings.layer, progress)

    def draw(self, result: HeadPairs, settings: Any) -> None:
        self.grid.draw(result.means, write_values=True)
        self.means.draw(result.within, result.across)

    def mark(self, settings: Any) -> None:
        self.grid.mark_row(settings.head)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [Frame(self.grid, row=round(place))]

    def _choose(self, query_head: int, key_head: int) -> None:
        if query_head == key_head:
            self.state.head = query_head
