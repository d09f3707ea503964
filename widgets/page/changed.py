"""The strip in the bar that says what an experiment has changed in all parts, and takes it back."""

from __future__ import annotations

from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox
from traitlets import HasTraits, Instance

from core.attention.intervention import in_words
from widgets.runner import Runner
from widgets.state import ViewState


class Changed(HasTraits):
    """Follows what is on show; there is no strip before the first experiment."""

    strip = Instance(HBox, allow_none=True)

    def __init__(self, state: ViewState, runner: Runner):
        super().__init__()
        self._state, self._runner = state, runner
        self.words = HTML()
        self.back = Button(description="Back to the model as it is")
        self.back.on_click(self._take_back)
        runner.observe(self._follow, "shown")

    def _follow(self, _: Any) -> None:
        assert self._runner.capture is not None
        changes = self._runner.capture.intervention
        if changes and self.strip is None:
            self.strip = HBox([self.words, self.back]).add_class("lab-changed")
        if self.strip is not None:
            (self.strip.remove_class if changes else self.strip.add_class)("lab-away")
            self.words.value = f"<p><b>Experiment:</b> {escape(in_words(changes))}</p>"

    def _take_back(self, _: Any) -> None:
        self._state.experiment = ""
