"""Part 4, the first token: its share of attention by layer and head, and its raw scores beside the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.model.capture import Capture
from core.parts.raw_scores.first_token import FirstShare, FirstToken, first_share, first_token
from core.progress import Progress
from widgets.charts.heatmap import HeatMap
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, level
from widgets.panel.panel import NoValues, Panel
from widgets.session import Session


class FirstTokenSection(Panel):
    name = "first_token"
    title = "The first token"
    words = """
        <p>Why leave token 0 out? Some heads give it most of their attention, whatever it says. The weights of a row
        have to add up to 1: a head that finds nothing to look at parks them on the one token that every query sees.
        There its score stands far above most others (B), and one such outlier hides what all the rest do.</p>
        <p><b>Try it:</b> click the brightest cell of A, and see in B how its head scores token 0 for the query token
        that you chose above. Then look in <a href='#lab-attention_maps'>part 7</a> what else that head looks at.</p>"""
    computed_from = ("layer", "query")
    marked_from = ("layer", "head")
    stages = ("scaled", "softmax")
    slow = True

    def __init__(self, session: Session):
        self._by_layer: tuple[Capture, FirstShare] | None = None  # follows the text alone
        super().__init__(session)

    def build(self) -> None:
        self.map = HeatMap(
            "A) Attention on token 0",
            x_label="Head",
            y_label="Transformer layer",
            colormap="magma",
            bar_label="Share",
            bottom_up=True,
        )
        self.map.on_cell_click(self._choose)
        self.scores = LineChart(
            "B) Scores on token 0 and on the others",
            [
                Series("Others: lowest, mean, highest", "attention", line="none", points="circle"),
                Series("Token 0", "warning", line="none", points="square"),
            ],
            x_label="Head",
            y_label="Raw score",
            zero="y",
        )
        self.row(self.map, self.scores)

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> FirstToken:
        if self._by_layer is None or self._by_layer[0] is not capture:
            self._by_layer = (capture, first_share(capture, progress))
        result = first_token(capture, settings.layer, settings.query, self._by_layer[1])
        if np.isnan(result.by_layer.share).all():
            raise NoValues(result.sentence())
        return result

    def draw(self, result: FirstToken, settings: Any) -> None:
        self.map.draw(result.by_layer.share, limits=(0, 1))
        heads = np.arange(len(result.scores))
        curves = [Curve(heads[:0], np.zeros(0))] * 2
        if result.others.size:
            spread = (result.others.min(axis=1), result.others.max(axis=1))
            curves = [Curve(heads, result.others.mean(axis=1), *spread), Curve(heads, result.scores[:, 0])]
        self.scores.draw(*curves, x_limits=(-0.5, len(heads) - 0.5))

    def mark(self, settings: Any) -> None:
        self.map.highlight(row=settings.layer, column=settings.head)
        self.map.mark_row(settings.layer)
        self.scores.mark_x(settings.head)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.map, place)]

    def _choose(self, layer: int, head: int) -> None:
        with self.state.hold_trait_notifications():
            self.state.layer, self.state.head = layer, head
