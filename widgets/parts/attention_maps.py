"""Part 7, one head: its scores, its masked scores and its attention as maps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Any, NamedTuple

import numpy as np
from ipywidgets import HTML, Widget
from jaxtyping import Float
from numpy import ndarray

from core.model.capture import Capture
from core.model.tokens import isolated
from core.parts.softmax.attention_maps import HeadMaps, head_maps
from core.parts.softmax.difference import HeadMapsDifference
from widgets.charts.differences import DifferenceCharts
from widgets.charts.heatmap import Cell, HeatMap
from widgets.panel.chain import Stage
from widgets.panel.panel import Panel


class Pointed(NamedTuple):
    """A cell, and the stage of the map that it is looked at in."""

    stage: Stage
    query: int
    key: int


class HeadMapsDifferenceCharts(DifferenceCharts):
    """Two of the maps, B − A, cell by cell."""

    height = 400

    def __init__(self) -> None:
        tokens = partial(HeatMap, x_label="Key token", y_label="Query token", colormap="diverging", square=True)
        self.charts = [
            tokens(title, token_labels=True, height=self.height)
            for title in ("Raw scores S: B − A", "Attention weights: B − A")
        ]

    def draw(self, result: HeadMapsDifference, tokens: Sequence[str]) -> None:
        labels = tokens or None
        for chart, matrix, hidden in zip(self.charts, (result.raw, result.weights), (None, result.hidden), strict=True):
            chart.draw(matrix, masked=hidden, row_labels=labels, column_labels=labels)


class AttentionMapsSection(Panel):
    name = "attention_maps"
    title = "One head, from scores to attention"
    words = """
        <p>Each map has a row for every <b class='lab-query'>query token</b> and a column for every
        <b class='lab-key'>key token</b>. Follow one row through the stages: its scores, the scores that the mask
        leaves, and their softmax.</p>
        <p><b>Try it:</b> point at a cell and read its value at every stage; a click keeps it. Then change the head
        above: one may look a token back, another always at token 0.</p>"""
    controls = ("query", "key", "weight_limit")
    computed_from = ("layer", "head")
    drawn_from = ("weight_limit",)
    marked_from = ("query", "key")
    stages = ("softmax",)
    height = 400
    difference = HeadMapsDifferenceCharts

    def build_readouts(self) -> Sequence[Widget]:
        self.cell = HTML().add_class("lab-cell")
        return (self.cell,)

    def build(self) -> None:
        tokens = partial(
            HeatMap, x_label="Key token", y_label="Query token", token_labels=True, square=True, height=self.height
        )
        self.maps: dict[Stage, HeatMap] = {
            "scaled": tokens("Raw scores S", colormap="diverging"),
            "masked": tokens("Masked scores S + M", colormap="diverging"),
            "softmax": tokens("Attention A", colormap="magma"),
        }
        for stage, chart in self.maps.items():
            chart.on_cell_click(self._choose)
            chart.on_cell_hover(partial(self._point, stage))
        self.row(*self.maps.values())

    def compute(self, capture: Capture, settings: Any, progress: Any) -> HeadMaps:
        return head_maps(capture, settings.layer, settings.head)

    def draw(self, result: HeadMaps, settings: Any) -> None:
        self.shown = result
        tokens = self.capture.token_text
        for stage, (matrix, scale) in _matrices(result, settings).items():
            self.maps[stage].draw(matrix, **scale, row_labels=tokens, column_labels=tokens)

    def sketch(self, result: HeadMaps, settings: Any) -> None:
        for stage, (matrix, scale) in _matrices(result, settings).items():
            self.maps[stage].sketch(matrix, **scale)

    def mark(self, settings: Any) -> None:
        self._show_cell(Pointed("softmax", settings.query, settings.key))

    def _choose(self, query: int, key: int) -> None:
        with self.state.hold_trait_notifications():
            self.state.query, self.state.key = query, key

    def _point(self, stage: Stage, cell: Cell | None) -> None:
        chosen = Pointed("softmax", self.state.query, self.state.key)
        self._show_cell(chosen if cell is None else Pointed(stage, *cell))

    def _show_cell(self, pointed: Pointed) -> None:
        """Light its stage, name it, and frame it in every map."""
        stage, query, key = pointed
        self.chain.light(stage, values=self.shown.stages(query, key))
        self.cell.value = named(self.capture.token_text, query, key, bool(self.shown.hidden[query, key]))
        for chart in self.maps.values():
            chart.highlight(row=query, column=key)


def _matrices(result: HeadMaps, settings: Any) -> dict[Stage, tuple[Float[ndarray, "query key"], dict[str, Any]]]:
    """Each map's numbers, with the limits of its colours and the cells that are masked."""
    reach = float(np.abs(result.raw).max())
    return {
        "scaled": (result.raw, {"limits": (-reach, reach), "masked": None}),
        "masked": (result.masked, {"limits": (-reach, reach), "masked": result.hidden}),
        "softmax": (result.weights, {"limits": (0, settings.weight_limit), "masked": result.hidden}),
    }


def named(tokens: tuple[str, ...], query: int, key: int, masked: bool) -> str:
    """A cell's tokens, as HTML."""
    hidden = ", hidden" if masked else ""
    return (
        f"<p>Query {query} <b class='lab-query'>{escape(isolated(tokens[query]))}</b> on key {key} "
        f"<b class='lab-key'>{escape(isolated(tokens[key]))}</b>{hidden}</p>"
    )
