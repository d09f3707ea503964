"""What one learner has tried: answers, hints, predictions and tasks, and all of it as text to keep."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from core.exercises.checking import check, gaps_of
from core.exercises.done import PARTS, exercises_of
from core.exercises.gap import BLANK, Gap
from core.predictions import PREDICTIONS
from core.tasks import tasks_of

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

    def check(self, gap: Gap, answer: str) -> Attempt:
        """Judge an answer. A right one stays right, whatever is tried after it."""
        attempt, answer = self.attempt(gap), answer[:LONGEST_ANSWER]
        verdict = check(gap, answer)
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

    def answers(self, done: Collection[str]) -> str:
        """Everything as plain text, part by part; `done` are the exercises that count as done."""
        pieces = []
        for part in PARTS:
            lines = [*self._gaps(part, done), *self._others(part, done)]
            if lines:
                count = sum(one in done for one in exercises_of(part))
                pieces.append(f"Part {part}: {count} of {len(exercises_of(part))} done\n" + "\n".join(lines))
        return "Attention Scores Lab: my answers\n\n" + "\n\n".join(pieces or ["Nothing yet."]) + "\n"

    def _gaps(self, part: int, done: Collection[str]) -> list[str]:
        lines = []
        for gap in gaps_of(part):
            attempt = self.attempts.get(gap.id, Attempt())
            if attempt.tries:
                line = gap.line.replace(BLANK, " ".join(attempt.answer.split()))
                lines.append(f"{_sign(attempt.correct)} {line}  # {gap.task}{_helped(attempt)}")
            elif gap.id in done:
                lines.append(f"{_sign(True)} {gap.line}  # {gap.task} (done before)")
        return lines

    def _others(self, part: int, done: Collection[str]) -> list[str]:
        prediction = PREDICTIONS[part].id
        named = {prediction: ("Predicted:", self.predictions.get(prediction))}
        named |= {task.id: (task.words, self.tasks.get(task.id)) for task in tasks_of(part)}
        return [
            f"{_sign(True)} {words} {told or 'Done before.'}" for one, (words, told) in named.items() if one in done
        ]


def _sign(correct: bool) -> str:
    return "[x]" if correct else "[ ]"


def _helped(attempt: Attempt) -> str:
    helps = [f"{attempt.hints} hint{'s' * (attempt.hints > 1)}"] if attempt.hints else []
    helps += ["solution seen"] if attempt.solution_seen else []
    return f" ({', '.join(helps)})" if helps else ""
