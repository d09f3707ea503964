"""Part 8, patching: the text on show with scores of the other text, and what the model says then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ipywidgets import Button, Widget
from jaxtyping import Float
from numpy import ndarray

from core.model.capture import Capture
from core.model.experiments import Experiments
from core.model.tokens import isolated
from core.parts.softmax_by_layer.patching import EXAMPLE, Pair, Patching, pair_of, patching
from core.progress import Progress
from widgets.charts.figure import assign, short
from widgets.charts.lines import Curve, LineChart, Series
from widgets.charts.overlay import Laid, level
from widgets.experiments.run import RunSection
from widgets.experiments.says import Run, Says
from widgets.session import Session

SERIES = (
    Series("A", "value", line="dashed"),
    Series("B", "ink"),
    Series("B with scores of A", "attention", line="none", points="circle"),
)
LONGEST_TOKEN = 12  # letters of an axis's words
SIDES = ("Text A", "Text B", "Text B with scores of A")


class PatchingSection(RunSection):
    name = "patching"
    title = "Patching: B looks where A looks"
    words = """
        <p>B is run again with raw scores of A: wherever a token and the token that it looks at are partners, B gets the
        score of A. B's tokens still hand over their own values. If B then says what A says, the difference lay in
        where the texts look; if not, in what is handed over.</p>
        <p>The charts try every layer alone, and every head of the chosen layer: how far does it move B from its own
        line to that of A? <b>Try it:</b> take the example, and give B the scores of all layers, of one layer, of one
        head: which head is enough? Then change a word in a text of your own.</p>"""
    invitation = "Nothing has run yet. Press Run: the model reads text A, then B with scores of A."
    controls = ("patched",)
    computed_from = ("other_text", "patched", "layer", "head")
    stages = ("scaled",)

    def __init__(self, session: Session):
        self._pair: Pair | None = None  # follows the two texts alone
        self.example = Button(description="Take the example", tooltip="Two texts of ten words, as A and as B")
        super().__init__(session)
        self.example.on_click(self._take_example)

    def build_controls(self) -> Sequence[Widget]:
        *others, buttons = super().build_controls()
        return [*others, self.example, buttons]

    def build(self) -> None:
        places = (("A) One layer's scores of A", "Transformer layer"), ("B) One head's scores of A", "Head"))
        self.layers, self.heads = (
            LineChart(title, SERIES, x_label=x_label, y_label="Logit difference")
            for title, x_label in places
        )
        self.layers.on_click(lambda point: setattr(self.state, "layer", round(point[0])))
        self.heads.on_click(lambda point: setattr(self.state, "head", round(point[0])))
        self.says = Says(SIDES)
        next_tokens, _, *losses = self.says.widgets  # those of A's tokens are in no question here
        self.row(next_tokens)
        self.row(self.layers, self.heads)
        for widget in losses:
            self.row(widget)

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> Patching:
        a, b = (experiments.of_text(capture, text, progress) for text in (settings.other_text, capture.text))
        if self._pair is None or self._pair.a is not a or self._pair.b is not b:
            self._pair = pair_of(a, b)
        return patching(experiments, self._pair, self._pair.intervention(settings), settings.layer, progress)

    def draw(self, result: Patching, settings: Any) -> None:
        self.says.show(
            Run(result.other, result.a_tokens),
            Run(result.effect.before, self.capture.token_text),
            Run(result.effect.after, self.capture.token_text),
        )
        draw_moves(self.layers, result.by_layer, result)
        draw_moves(self.heads, result.by_head, result)
        self.layers.mark_x(settings.layer)
        self.heads.mark_x(settings.head)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [level(self.layers, place)]

    def _take_example(self, _: Any) -> None:
        a, b = EXAMPLE
        with self.state.hold_trait_notifications():
            self.state.set_trait("other_text", a)
            self.state.text = b


def draw_moves(chart: LineChart, patched: Float[ndarray, " place"], result: Patching) -> None:
    """Where each patch brings B, beside where A and B are."""
    places, ends = np.arange(len(patched)), np.array([-0.5, len(patched) - 0.5])
    a, b = (Curve(ends, np.full(2, one)) for one in (result.of_a, result.of_b))
    first, second = (isolated(short(text, LONGEST_TOKEN)) for text in result.favoured.texts)
    assign(chart.y_label, text=np.array([f"ln p({first}) − ln p({second})"]))
    chart.draw(a, b, Curve(places, patched), x_limits=(-0.5, len(patched) - 0.5))
