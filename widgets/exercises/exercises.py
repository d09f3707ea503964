"""The exercises under each part, folded until a learner unfolds them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
from traitlets import Dict, Unicode

from widgets.scripts import script
from widgets.session import Session

if TYPE_CHECKING:
    from widgets.exercises.workbook import Workbook


class Exercises(anywidget.AnyWidget):
    """One model for all parts, with a view under each; keys are the parts' numbers.

    Its messages name a part and what to do there: `unfold`, `fold`, `turn` (`to` a place), `check` (an `answer`),
    `help`. Nothing is known here, and nothing sent to the page, before the first of them.
    """

    _esm = script(Path(__file__).with_suffix(".js"))

    counts = Dict().tag(sync=True)
    """How many exercises of each part are done, and of how many; empty until a learner has begun."""
    gaps = Dict().tag(sync=True)
    """Of the parts that are unfolded: the gap that is turned to, see `Workbook.sheet`."""
    tasks = Dict().tag(sync=True)
    """Of the parts that are unfolded: tasks, and how things stand."""
    answers = Unicode().tag(sync=True)
    """Everything that the learner did, as text to copy."""

    def __init__(self, session: Session):
        super().__init__()
        self._session = session
        self._workbook: Workbook | None = None
        self.on_msg(self._on_page)
        session.state.observe(lambda _: self.workbook, "progress")  # of a link

    @property
    def workbook(self) -> Workbook:
        """What happens behind the page; made when it is first asked for."""
        if self._workbook is None:
            from widgets.exercises.workbook import Workbook  # the exercises are of use only to who begins

            self._workbook = Workbook(self, self._session)
        return self._workbook

    def _on_page(self, _: Any, content: dict[str, Any], __: Any) -> None:
        self.workbook.do(content)
