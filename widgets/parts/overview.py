"""Part 3, all layers and all heads at once: their attention as small maps, a number of each, and heads by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from ipywidgets import HBox

from core.model.capture import Capture
from core.parts.heads import MEASURE
from core.parts.heads.overview import BEST, SIGNED, Overview, overview
from core.progress import Progress
from core.writing import percent
from widgets.charts.heatmap import HeatMap
from widgets.charts.layer_grid import LayerGrid
from widgets.charts.overlay import Laid, level
from widgets.panel.named_heads import NamedHeads
from widgets.panel.panel import NoValues, Panel

HEIGHT = 500


class OverviewSection(Panel):
    name = "overview"
    title = "All layers, all heads"
    words = """
        <p>One small map for every head of every layer: a row for each query token, a column for each key token, bright
        where much attention goes. A bright line along the diagonal is a head that looks a fixed number of tokens back,
        a bright first column one that looks at token 0.</p>
        <p><b>Try it:</b> click a map or a cell to go to that layer and head in every part. Do heads of one kind stand
        in early layers or in late ones?</p>"""
    controls = ("measure",)
    drawn_from = ("measure",)
    marked_from = ("layer", "head")
    stages = ("softmax",)
    slow = True
    height = HEIGHT

    def build(self) -> None:
        self.grid = LayerGrid("A) Attention A of every head", colormap="magma", bar_label="Weight", height=HEIGHT)
        self.grid.on_head_click(self._choose)
        self.map = HeatMap(
            "B) A number of every head", x_label="Head", y_label="Transformer layer", bottom_up=True, height=HEIGHT
        )
        self.map.on_cell_click(self._choose)
        self.kinds = {
            "previous_token_heads": NamedHeads("Previous-token heads", "look one token back.", BEST, self._choose),
            "first_token_heads": NamedHeads("First-token heads", "look at token 0.", BEST, self._choose),
            "duplicate_token_heads": NamedHeads(
                "Duplicate-token heads", "look from a repeated token to where it stood before.", BEST, self._choose
            ),
        }
        self.row(self.grid, self.map)
        self.row(HBox(list(self.kinds.values())).add_class("lab-kinds"))

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> Overview:
        result = overview(capture, progress)
        if np.isnan(result.to_first).all():
            raise NoValues(result.sentence())
        return result

    def draw(self, result: Overview, settings: Any) -> None:
        self.grid.draw(result.maps, limits=(0, result.limit))
        step = result.step
        self.grid.note = f"Each dot of a small map is the mean of {step} × {step} weights." if step > 1 else ""
        self._draw_number(getattr(result, settings.measure), settings.measure)
        for kind, named in self.kinds.items():
            heads = [(one.layer, one.head, percent(one.score)) for one in getattr(result, kind)]
            named.show(heads, "No token of this text comes twice.")

    def numbers(self, result: Overview, settings: Any) -> str:
        return f"{result.sentence()} {result.told(settings.measure)}"

    def mark(self, settings: Any) -> None:
        self.grid.select(settings.layer, settings.head)
        self.map.highlight(row=settings.layer, column=settings.head)
        self.map.mark_row(settings.layer)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.grid, place)]

    def _draw_number(self, values: Any, measure: str) -> None:
        signed = measure in SIGNED
        colormap = "diverging" if signed else "magma"
        self.map.bar_label = MEASURE.words[MEASURE.options.index(measure)]
        if self.map.colormap != colormap:
            self.map.colormap = colormap
            self.map.apply(self.session.theme())
        self.map.draw(values, limits=(0, 1) if measure == "entropy" else None)

    def _choose(self, layer: int, head: int) -> None:
        with self.state.hold_trait_notifications():
            self.state.layer, self.state.head = layer, head
