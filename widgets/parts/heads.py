"""Part 3: one layer's queries, keys or values, head by head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import Widget
from traitlets import dlink

from core.model.capture import Capture
from core.parts.heads.numbers import Heads, heads
from widgets.charts.heatmap_grid import HeatMapGrid
from widgets.charts.overlay import Laid, framed
from widgets.charts.shared_scales import Limits
from widgets.panel.controls import control
from widgets.panel.panel import Panel
from widgets.parts.head_view import HeadViewSection
from widgets.parts.overview import OverviewSection

NAMES = {"query": "Qh", "key": "Kh", "value": "Vh"}


class HeadsPart(Panel):
    name = "heads"
    title = "Split into heads"
    words = """
        <p>One panel a head, one column a token, one row a dimension: a head is a slice of the layer's numbers,
        nothing more. A stripe is a dimension that says the same of every token.</p>
        <p><b>Try it:</b> drag the layer, compare Q, K and V, and look at column 0: does the first token stand
        out? Click a panel to choose that head in every part.</p>"""
    computed_from = ("layer", "activation")
    drawn_from = ("activation_limit", "activation_fit")
    marked_from = ("head",)
    height = 430
    section_kinds = (OverviewSection, HeadViewSection)

    def build_controls(self) -> Sequence[Widget]:
        show, limit, fit = (control(self.state, f"activation{name}") for name in ("", "_limit", "_fit"))
        dlink((self.state, "activation_fit"), (limit, "disabled"))
        return show, limit, fit

    def build(self) -> None:
        self.grid = HeatMapGrid("", x_label="Token position", y_label="Head dim", bar_label="Activation", height=430)
        self.grid.on_head_click(lambda head: setattr(self.state, "head", head))
        self.row(self.grid)

    def compute(self, capture: Capture, settings: Any, progress: Any) -> Heads:
        return heads(capture, settings.layer, settings.activation)

    def draw(self, result: Heads, settings: Any) -> None:
        self.grid.draw(result.heads, name=NAMES[result.activation], limits=_limits(settings))

    def sketch(self, result: Heads, settings: Any) -> None:
        self.grid.sketch(result.heads, limits=_limits(settings))

    def lay_prediction(self, place: float) -> list[Laid]:
        return [framed(self.grid, round(place))]

    def mark(self, settings: Any) -> None:
        self.grid.select(settings.head)


PART = HeadsPart


def _limits(settings: Any) -> Limits | None:
    """Of the colour scale; None to fit the data."""
    return None if settings.activation_fit else (-settings.activation_limit, settings.activation_limit)
