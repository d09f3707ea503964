"""A section that asks the model itself: what would have happened with other scores, masks or weights?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ipywidgets import Button

from core.attention.intervention import Intervention
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts import PICTURES
from core.parts.effect import Effect, effect
from core.parts.tables import Table
from core.progress import Progress
from widgets.experiments.run import RunSection
from widgets.experiments.says import Says
from widgets.session import Session


class ExperimentSection(RunSection):
    """Shows what the model says as it is and changed.

    A subclass says in `intervention` what is otherwise; what it shows beside the model's words it adds in
    `build` and `draw`, of a result whose `effect` is an `Effect`, or which is one.
    """

    shown_everywhere = True
    """Whether every part can show what it changes."""

    def __init__(self, session: Session):
        self.everywhere = Button(
            description="Show in all parts", tooltip="Pin the model as it is as A, and show the changed one as B"
        )
        super().__init__(session)
        self.everywhere.on_click(self._show_everywhere)

    def intervention(self, capture: Capture, settings: Any) -> Intervention:
        """What is otherwise."""
        raise NotImplementedError

    def ask(self, experiments: Experiments, capture: Capture, settings: Any, progress: Progress) -> Any:
        return effect(experiments, capture, self.intervention(capture, settings), progress)

    @property
    def offered(self) -> dict[Button, bool]:
        shown = super().offered
        return shown | {self.everywhere: self.result is not None and not self.busy} if self.shown_everywhere else shown

    def build(self) -> None:
        self.says = Says()
        for widget in self.says.widgets:
            self.row(widget)

    def draw(self, result: Any, settings: Any) -> None:
        self.says.draw(effect_of(result), self.capture.token_text)

    def tables(self, result: Any, tokens: Sequence[str]) -> tuple[Table, ...]:
        """Those of the effect are of this experiment's picture."""
        own = PICTURES[self.name]
        return tuple(
            table if table.picture else table._replace(name=own + table.name)
            for table in super().tables(result, tokens)
        )

    def _show_everywhere(self, _: Any) -> None:
        if self.result is not None:
            self.session.laboratory.wanted = effect_of(self.result).intervention


def effect_of(result: Any) -> Effect:
    """The effect that a section's result is, or has."""
    return result if isinstance(result, Effect) else result.effect
