"""Part 8, two texts: where one changed word makes a difference, layer by layer and stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ipywidgets import HTML, Button, HBox, VBox, Widget

from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.softmax_by_layer.two_texts import TwoTexts, two_texts
from core.progress import Progress
from core.writing import percent
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, level
from widgets.charts.token_strip import TokenStrip
from widgets.experiments.run import RunSection
from widgets.panel.controls import control
from widgets.session import Session

SERIES = (
    Series("Q", "query", points="circle"),
    Series("Raw", "key", points="square"),
    Series("Masked", "muted", line="dashed"),
    Series("Softmax", "attention", points="circle"),
)
SIDES = ("A", "B")


class TwoTextsSection(RunSection):
    name = "two_texts"
    title = "Two texts, one word changed"
    words = """
        <p>Text B is the one on show; type text A here. Tokens that both have are partners; what one text alone has is
        hatched. Of each partner the model makes a query, scores and weights in A and in B: the chart says how far
        these lie apart, as a share of their size.</p>
        <p><b>Try it:</b> change one word of A. In layer 0 no query has heard of it yet: why do the weights differ
        there all the same? Choose a layer, and see in the strips whose queries know of the change.</p>"""
    invitation = "Nothing has run yet. Press Run: the model reads text A, too."
    computed_from = ("other_text",)
    marked_from = ("layer",)
    stages = ("product", "scaled", "masked", "softmax")

    def __init__(self, session: Session):
        self.take = Button(description="Take the text on show", tooltip="Copy the text on show to text A, to change it")
        super().__init__(session)
        self.take.on_click(self._take_text)

    def build_above(self) -> Sequence[Widget]:
        field = HBox([control(self.state, "other_text"), self.take]).add_class("lab-other-text")
        words, controls = super().build_above()
        return [words, field, controls]

    def build(self) -> None:
        self.lines = LineChart(
            "A) Difference of the two texts", SERIES, x_label="Transformer layer", y_label="Share of their size"
        )
        self.lines.on_click(lambda point: setattr(self.state, "layer", round(point[0])))
        self.captions = [HTML().add_class("lab-loss") for _ in SIDES]
        self.strips = [TokenStrip(label=f"Tokens of text {side}").add_class("lab-shaded") for side in SIDES]
        self.row(self.lines)
        for pair in zip(self.captions, self.strips, strict=True):
            self.row(VBox(pair).add_class("lab-losses"))

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> TwoTexts:
        other = experiments.of_text(capture, settings.other_text, progress)
        return two_texts(other, experiments.of_text(capture, capture.text), progress)

    def draw(self, result: TwoTexts, settings: Any) -> None:
        layers = np.arange(result.difference.shape[1])
        curves = [Curve(layers, stage) for stage in result.difference]
        self.lines.draw(*curves, x_limits=(-0.5, len(layers) - 0.5))
        for strip, tokens in zip(self.strips, (result.a_tokens, result.b_tokens), strict=True):
            strip.show(tokens)

    def mark(self, settings: Any) -> None:
        result: TwoTexts = self.result
        self.lines.mark_x(settings.layer)
        of_token = result.of_token[settings.layer]
        most = float(of_token.max(initial=0.0))
        words = f"queries of layer {settings.layer}, by how far they differ"
        for side, caption in zip(SIDES, self.captions, strict=True):
            scale = f"<span class='lab-shades'>0 <i></i> {percent(most)} <i class='lab-masked'></i> no partner</span>"
            caption.value = f"<p><b>Text {side}:</b> {words} {scale}</p>"
        for strip, partners in zip(self.strips, result.alignment, strict=True):
            shades = np.full(len(strip.tokens), np.nan, np.float32)
            shades[partners] = of_token / (most or 1.0)
            strip.shade(shades)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.lines, place)]

    def _take_text(self, _: Any) -> None:
        if self.session.capture is not None:
            self.state.set_trait("other_text", self.session.capture.text)
