"""What a part is: a room in `core/parts`, found by its name, whose pieces are its files.

| file | what it holds | without it |
| --- | --- | --- |
| `__init__.py` | `QUESTION`, and where there are any `SETTINGS` and `PICTURES` | |
| `numbers.py` | pure functions to results, and `export` | |
| `gaps.py` | `TOPIC`: lines of the study with a gap, from `gaps.toml` | no gaps |
| `prediction.py`, `NAME_prediction.py` | `PREDICTION`: what is asked before looking at the part, at a section | none |
| `tasks.py` | `TASKS` | no tasks |
| `program.py`, `NAME_program.py` | the standalone program of the part, and of a section | no menu of files |
| `difference.py` | `DIFFERENCES`: B − A by the name of what is compared | not compared |
| `difference_program.py`, `NAME_difference_program.py` | its program | |

A result says itself: `sentence()` is what its pictures show in plain words, `tables(tokens)` its numbers, a table for
each chart in their order. Exercises, programs and differences are not read before somebody asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from jaxtyping import Shaped
from numpy import ndarray

from core.model.capture import Capture
from core.parts.settings import Setting
from core.parts.tables import Table

if TYPE_CHECKING:
    from core.exercises.exercises import Exercises

HERE = Path(__file__).parent


class Result(Protocol):
    """What a part's function gives: a NamedTuple of all that its pictures show."""

    def sentence(self) -> str:
        """What the pictures show, in one plain sentence of numbers: a caption, and what a screen reader says."""

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        """The numbers to take away, a table for each chart, in their order; `tokens` in visible form."""


class Array(NamedTuple):
    """An array of an export."""

    values: Shaped[ndarray, "*axis"]
    axes: tuple[str, ...]
    """What each axis is called."""


Arrays = dict[str, Array]
"""By their names in an export."""
Export = Callable[[Capture, int, int], Arrays]
"""Takes a capture, a layer and a mask size; other settings are at their defaults."""


class Part(NamedTuple):
    """One part of the study."""

    name: str
    number: int
    """1 for the first."""

    @property
    def question(self) -> str:
        """What it asks."""
        return self._room().QUESTION

    @property
    def settings(self) -> tuple[Setting, ...]:
        """What can be chosen in it and has no meaning elsewhere."""
        return getattr(self._room(), "SETTINGS", ())

    @property
    def pictures(self) -> dict[str, str]:
        """What the study calls the pictures of the part and of its sections, by their names."""
        return getattr(self._room(), "PICTURES", {self.name: f"part{self.number}"})

    @property
    def export(self) -> Export:
        """What an export holds of it."""
        return self._piece("numbers", "export", None)

    @property
    def exercises(self) -> Exercises:
        """Its gaps, its predictions and its tasks."""
        from core.exercises.exercises import Exercises  # of use only to who begins

        topic, tasks = self._piece("gaps", "TOPIC", None), self._piece("tasks", "TASKS", ())
        predictions = {name: self._piece(file, "PREDICTION", None) for name, file in self._predictions().items()}
        return Exercises(self.name, self.number, topic, predictions, tasks)

    @property
    def predicted(self) -> frozenset[str]:
        """The names of the part and of its sections, as far as they have a prediction; found without reading any."""
        return frozenset(self._predictions())

    @property
    def has_exercises(self) -> bool:
        """Whether there are any, found out without reading them."""
        return bool(self.has("gaps") or self.has("tasks") or self.predicted)

    @property
    def differences(self) -> dict[str, Callable[..., Result]]:
        """The functions of B − A by the names of the part and of its sections, see `core.parts.difference`."""
        return self._piece("difference", "DIFFERENCES", {})

    def has(self, piece: str) -> bool:
        """Whether its room has the file of that name."""
        return self.file(f"{piece}.py").exists()

    def file(self, name: str) -> Path:
        """A file of its room, whether it is there or not."""
        return HERE / self.name / name

    def program(self, name: str, kind: str = "program") -> Path | None:
        """The program of the part or of one of its sections, or with `difference_program` that of B − A; None: none."""
        path = self.file(f"{kind}.py" if name == self.name else f"{name}_{kind}.py")
        return path if path.exists() else None

    def _predictions(self) -> dict[str, str]:
        sections = {file.stem.removesuffix("_prediction"): file.stem for file in self.file("").glob("*_prediction.py")}
        own = {self.name: "prediction"} if self.has("prediction") else {}
        return own | dict(sorted(sections.items()))

    def _room(self) -> Any:
        return import_module(f"core.parts.{self.name}")

    def _piece(self, file: str, name: str, without: Any) -> Any:
        if not self.has(file):
            return without
        return getattr(import_module(f"core.parts.{self.name}.{file}"), name)
