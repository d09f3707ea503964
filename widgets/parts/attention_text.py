"""Part 7, one head: what a token attends to, in the text itself."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from ipywidgets import HTML

from core.model.capture import Capture
from core.model.tokens import isolated
from core.parts.softmax.attention_maps import HeadMaps, head_maps
from core.writing import percent
from widgets.charts.token_strip import TokenStrip
from widgets.panel.panel import Panel


class AttentionTextSection(Panel):
    name = "attention_text"
    title = "One head, in the text itself"
    words = """
        <p>One row of A, laid over the text: the more violet a token, the more the
        <b class='lab-query'>query token</b> takes from it. The shade follows the root of the weight, so that
        small weights show. What the mask hides from the query, in GPT-2 all tokens after it, is hatched.</p>
        <p><b>Try it:</b> point at a token to see what it attends to; a click or the arrow keys choose it. How does
        the picture change from head to head? And what is left to token 0?</p>"""
    computed_from = ("layer", "head")
    drawn_from = ("query",)
    stages = ("softmax",)
    height = 240

    def build(self) -> None:
        self.strip = TokenStrip(label="Tokens of the text: choose the query token").add_class("lab-shaded")
        self.strip.observe(lambda change: setattr(self.state, "query", change.new), "chosen")
        self.strip.observe(self._point, "hovered")
        self.legend = HTML().add_class("lab-cell")
        self.row(self.legend)
        self.row(self.strip)

    def compute(self, capture: Capture, settings: Any, progress: Any) -> HeadMaps:
        return head_maps(capture, settings.layer, settings.head)

    def draw(self, result: HeadMaps, settings: Any) -> None:
        self.shown = result
        self.strip.show(self.capture.token_text)
        self.strip.chosen = settings.query
        self._shade(settings.query)

    def numbers(self, result: HeadMaps, settings: Any) -> str:
        return result.told(settings.query, self.capture.token_text)

    def _point(self, change: Any) -> None:
        self._shade(self.state.query if change.new < 0 else change.new)

    def _shade(self, query: int) -> None:
        """Shade the text by the query's row, along the root of the weight, so that small ones can be told apart."""
        row, tokens = self.shown.weights[query], self.capture.token_text
        most = self.shown.strongest(query, 1)[0]
        self.strip.shade(np.where(self.shown.hidden[query], np.nan, np.sqrt(row / row[most])))
        self.legend.value = (
            f"<p>Query {query} <b class='lab-query'>{escape(isolated(tokens[query]))}</b> gives most to key {most} "
            f"<b class='lab-key'>{escape(isolated(tokens[most]))}</b></p>"
            f"<p class='lab-shades'>0 <i></i> {percent(float(row[most]))} of its attention "
            "<i class='lab-masked'></i> hidden</p>"
        )
