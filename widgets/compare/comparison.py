"""What is pinned, if anything, and everything on the page that shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox
from traitlets import Dict, HasTraits, Instance

from widgets.compare.differences import DifferencePanel, difference_of
from widgets.compare.pinned import SAID, Pinned, PinnedPanel, side, twin_of
from widgets.panel.closing import close
from widgets.panel.controls import control
from widgets.panel.panel import Panel
from widgets.session import Session
from widgets.state import ViewState

PIN, UNPIN = "Pin as A", "Unpin"


class Comparison(HasTraits):
    """Makes the twins of the parts that are on screen while something is pinned, and closes them all afterwards.

    `button` stands in the bar; what is pinned is said in a strip below it.

    Args:
        panels: of the live view, B.
        put_around: puts around a panel that is made here what stands around every other one.
    """

    own: Dict[str, Any] = Dict()
    """The values of `ViewState.OWN` in A; empty while nothing is pinned. Follows `pinned.state`: set them there."""
    strip = Instance(HBox, allow_none=True)
    """None until something is pinned or announced."""

    def __init__(self, session: Session, panels: Sequence[Panel], put_around: Callable[[Panel], None]):
        super().__init__()
        self._session, self._live, self._put_around = session, panels, put_around
        self._visible: Sequence[str] = ()
        self.pinned: Pinned | None = None
        self._twins: dict[Panel, PinnedPanel] = {}
        self._differences: dict[Panel, DifferencePanel] = {}
        self.button = Button(description=PIN, tooltip="Keep this view as A and compare the next one with it (A)")
        self.button.add_class("lab-pin")
        self.words = HTML()
        self.button.on_click(lambda _: self.toggle())
        session.state.observe(self._subtract, "difference")

    @property
    def panels(self) -> list[Panel]:
        """The twins and the differences that are there."""
        return [*self._twins.values(), *self._differences.values()]

    @property
    def on_screen(self) -> set[str]:
        """Names of what is to be drawn: what is on screen, and both views of a difference that is."""
        visible = set(self._visible)
        followed = [live for live, difference in self._differences.items() if difference.name in visible]
        return visible | {panel.name for live in followed for panel in (live, self._twins[live])}

    def toggle(self) -> None:
        """Pin, or unpin what is pinned."""
        if self.pinned is None:
            self.pin()
        else:
            self.unpin()

    def pin(self) -> None:
        """Keep what is on show as A, in place of what was kept before."""
        self.unpin()
        self.pinned = Pinned(self._session)
        self.pinned.state.observe(self._follow, list(SAID))
        self.button.description = UNPIN
        self._show_strip()
        self._follow()
        self.look(self._visible)

    def announce(self) -> None:
        """Keep the strip's place free for what will be pinned soon: nothing on the page moves then."""
        self.words.value = f"<p>{side('A')} opens first …</p>"
        self._show_strip()

    def unpin(self) -> None:
        """Show one view alone again; take back what was announced."""
        if self.strip is not None:
            self.strip.add_class("lab-away")
        if self.pinned is None:
            return
        for live in list(self._differences):
            self._end_difference(live)
        for live, twin in self._twins.items():
            twin.part()
            live.put("numbers")
            live.widget.remove_class("lab-paired")
            close(twin)
        self._twins.clear()
        self.pinned.close()
        self.pinned, self.own = None, {}
        self.button.description = PIN

    def _show_strip(self) -> None:
        if self.strip is None:
            self.strip = HBox([self.words, control(self._session.state, "difference")]).add_class("lab-compared")
        self.strip.remove_class("lab-away")

    def _follow(self, _: Any = None) -> None:
        """Say what is pinned."""
        assert self.pinned is not None
        self.own = {name: getattr(self.pinned.state, name) for name in ViewState.OWN}
        said = escape(self.pinned.said(["layer", "head"]))
        self.words.value = f"<p>{side('A')} {said}</p><p>{side('B')} what you choose now</p>"

    def look(self, visible: Sequence[str]) -> None:
        """Take up by name what is on screen: make the twins of parts that have come there, and draw what was made."""
        self._visible = visible
        if self.pinned is None:
            return
        for live in self._live:
            if live.name in self._visible and live.needs_capture and live.twinned and live not in self._twins:
                twin = self._twins[live] = twin_of(type(live))(self.pinned, live)
                live.widget.add_class("lab-paired")
                self._put(live, twin)
        self._subtract()
        on_screen = self.on_screen
        for panel in self.panels:
            panel.visible = panel.name in on_screen

    def _subtract(self, _: Any = None) -> None:
        """Make or end the differences, as the switch says."""
        for live, twin in self._twins.items():
            kind = difference_of(type(live)) if self._session.state.difference else None
            if kind is not None and live not in self._differences:
                self._differences[live] = kind(twin, live)
                self._put(twin, self._differences[live])
            elif kind is None and live in self._differences:
                self._end_difference(live)

    def _end_difference(self, live: Panel) -> None:
        difference = self._differences.pop(live)
        difference.part()
        self._twins[live].put("numbers")
        close(difference)

    def _put(self, above: Panel, panel: Panel) -> None:
        """Show a panel that was made below another one."""
        self._put_around(panel)
        above.put("numbers", panel.widget)
