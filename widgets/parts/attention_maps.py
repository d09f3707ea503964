"""Part 7, one head: its scores, masked scores and attention as maps, and its attention in the text itself."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import HTML

from core.capture import Capture
from core.sentences import percent
from core.study import HeadMaps, head_maps
from widgets.chain import Stage
from widgets.charts import HeatMap
from widgets.charts.heatmap import Cell
from widgets.panel import Panel
from widgets.token_strip import TokenStrip


class Pointed(NamedTuple):
    """What the pointer is on: a cell of the map of one stage."""

    stage: Stage
    query: int
    key: int


class AttentionMapsSection(Panel):
    name = "attention_maps"
    title = "One head, token by token"
    words = """
        <p>A row for each query token, a column for each key token. The text is shaded by the row of A that
        belongs to the <b class='lab-query'>query token</b>: the darker a token, the more it takes from it.</p>
        <p><b>Try it:</b> point at tokens and cells, or choose them by click or arrow keys. Find a head that looks
        one token back, and one that stays with token 0.</p>"""
    controls = ("query", "key")
    computed_from = ("layer", "head")
    drawn_from = ("query", "key")
    stages = ("softmax",)
    height = 520

    def build(self) -> None:
        tokens = partial(HeatMap, x_label="Key token", y_label="Query token", token_labels=True, square=True)
        self.maps: dict[Stage, HeatMap] = {
            "scaled": tokens("Raw scores S", colormap="diverging"),
            "masked": tokens("Masked scores S + M", colormap="diverging"),
            "softmax": tokens("Attention A", colormap="magma"),
        }
        for stage, chart in self.maps.items():
            chart.on_cell_click(self._choose)
            chart.on_cell_hover(partial(self._point, stage))
        self.strip = TokenStrip(label="Tokens of the text: choose the query token").add_class("lab-text-strip")
        self.strip.observe(lambda change: setattr(self.state, "query", change.new), "chosen")
        self.strip.observe(self._point_at_token, "hovered")
        self.cell = HTML().add_class("lab-cell")
        self.pointed: Pointed | None = None
        self.shown: HeadMaps | None = None
        self.row(self.cell)
        self.row(self.strip)
        self.row(*self.maps.values())

    def compute(self, capture: Capture, settings: Any, progress: Any) -> HeadMaps:
        return head_maps(capture, settings.layer, settings.head)

    def draw(self, result: HeadMaps, settings: Any) -> None:
        if result is not self.shown:
            self.shown, self.pointed = result, None
            self._draw_maps(result)
        self.strip.chosen = settings.query
        self._point_out()

    def _draw_maps(self, result: HeadMaps) -> None:
        tokens = self.capture.token_text
        self.strip.show(tokens)
        reach = float(np.abs(result.raw).max())
        matrices: dict[Stage, Any] = {"scaled": result.raw, "masked": result.masked, "softmax": result.weights}
        for stage, matrix in matrices.items():
            self.maps[stage].draw(
                matrix,
                limits=(0, 1) if stage == "softmax" else (-reach, reach),
                masked=None if stage == "scaled" else result.hidden,
                row_labels=tokens,
                column_labels=tokens,
            )

    def _choose(self, query: int, key: int) -> None:
        with self.state.hold_trait_notifications():
            self.state.query, self.state.key = query, key

    def _point(self, stage: Stage, cell: Cell | None) -> None:
        self.pointed = None if cell is None else Pointed(stage, *cell)
        self._point_out()

    def _point_at_token(self, change: Any) -> None:
        self.pointed = None if change.new < 0 else Pointed("softmax", change.new, self.state.key)
        self._point_out()

    def _point_out(self) -> None:
        """Light the stage, name the cell, shade the text, and frame the cell in the maps."""
        assert self.shown is not None
        stage, query, key = self.pointed or Pointed("softmax", self.state.query, self.state.key)
        self.chain.light(stage, values=self.shown.stages(query, key))
        row = self.shown.weights[query]
        self.strip.shade(np.where(self.shown.hidden[query], np.nan, np.sqrt(row / row.max())))
        self.cell.value = named(self.capture.token_text, query, key, float(row.max()))
        for chart in self.maps.values():
            chart.highlight(row=query, column=key)


def named(tokens: tuple[str, ...], query: int, key: int, most: float) -> str:
    """The cell's tokens, and the scale of the text's shades, as HTML."""
    hidden = " comes after it: hidden" if key > query else ""
    return (
        f"<p>Query token {query} <b class='lab-query'>{escape(tokens[query])}</b> on key token {key} "
        f"<b class='lab-key'>{escape(tokens[key])}</b>{hidden}</p>"
        f"<p class='lab-shades'>0 <i></i> {percent(most)} of the query's attention "
        "<i class='lab-masked'></i> hidden</p>"
    )
