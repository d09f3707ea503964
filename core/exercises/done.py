"""Which exercises are done: as a set of ids, and as the short string that a link holds.

`1.product.root~7.mask` names the exercises 1-product, 1-root and 7-mask.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.exercises.checking import GAPS, gaps_of
from core.predictions import PREDICTIONS
from core.tasks import TASKS, tasks_of

PARTS = range(1, 10)


def exercises_of(part: int) -> tuple[str, ...]:
    """The ids of all exercises of a part, 1 … 9: its gaps, its prediction, its tasks."""
    return (*(gap.id for gap in gaps_of(part)), PREDICTIONS[part].id, *(task.id for task in tasks_of(part)))


def read_done(text: str) -> frozenset[str]:
    """The ids that a string names; what is no exercise is left out. Never raises."""
    known = {*GAPS, *TASKS, *(prediction.id for prediction in PREDICTIONS.values())}
    pieces = (piece.split(".") for piece in text.split("~"))
    return frozenset(f"{part}-{name}" for part, *names in pieces for name in names) & known


def write_done(done: Iterable[str]) -> str:
    """The string that names these exercises; always the same for the same ones."""
    ids = frozenset(done)
    found = ((part, [one.partition("-")[2] for one in exercises_of(part) if one in ids]) for part in PARTS)
    return "~".join(".".join([str(part), *names]) for part, names in found if names)
