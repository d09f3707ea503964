"""What a task is."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple

from core.capture import Capture
from core.settings import Settings


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

    def survey(self, capture: Capture) -> Any:
        """What `judge` and `reach` need to know of the whole model; None where they need nothing."""
        return None

    def judge(self, capture: Capture, settings: Settings, survey: Any) -> Judged:
        raise NotImplementedError

    def reach(self, capture: Capture, survey: Any) -> Settings | None:
        """Settings in which it is done; None where there are none for this capture."""
        raise NotImplementedError
