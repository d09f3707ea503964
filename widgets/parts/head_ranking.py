"""Part 10, the ranking: each head switched off alone, and how much the text's mean loss rises without it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from ipywidgets import HBox

from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.entropy.head_ranking import MOST, HeadRanking, head_ranking
from core.progress import Progress
from core.writing import number
from widgets.charts.heatmap import HeatMap
from widgets.charts.overlay import Laid, upright
from widgets.experiments.run import RunSection
from widgets.panel.named_heads import NamedHeads
from widgets.panel.panel import NoValues
from widgets.session import Session
from widgets.worker import Worker

HEIGHT = 420


class HeadRankingSection(RunSection):
    """Takes as many passes as the model has heads: in a thread of its own, drawn as they come, kept when stopped."""

    name = "head_ranking"
    title = "Which heads are missed most?"
    words = """
        <p>Each head of the model is switched off alone, and the model reads your text again. Where the mean loss rises,
        the model misses that head; where it falls, the head was in the way of this text.</p>
        <p><b>Try it:</b> click the head that is missed most, and look at its map in part 7: what does it do? Then run a
        text that says everything twice. Are the same heads missed most?</p>"""
    controls = ("off_weights",)
    computed_from = ("off_weights",)
    marked_from = ("layer", "head")
    stages = ("softmax",)
    height = HEIGHT
    invitation = "Nothing has run yet. Press Run: the model reads your text once without each of its heads."

    def __init__(self, session: Session):
        self._part: tuple[Capture, Any, HeadRanking] | None = None  # what there is so far, and of what
        super().__init__(replace(session, worker=Worker("head ranking")))
        session.source.observe(self._another_text, "shown")

    def build(self) -> None:
        self.map = HeatMap(
            "Loss without each head",
            x_label="Head",
            y_label="Transformer layer",
            colormap="diverging",
            bar_label="Rise in nats a token",
            bottom_up=True,
            height=HEIGHT,
        )
        self.map.on_cell_click(self._choose)
        self.most = NamedHeads("Missed most", "what the mean loss rises by, in nats a token", MOST, self._choose)
        self.row(self.map, HBox([self.most]).add_class("lab-kinds"))

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> HeadRanking:
        def take(so_far: HeadRanking) -> None:
            self._part = (capture, settings, so_far)
            progress(so_far.share)

        result = head_ranking(experiments, capture, settings.off_weights, take, progress)
        if np.isnan(result.loss):
            raise NoValues(result.sentence())
        return result

    def show_progress(self, fraction: float) -> None:
        super().show_progress(fraction)
        if self._part is not None and self.is_asked(*self._part[:2]) and self._part[2] is not self.result:
            self.show_part(self._part[2])

    def draw(self, result: HeadRanking, settings: Any) -> None:
        self.map.draw(result.rise, limits=(-result.limit, result.limit))
        self.most.show([(layer, head, f"{'+' * (rise > 0)}{number(rise)}") for layer, head, rise in result.most_missed])

    def mark(self, settings: Any) -> None:
        self.map.highlight(row=settings.layer, column=settings.head)
        self.map.mark_row(settings.layer)

    def lay_prediction(self, place: float) -> list[Laid]:
        return [upright(self.map, place)]

    def source(self) -> Capture | None:
        capture = self.session.capture
        if self._stopped and self.result is not None and self.is_asked(capture, self._settings(self.computed_from)):
            return capture  # what there was when it was stopped stays
        return super().source()

    def _run(self, button: Any) -> None:
        self._asked = None  # to go on where it was stopped
        super()._run(button)

    def _stop(self, button: Any) -> None:
        if self.result is None:
            super()._stop(button)
            return
        self.session.worker.drop(self)
        self._stopped = True
        self.show_busy(False)

    def _another_text(self, _: Any) -> None:
        """Give up what runs for a text that nobody sees any more; out of view nothing else would."""
        if self.busy and not self.visible:
            self.session.worker.drop(self)
            self._asked = None
            self.show_busy(False)

    def _choose(self, layer: int, head: int) -> None:
        with self.state.hold_trait_notifications():
            self.state.layer, self.state.head = layer, head
