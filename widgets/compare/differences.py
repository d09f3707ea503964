"""The difference B − A of a part: what its two pictures show, subtracted on the same bins, rows or cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ipywidgets import HTML, Widget

from core.model.capture import Capture
from core.parts import PARTS
from core.parts.difference import Incomparable, Side
from core.parts.tables import Table
from core.progress import Progress
from widgets.charts.differences import DifferenceCharts
from widgets.compare.pinned import PinnedPanel
from widgets.panel.panel import NoValues, Panel

SUBTRACTED = {name: function for part in PARTS for name, function in part.differences.items()}
"""The functions of B − A, by the names of parts and sections."""
NOTHING = "One of the two views has no values here, so there is no difference to show."
SAME = "A and B are the same in this part, so there is no difference to show yet."


class Sides(NamedTuple):
    a: Side
    b: Side


class DifferencePanel(Panel):
    """Stands below a part's twin; follows what the part and its twin have drawn."""

    css_classes = ("lab-panel", "lab-pinned")

    def __init__(self, twin: PinnedPanel, live: Panel):
        self.twin, self.live = twin, live
        self._sides: Sides | None = None
        super().__init__(twin.session)
        for panel in (twin, live):
            panel.listeners.append(self.refresh)

    def part(self) -> None:
        """Follow the part no longer."""
        for panel in (self.twin, self.live):
            panel.listeners.remove(self.refresh)

    def build(self) -> None:
        make = type(self.live).difference
        assert make is not None
        self.picture = make()
        self.row(*self.picture.charts)

    def draw(self, result: Any, settings: Any) -> None:
        self.picture.draw(result, self.shared_tokens)

    def source(self) -> Sides | None:
        panels = (self.twin, self.live)
        if any(panel.result is None for panel in panels):
            if any(panel.notice for panel in panels):
                raise NoValues(NOTHING)
            return None
        if self.twin.shows_what(self.live):
            raise NoValues(SAME)
        shown = [panel.result for panel in panels]
        if self._sides is None or any(side.shown is not one for side, one in zip(self._sides, shown, strict=True)):
            self._sides = Sides(*(Side(panel.capture, panel.result) for panel in panels))
        return self._sides

    def compute(self, sides: Any, settings: Any, progress: Progress) -> Any:
        try:
            return SUBTRACTED[self.live.name](sides.a, sides.b, progress)
        except Incomparable as why:
            raise NoValues(str(why)) from why

    @property
    def capture(self) -> Capture:
        """B's."""
        assert self._sides is not None
        return self._sides.b.capture

    def tables(self, result: Any, tokens: Sequence[str]) -> tuple[Table, ...]:
        return result.tables(self.shared_tokens)

    @property
    def shared_tokens(self) -> Sequence[str]:
        """The tokens of both texts, in visible form; none where they have different ones."""
        assert self._sides is not None
        a, b = (side.capture.token_text for side in self._sides)
        return a if a == b else ()

    def build_heading(self) -> HTML:
        return HTML(f"<h3 id='lab-{self.name}'>Difference B − A</h3>")

    def build_above(self) -> Sequence[Widget]:
        return ()


def difference_of(kind: type[Panel]) -> type[DifferencePanel] | None:
    """The class of a part's difference; None for a part that has none."""
    if kind.difference is None:
        return None
    own = {name: getattr(kind.difference, name, getattr(DifferenceCharts, name)) for name in ("height", "slow")}
    return type(f"{kind.__name__}Difference", (DifferencePanel,), {"name": f"{kind.name}_difference", **own})
