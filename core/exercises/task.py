"""What a task is: something to be found by setting the lab, judged by what is on show."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from core.model.capture import Capture
from core.model.experiments import Experiments


class Judged(NamedTuple):
    """Whether a task is done, and how things stand, in a sentence."""

    met: bool
    stands: str


class Task:
    """One task. `survey` looks at all layers and may take seconds; `judge` looks at what is on show."""

    id: ClassVar[str]
    """Part, dash, name; short and for ever, as links hold it."""
    words: ClassVar[str]
    follows: ClassVar[tuple[str, ...]]
    """The settings that it is judged by."""
    impossible: ClassVar[str] = "This model cannot do it with this text: run another text, or choose another model."

    runs_model: ClassVar[bool] = False
    """Whether `survey` asks the model: it then waits until somebody has run an experiment."""

    def survey(self, capture: Capture, experiments: Experiments) -> Any:
        """What `judge` and `reach` need to know of the whole model; None where they need nothing."""
        return None

    def judge(self, capture: Capture, settings: Any, survey: Any) -> Judged:
        """By the settings of `follows`, which are attributes of `settings`."""
        raise NotImplementedError

    def reach(self, capture: Capture, survey: Any) -> dict[str, Any] | None:
        """Settings in which it is done, others at their defaults; None where there are none for this capture."""
        raise NotImplementedError
