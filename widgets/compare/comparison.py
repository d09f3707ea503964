"""What is pinned, if anything, and everything on the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, Button, HBox, Widget
from traitlets import Dict, HasTraits

from widgets.compare.differences import DIFFERENCES, DifferencePanel
from widgets.compare.pinned import SAID, PinnedLab, PinnedPanel, side, twin_of
from widgets.controls import control
from widgets.panel import Panel
from widgets.state import ViewState

if TYPE_CHECKING:
    from widgets.lab import Lab

PIN, UNPIN = "Pin as A", "Unpin"


class Comparison(HasTraits):
    """Makes the twins of the parts that are on screen while something is pinned, and closes them all afterwards.

    `button` stands in the bar; what is pinned is said in a strip below it.
    """

    own: Dict[str, Any] = Dict()
    """The values of `ViewState.OWN` in A; empty while nothing is pinned. Follows `pinned.state`: set them there."""

    def __init__(self, lab: Lab):
        super().__init__()
        self._lab = lab
        self.pinned: PinnedLab | None = None
        self._twins: dict[Panel, PinnedPanel] = {}
        self._differences: dict[Panel, DifferencePanel] = {}
        self.button = Button(description=PIN, tooltip="Keep this view as A and compare the next one with it (A)")
        self.button.add_class("lab-pin")
        self.words = HTML()
        self.strip: HBox | None = None
        self.button.on_click(lambda _: self.toggle())
        lab.browser.observe(self._look, "visible")
        lab.state.observe(self._subtract, "difference")

    @property
    def panels(self) -> list[Panel]:
        """The twins and the differences that are there."""
        return [*self._twins.values(), *self._differences.values()]

    @property
    def on_screen(self) -> set[str]:
        """Names of what is to be drawn: what is on screen, and both views of a difference that is."""
        visible = set(self._lab.browser.visible)
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
        self.pinned = PinnedLab(self._lab)
        self.pinned.state.observe(self._follow, list(SAID))
        self.button.description = UNPIN
        self._show_strip()
        self._follow()
        self._look()

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
            put_beneath(live, None)
            live.widget.remove_class("lab-paired")
            self._close(twin)
        self._twins.clear()
        self.pinned.close()
        self.pinned, self.own = None, {}
        self.button.description = PIN

    def _show_strip(self) -> None:
        if self.strip is None:
            self.strip = HBox([self.words, control(self._lab.state, "difference")]).add_class("lab-compared")
            self._lab.bar.widget.children += (self.strip,)
        self.strip.remove_class("lab-away")

    def _follow(self, _: Any = None) -> None:
        """Say what is pinned."""
        assert self.pinned is not None
        self.own = {name: getattr(self.pinned.state, name) for name in ViewState.OWN}
        said = escape(self.pinned.said(["layer", "head"]))
        self.words.value = f"<p>{side('A')} {said}</p><p>{side('B')} what you choose now</p>"

    def _look(self, _: Any = None) -> None:
        """Make the twins of parts that have come into view; the page says when these are in view themselves."""
        if self.pinned is None:
            return
        visible = self._lab.browser.visible
        for live in self._lab.panels:
            if live.name in visible and live.needs_capture and live not in self._twins:
                twin = self._twins[live] = twin_of(type(live))(self.pinned, live)
                live.widget.add_class("lab-paired")
                put_beneath(live, twin.widget)
        self._subtract()
        on_screen = self.on_screen
        for panel in self.panels:
            panel.visible = panel.name in on_screen

    def _subtract(self, _: Any = None) -> None:
        """Make or end the differences, as the switch says."""
        for live, twin in self._twins.items():
            wanted = self._lab.state.difference and live.name in DIFFERENCES
            if wanted and live not in self._differences:
                self._differences[live] = DIFFERENCES[live.name](twin, live)
                put_beneath(twin, self._differences[live].widget)
            elif not wanted and live in self._differences:
                self._end_difference(live)

    def _end_difference(self, live: Panel) -> None:
        difference = self._differences.pop(live)
        difference.part()
        put_beneath(self._twins[live], None)
        self._close(difference)

    def _close(self, panel: Panel) -> None:
        self._lab.worker.drop(panel)
        for widget in widgets_of(panel, [self._lab.browser, self._lab.takeaway]):
            widget.close()
            widget.unobserve_all()  # anywidget holds on to closed widgets, and with their observers to the part


def put_beneath(panel: Panel, widget: Widget | None) -> None:
    """Show a widget below a part's numbers, in place of the one that was put there before; None: nothing."""
    children = [child for child in panel.widget.children if "lab-beneath" not in child._dom_classes]
    at = next(place for place, child in enumerate(children) if "lab-numbers" in child._dom_classes) + 1
    beneath = [] if widget is None else [widget.add_class("lab-beneath")]
    panel.widget.children = (*children[:at], *beneath, *children[at:])


def widgets_of(panel: Panel, spared: list[Widget]) -> list[Widget]:
    """Every widget that a part has made, on the page or not, and none of the spared ones."""
    found: list[Widget] = []
    seen: dict[int, Any] = {id(one): one for one in (*spared, panel.lab, panel.state)}
    waiting: list[Any] = list(vars(panel).values())
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen[id(one)] = one  # kept, so that no other object gets its id
        if isinstance(one, Widget):
            found.append(one)
            waiting += [getattr(one, name) for name in one.traits() if one.trait_has_value(name)]
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        elif type(one).__module__.startswith("widgets.charts"):
            waiting += vars(one).values()
    return found
