"""What one learner has tried: answers, hints, predictions and tasks, and all of it as text to keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from core.exercises.checking import check
from core.exercises.exercises import Exercises
from core.exercises.gap import BLANK, Gap, Topic

LONGEST_ANSWER = 2_000
"""Letters of an answer that are kept; the longest that is evaluated is far shorter."""


@dataclass
class Attempt:
    """How far a learner is with one gap."""

    answer: str = ""
    """As it was checked last."""
    feedback: str = ""
    correct: bool = False
    tries: int = 0
    """Answers checked, empty ones not counted."""
    hints: int = 0
    solution_seen: bool = False


@dataclass
class Learner:
    """One learner's attempts, by the ids of exercises."""

    attempts: dict[str, Attempt] = field(default_factory=dict)
    predictions: dict[str, str] = field(default_factory=dict)
    """What was said and what was true, in words."""
    tasks: dict[str, str] = field(default_factory=dict)
    """How things stood when a task was done."""

    def attempt(self, gap: Gap) -> Attempt:
        """The attempt at a gap so far."""
        return self.attempts.setdefault(gap.id, Attempt())

    def check(self, topic: Topic, gap: Gap, answer: str) -> Attempt:
        """Judge an answer. A right one stays right, whatever is tried after it."""
        attempt, answer = self.attempt(gap), answer[:LONGEST_ANSWER]
        verdict = check(topic, gap, answer)
        attempt.answer, attempt.feedback, attempt.correct = answer, verdict.feedback, verdict.correct
        attempt.tries += bool(answer.strip())
        return attempt

    def help(self, gap: Gap) -> Attempt:
        """Give the next hint; after the last one the solution, but only once an answer has been checked."""
        attempt = self.attempt(gap)
        if attempt.hints < len(gap.hints):
            attempt.hints += 1
        elif attempt.tries:
            attempt.solution_seen = True
        return attempt

    def answers(self, parts: Iterable[Exercises], done: Collection[str]) -> str:
        """Everything as plain text, part by part; `done` are the exercises that count as done."""
        pieces = []
        for of in parts:
            lines = [*self._gaps(of, done), *self._others(of, done)]
            if lines:
                count = sum(one in done for one in of.ids)
                pieces.append(f"Part {of.part}: {count} of {len(of.ids)} done\n" + "\n".join(lines))
        return "Attention Scores Lab: my answers\n\n" + "\n\n".join(pieces or ["Nothing yet."]) + "\n"

    def _gaps(self, of: Exercises, done: Collection[str]) -> list[str]:
        lines = []
        for gap in of.gaps:
            attempt = self.attempts.get(gap.id, Attempt())
            if attempt.tries:
                line = gap.line.replace(BLANK, " ".join(attempt.answer.split()))
                lines.append(f"{_sign(attempt.correct)} {line}  # {gap.task}{_helped(attempt)}")
            elif gap.id in done:
                lines.append(f"{_sign(True)} {gap.line}  # {gap.task} (done before)")
        return lines

    def _others(self, of: Exercises, done: Collection[str]) -> list[str]:
        named = {one: ("Predicted:", self.predictions.get(one)) for one in of.prediction_ids.values()}
        named |= {task.id: (task.words, self.tasks.get(task.id)) for task in of.tasks}
        return [
            f"{_sign(True)} {words} {told or 'Done before.'}" for one, (words, told) in named.items() if one in done
        ]


def _sign(correct: bool) -> str:
    return "[x]" if correct else "[ ]"


def _helped(attempt: Attempt) -> str:
    helps = [f"{attempt.hints} hint{'s' * (attempt.hints > 1)}"] if attempt.hints else []
    helps += ["solution seen"] if attempt.solution_seen else []
    return f" ({', '.join(helps)})" if helps else ""
