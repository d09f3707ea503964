"""Where the page is: which part is on screen, and presenter mode, in which one part fills the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets
from traitlets import Bool, Float, Int, List

from widgets.scripts import script
from widgets.state import ViewState


class Presenter(anywidget.AnyWidget):
    """An empty view in the page, which looks after the place of its parts."""

    _esm = script(Path(__file__).with_suffix(".js"))

    part = Int(1).tag(sync=True)
    """The number of the part on screen, as the page says."""
    target = List(Int()).tag(sync=True)
    """The part that the page is to go to, and how many times it was asked to go anywhere."""
    presenting = Bool(False).tag(sync=True)
    scale = Float(1.0).tag(sync=True)
    """How much larger things must be in presenter mode on this window."""
    fit = Float(1.0).tag(sync=True)
    """How much smaller charts must be for their words to fit on this page, 1 on all but the narrowest."""

    def __init__(self, state: ViewState):
        super().__init__()
        self.state = state
        traitlets.link((state, "presenting"), (self, "presenting"))
        self.observe(self._follow_page, "part")
        state.observe(self._follow_state, "part")

    def _follow_page(self, change: Any) -> None:
        self.state.part = change.new

    def _follow_state(self, change: Any) -> None:
        if change.new != self.part:
            self.target = [change.new, sum(self.target[1:]) + 1]
