"""Behind the exercises: who asks what, what is told, and what counts as done."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from core.capture import Capture
from core.exercises import BLANK, gaps_of, given_words
from core.exercises.done import PARTS, exercises_of, read_done, write_done
from core.exercises.learner import Learner
from core.predictions import PREDICTIONS
from core.tasks import Task, tasks_of
from widgets.exercises.exercises import SETTINGS, settings_of
from widgets.worker import Report

if TYPE_CHECKING:
    from widgets.exercises.exercises import Exercises
    from widgets.lab import Lab

FAILED = "This task could not be judged with these settings. Change one of them, or run another text."


class Workbook:
    """A learner's exercises. What is done is kept by the state, as a link holds it; what was tried is kept here."""

    def __init__(self, page: Exercises, lab: Lab):
        self.page, self.lab, self.state = page, lab, lab.state
        self.learner = Learner()
        self._turned = dict.fromkeys(PARTS, 0)  # the place of the gap on show
        self._unfolded: set[int] = set()
        self._surveys: dict[str, tuple[Capture, Any]] = {}
        self.state.observe(self._tell, "progress")
        self.state.observe(self._judge, SETTINGS)
        lab.runner.observe(self._survey, "shown")
        self._tell()

    @property
    def done(self) -> frozenset[str]:
        """The ids of the exercises that are done."""
        return read_done(self.state.progress)

    def do(self, content: dict[str, Any]) -> None:
        """What the page asks for, see Exercises; nonsense is left alone."""
        part = content.get("part")
        if not isinstance(part, int) or part not in PARTS:
            return
        gaps = gaps_of(part)
        gap = gaps[self._turned[part]]
        match content:
            case {"do": "unfold"}:
                self._unfolded.add(part)
                self._survey()
            case {"do": "fold"}:
                self._unfolded.discard(part)
            case {"do": "turn", "to": int(place)} if 0 <= place < len(gaps):
                self._turned[part] = place
            case {"do": "check", "answer": str(answer)}:
                if self.learner.check(gap, answer).correct:
                    self.finish(gap.id)
            case {"do": "help"}:
                self.learner.help(gap)
        self._tell()

    def predicted(self, part: int, told: str) -> None:
        """Take down a prediction, as it was told."""
        exercise = PREDICTIONS[part].id
        self.learner.predictions[exercise] = told
        self.finish(exercise)
        self._tell()

    def finish(self, exercise: str) -> None:
        """Count an exercise as done."""
        self.state.progress = write_done(self.done | {exercise})

    def sheet(self, part: int) -> dict[str, Any]:
        """What the page shows of a part's gaps and its prediction."""
        gaps, done, place = gaps_of(part), self.done, self._turned[part]
        gap, attempt = gaps[place], self.learner.attempt(gaps[place])
        before, after = gap.line.split(BLANK)
        prediction = PREDICTIONS[part].id
        return {
            "done": [one.id in done for one in gaps],
            "place": place,
            "id": gap.id,
            "task": gap.task,
            "before": before,
            "after": after,
            "given": list(given_words(gap).items()),
            "answer": attempt.answer,
            "tries": attempt.tries,
            "correct": attempt.correct,
            "feedback": attempt.feedback,
            "hints": gap.hints[: attempt.hints],
            "more": len(gap.hints) - attempt.hints,
            "solution": gap.solution if attempt.solution_seen else "",
            "reason": gap.reason if attempt.solution_seen else "",
            "predicted": self.learner.predictions.get(prediction, "Done before." * (prediction in done)),
        }

    def _tell(self, _: Any = None) -> None:
        """Bring the page up to date."""
        done = self.done
        of = {part: exercises_of(part) for part in PARTS}
        with self.page.hold_sync():
            self.page.counts = {str(part): [sum(one in done for one in of[part]), len(of[part])] for part in PARTS}
            self.page.gaps = {str(part): self.sheet(part) for part in sorted(self._unfolded)}
            self.page.answers = self.learner.answers(done)
            self._judge()

    def _survey(self, _: Any = None) -> None:
        """Look at the whole model for the tasks that are unfolded, once a capture and off the main loop."""
        capture = self.lab.runner.capture
        for task in (task for part in self._unfolded for task in tasks_of(part)):
            if capture is None or (task.id in self._surveys and self._surveys[task.id][0] is capture):
                continue

            def look(_: Report, task: Task = task, capture: Capture = capture) -> Any:
                return task.survey(capture)

            self.lab.worker.submit(task, look, partial(self._take, task, capture), _unwatched)

    def _take(self, task: Task, capture: Capture, survey: Any, error: Exception | None) -> None:
        if error is not None:
            logging.getLogger(__name__).error("surveying for %s", task.id, exc_info=error)
            return
        self._surveys[task.id] = (capture, survey)
        self._judge()

    def _judge(self, _: Any = None) -> None:
        """Judge the tasks that are unfolded by what is on show. Never raises."""
        told = {str(part): [self._told(task) for task in tasks_of(part)] for part in sorted(self._unfolded)}
        self.page.tasks = told

    def _told(self, task: Task) -> dict[str, Any]:
        stands, capture = "", self.lab.runner.capture
        surveyed, survey = self._surveys.get(task.id, (None, None))
        if capture is not None and surveyed is capture:
            try:
                stands = self._stands(task, capture, survey)
            except Exception as error:
                logging.getLogger(__name__).error("task %s", task.id, exc_info=error)
                stands = FAILED
        return {"words": task.words, "stands": stands, "done": task.id in self.done}

    def _stands(self, task: Task, capture: Capture, survey: Any) -> str:
        if task.reach(capture, survey) is None:
            return task.impossible
        judged = task.judge(capture, settings_of(self.state), survey)
        if judged.met and task.id not in self.done:
            self.learner.tasks[task.id] = judged.stands
            self.finish(task.id)
        return judged.stands


def _unwatched(_: float) -> None:
    """The progress of what takes a moment."""
