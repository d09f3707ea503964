"""Part 7, one layer: what the last token gives to those before it, and tokens to themselves."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.model.capture import Capture
from core.parts.softmax.attention import Attention, attention
from widgets.charts.differences import DensityLines
from widgets.charts.violins import Group, Violins
from widgets.panel.panel import Panel


class AttentionSection(Panel):
    name = "attention"
    title = "One layer, all heads"
    words = """
        <p>Now with the model's own scores. Left: what the last token gives to each token before it. Middle: what
        every other token gives to itself. Right: what the first token gives to itself.</p>
        <p><b>Find out:</b> in GPT-2 the points on the right sit at one place, in every head and every layer. Which
        scores does the mask leave in row 0 of the maps below, and what must softmax make of them?</p>"""
    computed_from = ("layer",)
    stages = ("softmax",)
    height = 360
    difference = partial(
        DensityLines,
        "Distributions: B − A",
        "Softmax attention weight",
        final_to_previous=("Final to prev", "attention"),
        self_attention=("Self, other tokens", "warning"),
    )

    def build(self) -> None:
        self.weights = Violins(
            "",
            [
                Group("Final to prev", "attention"),
                Group("Self-attention other tokens", "attention"),
                Group("Self-attention first token", "attention"),
            ],
            y_label="Softmax attention weight",
        )
        self.row(self.weights)

    def compute(self, capture: Capture, settings: Any, progress: Any) -> Attention:
        return attention(capture, settings.layer)

    def draw(self, result: Attention, settings: Any) -> None:
        self.weights.draw(result.final_to_previous, result.self_attention, result.first_to_self, y_limits=(0, 1))
