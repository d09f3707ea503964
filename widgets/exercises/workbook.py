"""Behind the exercises: who asks what, what is told, and what counts as done."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from ipywidgets import Widget

from core.exercises.done import read_done, write_done
from core.exercises.gap import BLANK
from core.exercises.learner import Learner
from core.exercises.task import Task
from core.model.capture import Capture
from core.model.experiments import REFUSED
from core.parts import PARTS
from core.progress import Progress, silent
from widgets.exercises.settings import settings_of
from widgets.session import Session
from widgets.worker import Worker

RUN_FIRST = "This task asks the model: press Run in an experiment first."
FAILED = "This task could not be judged with these settings. Change one of them, or run another text."


class Workbook:
    """A learner's exercises. What is done is kept by the state, as a link holds it; what was tried is kept here.

    Args:
        page: the Exercises, whose traits are kept up to date.
    """

    def __init__(self, page: Widget, session: Session):
        self.page, self.session, self.state = page, session, session.state
        self.learner = Learner()
        self._worker = Worker("tasks")  # one that runs the model many times keeps no part waiting
        self.parts = {part.number: part.exercises for part in PARTS}
        self._turned = dict.fromkeys(self.parts, 0)  # the place of the gap on show
        self._unfolded: set[int] = set()
        self._surveys: dict[str, tuple[Capture, Any]] = {}
        self.state.observe(self._tell, "progress")
        self.state.observe(self._judge, self.state.VIEW)
        session.source.observe(self._survey, "shown")
        session.laboratory.observe(self._survey, "begun")
        self._tell()

    @property
    def done(self) -> frozenset[str]:
        """The ids of the exercises that are done."""
        return read_done(self.state.progress, self.parts.values())

    def do(self, content: dict[str, Any]) -> None:
        """What the page asks for, see Exercises; nonsense is left alone."""
        part = content.get("part")
        if not isinstance(part, int) or part not in self.parts:
            return
        topic, gaps, place = self.parts[part].topic, self.parts[part].gaps, self._turned[part]
        match content:
            case {"do": "unfold"}:
                self._unfolded.add(part)
                self._survey()
            case {"do": "fold"}:
                self._unfolded.discard(part)
            case {"do": "turn", "to": int(to)} if 0 <= to < len(gaps):
                self._turned[part] = to
            case {"do": "check", "answer": str(answer)} if topic is not None:
                if self.learner.check(topic, gaps[place], answer).correct:
                    self.finish(gaps[place].id)
            case {"do": "help"} if topic is not None:
                self.learner.help(gaps[place])
        self._tell()

    def predicted(self, panel: str, told: str) -> None:
        """Take down the prediction of a part or a section, as it was told."""
        exercise = next(of.prediction_ids[panel] for of in self.parts.values() if panel in of.prediction_ids)
        self.learner.predictions[exercise] = told
        self.finish(exercise)
        self._tell()

    def finish(self, exercise: str) -> None:
        """Count an exercise as done."""
        self.state.progress = write_done(self.done | {exercise}, self.parts.values())

    def sheet(self, part: int) -> dict[str, Any]:
        """What the page shows of a part's gaps, no id without any, and of its predictions, by the panels' names."""
        of, done, place = self.parts[part], self.done, self._turned[part]
        said = self.learner.predictions
        predicted = {name: said.get(one, "Done before." * (one in done)) for name, one in of.prediction_ids.items()}
        if of.topic is None:
            return {"id": "", "predicted": predicted}
        gap, attempt = of.gaps[place], self.learner.attempt(of.gaps[place])
        before, after = gap.line.split(BLANK)
        return {
            "done": [one.id in done for one in of.gaps],
            "place": place,
            "id": gap.id,
            "task": gap.task,
            "before": before,
            "after": after,
            "given": list(of.topic.described(gap).items()),
            "answer": attempt.answer,
            "tries": attempt.tries,
            "correct": attempt.correct,
            "feedback": attempt.feedback,
            "hints": gap.hints[: attempt.hints],
            "more": len(gap.hints) - attempt.hints,
            "solution": gap.solution if attempt.solution_seen else "",
            "reason": gap.reason if attempt.solution_seen else "",
            "predicted": predicted,
        }

    def _tell(self, _: Any = None) -> None:
        """Bring the page up to date."""
        done = self.done
        of = {part: exercises.ids for part, exercises in self.parts.items()}
        with self.page.hold_sync():
            counts = {str(part): [sum(one in done for one in of[part]), len(of[part])] for part in of}
            self.page.set_trait("counts", counts)
            self.page.set_trait("gaps", {str(part): self.sheet(part) for part in sorted(self._unfolded)})
            self.page.set_trait("answers", self.learner.answers(self.parts.values(), done))
            self._judge()

    def _survey(self, _: Any = None) -> None:
        """Look at the whole model for the tasks that are unfolded, once a capture and off the main loop."""
        capture, laboratory = self.session.capture, self.session.laboratory
        for task in (task for part in self._unfolded for task in self.parts[part].tasks):
            if capture is None or (task.id in self._surveys and self._surveys[task.id][0] is capture):
                continue
            if task.runs_model and not laboratory.begun:
                continue

            def look(_: Progress, task: Task = task, capture: Capture = capture) -> Any:
                return task.survey(capture, laboratory.experiments)

            self._worker.submit(task, look, partial(self._take, task, capture), silent)

    def _take(self, task: Task, capture: Capture, survey: Any, error: Exception | None) -> None:
        if error is not None and not isinstance(error, REFUSED):
            logging.getLogger(__name__).error("surveying for %s", task.id, exc_info=error)
            return
        self._surveys[task.id] = (capture, error or survey)
        self._judge()

    def _judge(self, _: Any = None) -> None:
        """Judge the tasks that are unfolded by what is on show. Never raises."""
        told = {str(part): [self._told(task) for task in self.parts[part].tasks] for part in sorted(self._unfolded)}
        self.page.set_trait("tasks", told)

    def _told(self, task: Task) -> dict[str, Any]:
        capture = self.session.capture
        stands = RUN_FIRST if task.runs_model and not self.session.laboratory.begun else ""
        surveyed, survey = self._surveys.get(task.id, (None, None))
        if capture is not None and surveyed is capture:
            try:
                stands = self._stands(task, capture, survey)
            except Exception as error:
                logging.getLogger(__name__).error("task %s", task.id, exc_info=error)
                stands = FAILED
        return {"words": task.words, "stands": stands, "done": task.id in self.done}

    def _stands(self, task: Task, capture: Capture, survey: Any) -> str:
        if isinstance(survey, REFUSED):
            return str(survey)
        if task.reach(capture, survey) is None:
            return task.impossible
        judged = task.judge(capture, settings_of(self.state), survey)
        if judged.met and task.id not in self.done:
            self.learner.tasks[task.id] = judged.stands
            self.finish(task.id)
        return judged.stands
