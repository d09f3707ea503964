"""A part on the page: title, words, controls, charts, and one line that says in numbers what the charts show.

How to add a part stands in CONTRIBUTING.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from ipywidgets import HTML, FloatProgress, HBox, HTMLMath, VBox, Widget

from core.model_words import STUDY_SCALE, in_words, scale_sign, scale_words
from core.predictions import PREDICTIONS
from core.sentences import sentence
from core.tables import Table, tables
from widgets.chain import Chain, Stage
from widgets.controls import control
from widgets.in_step import InStep

if TYPE_CHECKING:
    from widgets.lab import Lab

SHARED = ("layer", "head", "mask_size")
"""Traits whose controls stand in the bar on top of the page."""
FAILED = "This chart could not be drawn with these settings. Change one of them, or run another text."


class NoValues(Exception):
    """There is nothing to show; the message is the sentence that stands in the charts' place."""


class Panel(InStep):
    """One part, or a section of one: heading, words, controls, charts, and a line of numbers.

    Args:
        sections: stand below the part's own charts, each with words, charts and numbers of its own.
    """

    name: ClassVar[str]
    number: ClassVar[int | None] = None
    """None for a section."""
    title: ClassVar[str]
    words: ClassVar[str]
    """HTML; LaTeX between dollar signs. "divided by √d" becomes what the model on show does."""
    controls: ClassVar[tuple[str, ...]] = ()
    """Traits whose controls stand above the charts; override `build_controls` for other ones."""
    stages: ClassVar[tuple[Stage, ...]] = ()
    """Stages lit in the chain from scores to attention (`self.chain`); none for a part without scores."""
    height: ClassVar[int] = 340
    """Pixels kept free for the charts before they are there."""

    def __init__(self, lab: Lab, *sections: Panel):
        super().__init__(lab)
        self.sections = sections
        self.chain = Chain(*self.stages)
        self._charts: list[Any] = []
        self._figure = VBox().add_class("lab-charts")
        self._figure.layout.min_height = f"{self.height}px"
        self._progress = FloatProgress(max=1).add_class("lab-progress")
        self._notice = HTML().add_class("lab-notice")
        self._numbers = HTML().add_class("lab-numbers")
        self._words: HTMLMath | None = None
        """None where a part stands below another, without words."""
        self._built = False
        self.listeners: list[Callable[[], None]] = []
        """Called when the part has drawn something new or has said why there is nothing to draw."""
        self.widget = self._lay_out()
        self.follow()

    def build(self) -> None:
        """Make the charts and lay them out with `row`."""
        raise NotImplementedError

    def numbers(self, result: Any, settings: Any) -> str:
        """What the charts show, in numbers and in plain words."""
        return sentence(result)

    def tables(self, result: Any, tokens: Sequence[str]) -> tuple[Table, ...]:
        """The numbers to take away: a table for each chart, in the charts' order; `tokens` in visible form."""
        return tables(result, tokens)

    def build_controls(self) -> Sequence[Widget]:
        return [control(self.state, name) for name in self.controls]

    def build_readouts(self) -> Sequence[Widget]:
        """Words on what is chosen or pointed at; they stand beside the chain, before the controls."""
        return ()

    def row(self, *charts: Any) -> None:
        """Add a row of charts or plain widgets to the part."""
        widgets = [chart if isinstance(chart, Widget) else chart.widget for chart in charts]
        own = [chart for chart in charts if not isinstance(chart, Widget)]
        for chart in own:  # while bqplot makes the view of a figure, it does not see its margins change
            chart.apply(self.lab.theme)
        self._charts += own
        self._figure.children += (HBox(widgets).add_class("lab-row"),)

    def apply(self, theme: Any) -> None:
        """Show the charts in a theme's colours."""
        for chart in self._charts:
            chart.apply(theme)

    def with_controls(self) -> VBox:
        """The part as it stands alone in a notebook: under the controls of the bar that it follows."""
        followed = {name for panel in (self, *self.sections) for name in panel.follows}
        controls = [control(self.state, name) for name in SHARED if name in followed - set(self.controls)]
        return VBox([HBox(controls).add_class("lab-controls"), self.widget]).add_class("lab-alone")

    @property
    def busy(self) -> bool:
        """Whether the numbers are being computed."""
        return "lab-busy" in self.widget._dom_classes

    def show_busy(self, busy: bool) -> None:
        if busy:
            self._progress.value = 0
        (self.widget.add_class if busy else self.widget.remove_class)("lab-busy")

    def show_progress(self, fraction: float) -> None:
        self._progress.value = fraction

    def redraw(self, settings: Any) -> None:
        if not self._built:
            self.build()
            self._built = True
        if self.needs_capture:
            self.chain.show_scale(scale_sign(self.capture, getattr(settings, "layer", None)))
            if self._words is not None:
                self._words.value = self.words.replace(in_words(STUDY_SCALE), scale_words(self.capture))
        self.draw(self.result, settings)
        left_out = (chart.note for chart in self._charts if chart.note)
        lines = (self.numbers(self.result, settings), *dict.fromkeys(left_out))
        self._numbers.value = "".join(f"<p>{escape(line)}</p>" for line in lines)
        self._say("")

    def fail(self, error: Exception) -> None:
        if isinstance(error, NoValues):
            self._say(str(error))
            return
        logging.getLogger(__name__).error("part %s", self.name, exc_info=error)
        self._say(FAILED)

    def _lay_out(self) -> VBox:
        level, number = ("h3", "") if self.number is None else ("h2", f"<span class='lab-number'>{self.number}</span> ")
        heading = HTML(f"<{level} id='lab-{self.name}'>{number}{self.title}</{level}>").add_class("lab-heading")
        self._words = HTMLMath(self.words).add_class("lab-words")
        chain = [self.chain] if self.stages else []
        controls = HBox([*chain, *self.build_readouts(), *self.build_controls()]).add_class("lab-controls")
        parts = [self.lab.browser, heading, self.lab.takeaway, self._words]
        parts += [controls] if controls.children else []
        parts += [self._progress] if self.slow else []
        # The notice lies over the charts' place, so that nothing moves when it comes or goes.
        over, below = [self._notice], [section.widget for section in self.sections]
        if self.number in PREDICTIONS:
            over, below = [*over, self.lab.predictions], [*below, self.lab.exercises]
        place = VBox([self._figure, *over]).add_class("lab-place")
        panel = VBox([*parts, place, self._numbers, *below])
        return panel.add_class("lab-panel").add_class(f"lab-part-{self.name}")

    def _paint(self) -> None:
        super()._paint()
        if self.result is not None:
            self.lab.predictions.drawn(self)

    def _say(self, sentence: str) -> None:
        """Show a sentence in the charts' place, or the charts again when there is none to show."""
        self._notice.value = f"<p role='status'>{escape(sentence)}</p>" if sentence else ""
        if sentence:
            self._numbers.value = ""
            self._figure.add_class("lab-away")
        else:
            self._figure.remove_class("lab-away")
        for listener in self.listeners:
            listener()
