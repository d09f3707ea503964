"""Part 3, one head: its attention as lines from query tokens to key tokens."""

from __future__ import annotations

from typing import Any

from core.model.capture import Capture
from core.parts.heads.head_view import around
from core.parts.softmax.attention_maps import HeadMaps, head_maps
from widgets.charts.token_lines import TokenLines
from widgets.panel.panel import Panel

MOST = 60
"""Tokens in a column: of more, lines cannot be told apart."""


class HeadViewSection(Panel):
    name = "head_view"
    title = "One head as lines between tokens"
    words = """
        <p>The text stands here twice: each <b class='lab-query'>query token</b> at the left sends lines to the
        <b class='lab-key'>key tokens</b> at the right that it looks at, the thicker, the more attention. The lines of
        the chosen query token are strong, all others faint. Of a long text you see the tokens around it.</p>
        <p><b>Try it:</b> click a token at the left, then choose other heads above. Can you tell a head that looks one
        token back from one that looks at token 0?</p>"""
    controls = ("query",)
    computed_from = ("layer", "head")
    drawn_from = ("query",)
    stages = ("softmax",)
    height = 120

    def build(self) -> None:
        self.lines = TokenLines(label="Lines from query tokens to key tokens; the words below say the strongest.")
        self.lines.observe(lambda change: setattr(self.state, "query", change.new), "chosen")
        self.row(self.lines)
        self.shown = range(0)

    def compute(self, capture: Capture, settings: Any, progress: Any) -> HeadMaps:
        return head_maps(capture, settings.layer, settings.head)

    def draw(self, result: HeadMaps, settings: Any) -> None:
        tokens = self.capture.tokens
        if settings.query not in self.shown or self.shown.stop > tokens:
            self.shown = around(settings.query, tokens, MOST)
        self.lines.show(self.capture.token_text, result.weights, self.shown, settings.query)

    def numbers(self, result: HeadMaps, settings: Any) -> str:
        said = result.told(settings.query, self.capture.token_text)
        if len(self.shown) == self.capture.tokens:
            return said
        return f"{said} Shown are tokens {self.shown.start} to {self.shown.stop - 1} of {self.capture.tokens:,}."
