"""A part on the page: title, words, controls, charts, and one line that says in numbers what the charts show.

How to add a part stands in CONTRIBUTING.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cached_property
from html import escape
from typing import Any, ClassVar, Literal, get_args

from ipywidgets import HTML, FloatProgress, HBox, HTMLMath, VBox, Widget

from core.model.words import STUDY_SCALE, in_words, scale_sign, scale_words
from core.parts import PARTS
from core.parts.tables import Table
from widgets.charts.differences import DifferenceCharts
from widgets.charts.overlay import Laid
from widgets.panel.chain import Chain, Stage
from widgets.panel.controls import control
from widgets.panel.follower import Follower
from widgets.session import Session
from widgets.theme import Theme

SHARED = ("layer", "head", "mask_size")
"""Traits whose controls stand in the bar on top of the page."""
Place = Literal["top", "heading", "charts", "numbers", "foot"]
"""Where others may put widgets: above all, after the heading, over the charts, below the numbers, below all."""
FAILED = "This chart could not be drawn with these settings. Change one of them, or run another text."


class NoValues(Exception):
    """There is nothing to show; the message is the sentence that stands in the charts' place."""


class Panel(Follower):
    """One part, or a section of one: heading, words, controls, charts, and a line of numbers."""

    name: ClassVar[str]
    title: ClassVar[str]
    words: ClassVar[str]
    """HTML; LaTeX between dollar signs. "divided by √d" becomes what the model on show does."""
    controls: ClassVar[tuple[str, ...]] = ()
    """Traits whose controls stand above the charts; override `build_controls` for other ones."""
    stages: ClassVar[tuple[Stage, ...]] = ()
    """Stages lit in the chain from scores to attention (`self.chain`); none for a part without scores."""
    twinned: ClassVar[bool] = True
    """Whether it is shown a second time, of the pinned view."""
    difference: ClassVar[Callable[[], DifferenceCharts] | None] = None
    """Makes the charts of B − A; None where the part is not compared so."""
    height: ClassVar[int] = 340
    """Pixels kept free for the charts before they are there."""
    section_kinds: ClassVar[tuple[type[Panel], ...]] = ()
    """Sections stand below the part's own charts, each with words, charts and numbers of its own."""
    css_classes: ClassVar[tuple[str, ...]] = ("lab-panel",)

    def __init__(self, session: Session):
        super().__init__(session)
        self.sections = [kind(session) for kind in self.section_kinds]
        self.charts: list[Any] = []
        """Those that are there: they are made when the panel is first drawn."""
        self.chain = Chain(*self.stages)
        self.notice = ""
        """The sentence in the charts' place; empty while they are there."""
        self.busy = False
        """Whether the numbers are being computed."""
        self._figure = VBox().add_class("lab-charts")
        self._figure.layout.min_height = f"{self.height}px"
        self._progress = FloatProgress(max=1).add_class("lab-progress")
        self._notice = HTML().add_class("lab-notice")
        self._numbers = HTML().add_class("lab-numbers")
        self._words: HTMLMath | None = None
        """None where a part stands below another, without words."""
        self._built = False
        self._guests: dict[Place, tuple[Widget, ...]] = dict.fromkeys(get_args(Place), ())
        self._heading = self.build_heading().add_class("lab-heading")
        self._above = self.build_above()
        self.follow()

    @cached_property
    def widget(self) -> VBox:
        """The panel on the page, made when it is first asked for: what is put around it before costs no message."""
        # The notice lies over the charts' place, so that nothing moves when it comes or goes.
        self._place = VBox([self._figure, self._notice, *self._guests["charts"]]).add_class("lab-place")
        # Always there: ipywidgets makes the views of all that stands below a new child anew.
        self._beneath = VBox(self._guests["numbers"]).add_class("lab-beneath")
        box = VBox(self._children())
        for name in (*self.css_classes, f"lab-part-{self.name}"):
            box.add_class(name)
        return box

    @property
    def number(self) -> int | None:
        """Its place in the study; None for a section."""
        return next((part.number for part in PARTS if part.name == self.name), None)

    def build(self) -> None:
        """Make the charts and lay them out with `row`."""
        raise NotImplementedError

    def numbers(self, result: Any, settings: Any) -> str:
        """What the charts show, in numbers and in plain words."""
        return result.sentence()

    def tables(self, result: Any, tokens: Sequence[str]) -> tuple[Table, ...]:
        """The numbers to take away: a table for each chart, in the charts' order; `tokens` in visible form."""
        return result.tables(tokens)

    def lay_prediction(self, place: float) -> list[Laid]:
        """Lay a learner's prediction over the charts, which are there; `place` as `Question.place` gives it."""
        return []

    def build_heading(self) -> HTML:
        level, number = ("h3", "") if self.number is None else ("h2", f"<span class='lab-number'>{self.number}</span> ")
        return HTML(f"<{level} id='lab-{self.name}'>{number}{self.title}</{level}>")

    def build_above(self) -> Sequence[Widget]:
        """What stands between the heading and the charts."""
        self._words = HTMLMath(self.words).add_class("lab-words")
        chain = [self.chain] if self.stages else []
        controls = [*chain, *self.build_readouts(), *self.build_controls()]
        return [self._words, *([HBox(controls).add_class("lab-controls")] if controls else [])]

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
            chart.apply(self.session.theme())
        self.charts += own
        self._figure.children += (HBox(widgets).add_class("lab-row"),)

    def apply(self, theme: Theme) -> None:
        """Show the charts in a theme's colours."""
        for chart in self.charts:
            chart.apply(theme)

    def put(self, place: Place, *guests: Widget) -> None:
        """Show widgets of others there, in place of those that were put there before."""
        self._guests[place] = guests
        if "widget" not in vars(self):
            return
        if place == "charts":
            self._place.children = (self._figure, self._notice, *guests)
        elif place == "numbers":
            self._beneath.children = guests
        else:
            self.widget.children = self._children()

    @property
    def guests(self) -> list[Widget]:
        """The widgets of others that are there."""
        return [guest for guests in self._guests.values() for guest in guests]

    def with_controls(self) -> VBox:
        """The part as it stands alone in a notebook: under the controls of the bar that it follows."""
        followed = {name for panel in (self, *self.sections) for name in panel.follows}
        controls = [control(self.state, name) for name in SHARED if name in followed - set(self.controls)]
        return VBox([HBox(controls).add_class("lab-controls"), self.widget]).add_class("lab-alone")

    def show_busy(self, busy: bool) -> None:
        self.busy = busy
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
        left_out = (chart.note for chart in self.charts if chart.note)
        lines = (self.numbers(self.result, settings), *dict.fromkeys(left_out))
        self._numbers.value = "".join(f"<p>{escape(line)}</p>" for line in lines)
        self._say("")

    def fail(self, error: Exception) -> None:
        if isinstance(error, NoValues):
            self._say(str(error))
        else:
            logging.getLogger(__name__).error("part %s", self.name, exc_info=error)
            self._say(FAILED)
        self._numbers.value = ""
        self.tell()

    def _children(self) -> list[Widget]:
        guests = self._guests
        head = [*guests["top"], self._heading, *guests["heading"], *self._above]
        charts = [*([self._progress] if self.slow else []), self._place, self._numbers, self._beneath]
        sections = [section.widget for section in self.sections]
        return [*head, *charts, *sections, *guests["foot"]]

    def _say(self, sentence: str) -> None:
        """Show a sentence in the charts' place, or the charts again when there is none to show."""
        self.notice = sentence
        self._notice.value = f"<p role='status'>{escape(sentence)}</p>" if sentence else ""
        (self._figure.add_class if sentence else self._figure.remove_class)("lab-away")
