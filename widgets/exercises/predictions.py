"""Predict, then look: a part's charts are covered until the learner has said what they will show."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
from traitlets import Dict

from core.exercises.prediction import NothingToPredict, Prediction
from core.exercises.question import Choice, Question
from core.model.experiments import REFUSED
from core.parts import PARTS
from core.progress import Progress, silent
from core.writing import number
from widgets.charts.overlay import Laid
from widgets.exercises.exercises import Exercises
from widgets.exercises.settings import settings_of
from widgets.panel.panel import Panel
from widgets.scripts import script
from widgets.session import Session
from widgets.theme import Theme

RUNNING = "Running the model …"
FAILED = "The model could not be asked with these settings. Change one of them, or run another text."


class Asked(NamedTuple):
    """A question, and what it was asked about: an answer holds for nothing else."""

    question: Question | None
    """None while the model runs for it."""
    about: tuple[Any, ...]
    """The capture, and the settings that the truth depends on."""


class Predictions(anywidget.AnyWidget):
    """One model for all parts and sections, with a view over the charts of each; keys are the panels' names.

    Its messages name a panel and what to do there: `ask`, `lock` (an `answer`: a number, or a place in the list of
    options), `leave` (look without an answer, or take the prediction off the chart).
    """

    _esm = script(Path(__file__).with_suffix(".js"))

    asked = Dict().tag(sync=True)
    """The questions of the panels that are covered."""
    told = Dict().tag(sync=True)
    """Of the panels whose charts a prediction lies on: the distance in words; or why there is nothing to predict."""

    def __init__(self, session: Session, exercises: Exercises):
        super().__init__()
        self._session, self._exercises = session, exercises
        self._panels: dict[str, Panel] = {}
        self._asked: dict[str, Asked] = {}
        self._locked: dict[str, tuple[Asked, float]] = {}
        self._laid: dict[str, list[Laid]] = {}
        self.on_msg(self._on_page)
        session.state.observe(self._follow, session.state.VIEW)
        session.source.observe(self._follow, "shown")

    def cover(self, panel: Panel) -> None:
        """From now on a panel's charts can be covered."""
        self._panels[panel.name] = panel
        panel.put("charts", self)
        panel.listeners.append(partial(self.lay, panel.name))

    def lay(self, name: str) -> None:
        """Lay the prediction over a panel's charts, if there is one that waits for them and they are there."""
        panel = self._panels[name]
        if name in self._locked and name not in self._laid and panel.visible and panel.result is not None:
            asked, answer = self._locked[name]
            assert asked.question is not None
            self._laid[name] = panel.lay_prediction(asked.question.place(answer))
            self.apply(self._session.theme())

    def apply(self, theme: Theme) -> None:
        """Show what lies on charts in a theme."""
        for laid in self._laid.values():
            for one in laid:
                one.apply(theme)

    def _on_page(self, _: Any, content: dict[str, Any], __: Any) -> None:
        name = content.get("panel")
        if not isinstance(name, str) or name not in self._panels or self._session.capture is None:
            return
        match content:
            case {"do": "ask"}:
                self._leave(name)
                for setting, value in prediction_of(name).needs.items():
                    setattr(self._session.state, setting, value)
                self._ask(name)
            case {"do": "lock", "answer": int() | float() as answer} if (asked := self._asked.get(name)):
                if asked.question is not None:
                    self._lock(name, asked.question, answer)
            case {"do": "leave"}:
                self._leave(name)
        self._tell()

    def _ask(self, name: str) -> None:
        capture, settings, prediction = self._session.capture, settings_of(self._session.state), prediction_of(name)
        assert capture is not None
        self._asked[name] = asked = Asked(None, self._about(name, settings))
        if not prediction.runs_model:
            try:
                self._put(name, asked, prediction.ask(capture, settings), None)
            except NothingToPredict as nothing:
                self._put(name, asked, None, nothing)
            return
        experiments = self._session.laboratory.experiments

        def ask(_: Progress) -> Question:
            return prediction.ask(capture, settings, experiments)

        def take(question: Question | None, error: Exception | None) -> None:
            self._put(name, asked, question, error)
            self._tell()

        self._session.worker.submit((self, name), ask, take, silent)

    def _put(self, name: str, asked: Asked, question: Question | None, error: Exception | None) -> None:
        """Show the question, or why there is none, to who still waits for it."""
        if self._asked.get(name) is not asked:
            return
        if question is not None:
            self._asked[name] = asked._replace(question=question)
            return
        self._leave(name)
        if isinstance(error, (NothingToPredict, *REFUSED)):
            self.told = {**self.told, name: str(error)}
        else:
            logging.getLogger(__name__).error("predicting %s", name, exc_info=error)
            self.told = {**self.told, name: FAILED}

    def _lock(self, name: str, question: Question, answer: float) -> None:
        if isinstance(question, Choice) and answer not in range(len(question.options)):
            return
        told = question.told(answer)
        self._locked[name] = (self._asked.pop(name)._replace(question=question), answer)
        self.told = {**self.told, name: told}
        self._exercises.workbook.predicted(name, told)
        if prediction_of(name).runs_model:
            self._session.laboratory.begun = True
        self.lay(name)

    def _leave(self, name: str) -> None:
        self._session.worker.drop((self, name))
        self._asked.pop(name, None)
        self._locked.pop(name, None)
        for one in self._laid.pop(name, ()):
            one.take_off()
        self.told = {key: words for key, words in self.told.items() if key != name}

    def _follow(self, _: Any) -> None:
        """Ask again about what is on show now; an answer that was about something else goes."""
        if not self._asked and not self._locked:
            return
        settings = settings_of(self._session.state)
        for name, asked in list(self._asked.items()):
            if asked.about != self._about(name, settings):
                self._ask(name)
        for name, (asked, _answer) in list(self._locked.items()):
            if asked.about != self._about(name, settings):
                self._leave(name)
        self._tell()

    def _about(self, name: str, settings: Any) -> tuple[Any, ...]:
        return id(self._session.capture), *(getattr(settings, follows) for follows in prediction_of(name).follows)

    def _tell(self) -> None:
        self.asked = {name: sheet(asked.question) for name, asked in self._asked.items()}


def prediction_of(panel: str) -> Prediction:
    """What is asked of the charts of a part or a section."""
    return next(part.exercises.predictions[panel] for part in PARTS if panel in part.predicted)


def sheet(question: Question | None) -> dict[str, Any]:
    """What the page shows of a question: everything but the truth; and while there is none yet, that it comes."""
    if question is None:
        return {"words": RUNNING, "coming": True}
    if isinstance(question, Choice):
        return {"words": question.words, "options": list(question.options)}
    ends = {} if question.along is None else {"along": [number(end) for end in question.along]}
    names = ("words", "low", "high", "step", "percent")
    return {name: getattr(question, name) for name in names} | ends
