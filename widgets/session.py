"""What a panel may know of the page that it stands on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from traitlets import Any, Bool, HasTraits, Int

from core.model.capture import Capture
from core.model.experiments import Experiments
from widgets.state import ViewState
from widgets.theme import Theme
from widgets.worker import Worker


class Source(HasTraits):
    """Holds the capture on show; observe `shown` to hear of another one."""

    shown = Int(0)
    """Goes up by one when another capture comes on show."""

    def __init__(self, capture: Capture | None = None):
        super().__init__()
        self.capture = capture


class Laboratory(HasTraits):
    """Where experiments run. No model is loaded for them before somebody has asked for one."""

    begun = Bool(False)
    """Whether somebody has: from then on experiments follow their settings."""
    wanted = Any(None)
    """The intervention that every part is to show, as the last one was asked for; None: none was."""

    def __init__(self, experiments: Experiments):
        super().__init__()
        self.experiments = experiments


@dataclass(frozen=True)
class Session:
    """One view of one text. A view that stays is a session with another state and source: `dataclasses.replace`."""

    state: ViewState
    source: Source
    worker: Worker
    """For what takes longer than a moment."""
    theme: Callable[[], Theme]
    """Gives the colours and sizes of the page as it is now; a panel is told when they change."""
    laboratory: Laboratory

    @property
    def capture(self) -> Capture | None:
        """What is on show; None before there is anything."""
        return self.source.capture
