"""A section that runs the model: nothing before somebody presses Run, and no longer than until Stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ipywidgets import Button, HBox, Widget

from core.model.capture import Capture
from core.model.experiments import REFUSED, Experiments
from core.progress import Progress
from widgets.panel.panel import NoValues, Panel
from widgets.session import Session

ASK = "Nothing has run yet. Press Run: the model reads your text again, once as it is and once changed."
STOPPED = "Stopped. Press Run to start again."


class RunSection(Panel):
    """Once Run has been pressed in one of them, all follow their settings. A subclass says in `ask` what is run."""

    slow = True
    twinned = False
    css_classes = ("lab-panel", "lab-experiment")
    height = 300
    invitation: ClassVar[str] = ASK
    """What stands in the charts' place before anything has run."""

    def __init__(self, session: Session):
        self._stopped = False
        self.run = Button(description="Run", tooltip="Run the model with this change", button_style="primary")
        self.stop = Button(description="Stop")
        super().__init__(session)
        self.run.on_click(self._run)
        self.stop.on_click(self._stop)
        self._offer()
        session.laboratory.observe(self._begin, "begun")

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> Any:
        """The result, in the worker's thread. Raises NoValues, and what `Experiments` raises."""
        raise NotImplementedError

    @property
    def offered(self) -> dict[Button, bool]:
        """The buttons, and whether each does something now."""
        return {self.run: not self.session.laboratory.begun or self._stopped, self.stop: self.busy}

    def compute(self, capture: Capture, settings: Any, progress: Progress) -> Any:
        try:
            return self.ask(self.session.laboratory.experiments, capture, settings, progress)
        except REFUSED as why:
            raise NoValues(str(why)) from why

    def source(self) -> Capture | None:
        if not self.session.laboratory.begun or self._stopped:
            raise NoValues(STOPPED if self._stopped else self.invitation)
        return self.session.capture

    def build_controls(self) -> Sequence[Widget]:
        return [*super().build_controls(), HBox(list(self.offered)).add_class("lab-run-experiment")]

    def show_busy(self, busy: bool) -> None:
        super().show_busy(busy)
        self._offer()

    def redraw(self, settings: Any) -> None:
        super().redraw(settings)
        self._offer()

    def fail(self, error: Exception) -> None:
        self._result = None  # the sentence stands in its place
        super().fail(error)
        self._offer()

    def _run(self, _: Any) -> None:
        self._stopped = False
        self.session.laboratory.begun = True
        self.refresh()

    def _begin(self, _: Any) -> None:
        self.refresh()

    def _stop(self, _: Any) -> None:
        self.session.worker.drop(self)
        self._stopped, self._asked = True, None
        self.show_busy(False)
        self.refresh()

    def _offer(self) -> None:
        for button, on in self.offered.items():
            (button.remove_class if on else button.add_class)("lab-away")
