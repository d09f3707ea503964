"""A view that stays: a lab with a text, model, layer, head and tokens of its own, and twins of the parts to show it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import HTML, HBox, VBox, Widget
from traitlets import HasTraits, Int

from core.capture import Capture
from core.tokens import isolated
from widgets.panel import Panel
from widgets.state import ViewState

if TYPE_CHECKING:
    from widgets.lab import Lab

SAID = {"layer": "layer", "head": "head", "query": "query token", "key": "key token"}
"""What a caption calls the settings that A has for itself."""
KEPT = (*ViewState.OWN, *ViewState.SHAPE)
LONGEST_TEXT = 36  # letters of a caption


class Held(HasTraits):
    """A runner that runs nothing: its capture stays."""

    shown = Int(0)

    def __init__(self, capture: Capture):
        super().__init__()
        self.capture = capture


class PinnedLab:
    """The lab as its parts see it, with the text, model, layer, head and tokens of the moment when it is made.

    Every other setting follows the live lab's, so that both views are drawn alike; all else is the live lab's. A
    click on a chart of A moves A.
    """

    def __init__(self, lab: Lab):
        assert lab.runner.capture is not None
        self._lab = lab
        self.runner = Held(lab.runner.capture)
        self.state = ViewState()
        with self.state.hold_trait_notifications():
            for name in lab.state.trait_names():
                setattr(self.state, name, getattr(lab.state, name))
            # What is asked for may still be running: A is what is on show.
            self.state.text, self.state.model = self.runner.capture.text, self.runner.capture.model.name
        self._followed = [name for name in lab.state.trait_names() if name not in KEPT]
        lab.state.observe(self._follow, self._followed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._lab, name)

    def close(self) -> None:
        """Follow the live lab no longer."""
        self._lab.state.unobserve(self._follow, self._followed)

    def said(self, names: list[str]) -> str:
        """What is pinned, in words: those settings that are among the names, the text, the model."""
        settings = ", ".join(f"{word} {getattr(self.state, name)}" for name, word in SAID.items() if name in names)
        text = " ".join(self.state.text.split())
        text = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
        return " · ".join(filter(None, (settings, f"“{isolated(text)}”", self.state.model)))

    def _follow(self, change: Any) -> None:
        setattr(self.state, change.name, change.new)


class PinnedPanel(Panel):
    """A part's twin: its charts and its numbers under a caption."""

    lab: Any

    def __init__(self, lab: PinnedLab, live: Panel):
        self.live = live
        super().__init__(lab)  # type: ignore[arg-type]  # by delegation it has all that a Lab has
        live.listeners.append(self.pair)

    def build(self) -> None:
        super().build()
        self.pair()

    def pair(self) -> None:
        """Let those charts of A and B that are there share their scales."""
        for mine, live in zip(self._charts, self.live._charts, strict=False):
            mine.share_scales(live)

    def part(self) -> None:
        """Leave B's charts their own scales."""
        self.live.listeners.remove(self.pair)
        for chart in self._charts:
            chart.share_scales(None)

    def shows_what(self, other: Panel) -> bool:
        """Whether another part shows the same numbers: the same settings of the same capture."""
        mine, its = self._asked, other._asked
        return mine is not None and its is not None and mine[0] is its[0] and mine[1] == its[1]

    def _lay_out(self) -> VBox:
        self.caption = HTML().add_class("lab-heading")
        self._say_caption()
        self.state.observe(self._say_caption, list(SAID))
        readouts = self.build_readouts()
        controls = [HBox([self.chain, *readouts]).add_class("lab-controls")] if readouts else []
        return bare(self, self.caption, self.lab.takeaway, *controls)

    def _say_caption(self, _: Any = None) -> None:
        said = escape(self.lab.said(self.follows))
        self.caption.value = f"<h3 id='lab-{self.name}'>{side('A')} <span>pinned: {said}</span></h3>"


def bare(panel: Panel, *above: Widget) -> VBox:
    """A part without words and controls, as it stands below another: its charts and numbers below these widgets."""
    progress = [panel._progress] if panel.slow else []
    place = VBox([panel._figure, panel._notice]).add_class("lab-place")
    box = VBox([panel.lab.browser, *above, *progress, place, panel._numbers])
    return box.add_class("lab-panel").add_class("lab-pinned").add_class(f"lab-part-{panel.name}")


def side(name: str) -> str:
    """The name of one of the two views, as HTML."""
    return f"<b class='lab-side'>{name}</b>"


def twin_of(kind: type[Panel]) -> type[PinnedPanel]:
    """The class of a part's twin."""
    return type(f"Pinned{kind.__name__}", (PinnedPanel, kind), {"name": f"{kind.name}_pinned", "number": None})
