"""Runs texts through models and holds the capture on show."""

from __future__ import annotations

from traitlets import HasTraits, Int

from core.capture import Capture
from widgets.state import ViewState


class Runner(HasTraits):
    """Holds the capture on show, and follows what the state asks for."""

    shown = Int(0)
    """Goes up by one when another capture comes on show."""

    def __init__(self, state: ViewState):
        super().__init__()
        self.state = state
        self.capture: Capture | None = None

    def show(self, capture: Capture) -> None:
        """Put a capture on show, and make the state fit it."""
        self.capture = capture
        self.state.fit(capture.layers, capture.heads, capture.tokens)
        self.shown += 1
