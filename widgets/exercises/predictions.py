"""Predict, then look: a part's charts are covered until the learner has said what they will show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import anywidget
from traitlets import Dict

from core.predictions import PREDICTIONS, NothingToPredict
from core.question import Choice, Question
from core.settings import Settings
from core.writing import number
from widgets.exercises.exercises import SETTINGS, settings_of
from widgets.exercises.overlay import OVERLAYS, Laid
from widgets.theme import Theme

if TYPE_CHECKING:
    from widgets.lab import Lab
    from widgets.panel import Panel


class Asked(NamedTuple):
    """A question, and what it was asked about: an answer holds for nothing else."""

    question: Question
    about: tuple[Any, ...]
    """The capture, and the settings that the truth depends on."""


class Predictions(anywidget.AnyWidget):
    """One model for all parts, with a view over the charts of each; keys are the parts' numbers, 1 … 9.

    Its messages name a part and what to do there: `ask`, `lock` (an `answer`: a number, or a place in the list of
    options), `leave` (look without an answer, or take the prediction off the chart).
    """

    _esm = Path(__file__).with_name("predictions.js")

    asked = Dict().tag(sync=True)
    """The questions of the parts that are covered."""
    told = Dict().tag(sync=True)
    """Of the parts whose charts a prediction lies on: the distance in words; or why there is nothing to predict."""

    def __init__(self, lab: Lab):
        super().__init__()
        self._lab = lab
        self._asked: dict[int, Asked] = {}
        self._locked: dict[int, tuple[Asked, float]] = {}
        self._laid: dict[int, list[Laid]] = {}
        self.on_msg(self._on_page)
        lab.state.observe(self._follow, SETTINGS)
        lab.runner.observe(self._follow, "shown")

    def drawn(self, panel: Panel) -> None:
        """A part was drawn: lay the prediction over its charts that waited for them."""
        part = panel.number
        if part in self._locked and part not in self._laid and panel in self._lab.panels:
            asked, answer = self._locked[part]
            self._laid[part] = OVERLAYS[part](panel, asked.question.place(answer))
            self.apply(self._lab.theme)

    def apply(self, theme: Theme) -> None:
        """Show what lies on charts in a theme."""
        for laid in self._laid.values():
            for one in laid:
                one.apply(theme)

    def _on_page(self, _: Any, content: dict[str, Any], __: Any) -> None:
        part = content.get("part")
        if not isinstance(part, int) or part not in PREDICTIONS or self._lab.runner.capture is None:
            return
        match content:
            case {"do": "ask"}:
                self._leave(part)
                for name, value in PREDICTIONS[part].needs.items():
                    setattr(self._lab.state, name, value)
                self._ask(part)
            case {"do": "lock", "answer": int() | float() as answer} if part in self._asked:
                self._lock(part, answer)
            case {"do": "leave"}:
                self._leave(part)
        self._tell()

    def _ask(self, part: int) -> None:
        capture, settings = self._lab.runner.capture, settings_of(self._lab.state)
        assert capture is not None
        try:
            question = PREDICTIONS[part].ask(capture, settings)
        except NothingToPredict as nothing:
            self._leave(part)
            self.told = {**self.told, str(part): str(nothing)}
            return
        self._asked[part] = Asked(question, self._about(part, settings))

    def _lock(self, part: int, answer: float) -> None:
        question = self._asked[part].question
        if isinstance(question, Choice) and answer not in range(len(question.options)):
            return
        told = question.told(answer)
        self._locked[part] = (self._asked.pop(part), answer)
        self.told = {**self.told, str(part): told}
        self._lab.exercises.workbook.predicted(part, told)
        for panel in self._lab.panels:
            if panel.number == part:
                panel.refresh()

    def _leave(self, part: int) -> None:
        self._asked.pop(part, None)
        self._locked.pop(part, None)
        for one in self._laid.pop(part, ()):
            one.take_off()
        self.told = {key: words for key, words in self.told.items() if key != str(part)}

    def _follow(self, _: Any) -> None:
        """Ask again about what is on show now; an answer that was about something else goes."""
        if not self._asked and not self._locked:
            return
        settings = settings_of(self._lab.state)
        for part, asked in list(self._asked.items()):
            if asked.about != self._about(part, settings):
                self._ask(part)
        for part, (asked, _answer) in list(self._locked.items()):
            if asked.about != self._about(part, settings):
                self._leave(part)
        self._tell()

    def _about(self, part: int, settings: Settings) -> tuple[Any, ...]:
        return id(self._lab.runner.capture), *(getattr(settings, name) for name in PREDICTIONS[part].follows)

    def _tell(self) -> None:
        self.asked = {str(part): sheet(asked.question) for part, asked in self._asked.items()}


def sheet(question: Question) -> dict[str, Any]:
    """What the page shows of a question: everything but the truth."""
    if isinstance(question, Choice):
        return {"words": question.words, "options": list(question.options)}
    ends = {} if question.along is None else {"along": [number(end) for end in question.along]}
    names = ("words", "low", "high", "step", "percent")
    return {name: getattr(question, name) for name in names} | ends
