"""The exercises of one part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.exercises.gap import Gap, Topic
from core.exercises.prediction import Prediction
from core.exercises.task import Task


class Exercises(NamedTuple):
    """Gaps, predictions and tasks, as far as the part has them."""

    name: str
    """Of the part."""
    part: int
    """Its number."""
    topic: Topic | None
    """What the gaps are about."""
    predictions: Mapping[str, Prediction]
    """By the names of the part and of those of its sections that have one."""
    tasks: tuple[Task, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """In the order of the study."""
        return self.topic.gaps if self.topic else ()

    @property
    def prediction_ids(self) -> dict[str, str]:
        """By the same names: `4-predict` of part 4, `4-predict-NAME` of a section. For ever, as links hold them."""
        ending = {name: "" if name == self.name else f"-{name.replace('_', '-')}" for name in self.predictions}
        return {name: f"{self.part}-predict{end}" for name, end in ending.items()}

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all its exercises."""
        return (*(gap.id for gap in self.gaps), *self.prediction_ids.values(), *(task.id for task in self.tasks))
