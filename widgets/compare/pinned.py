"""A view that stays: a session with a text, model, layer, head and tokens of its own, and twins of the parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

from ipywidgets import HTML, HBox, Widget

from core.attention.intervention import in_words, read, written
from core.model.tokens import isolated
from widgets.panel.panel import Panel
from widgets.session import Session, Source
from widgets.state import ViewState

SAID = {"layer": "layer", "head": "head", "query": "query token", "key": "key token"}
"""What a caption calls the settings that A has for itself."""
KEPT = (*ViewState.OWN, *ViewState.SHAPE)
LONGEST_TEXT = 36  # letters of a caption


class Pinned:
    """The text, model, layer, head and tokens of the moment when it is made, in a session of their own.

    Every other setting follows the live view's, so that both are drawn alike. A click on a chart of A moves A.
    """

    def __init__(self, live: Session):
        assert live.capture is not None
        self._live = live.state
        self.state = ViewState()
        with self.state.hold_trait_notifications():
            for name in self._live.trait_names():
                setattr(self.state, name, getattr(self._live, name))
            # What is asked for may still be running: A is what is on show.
            self.state.text, self.state.model = live.capture.text, live.capture.model.name
            self.state.experiment = written(live.capture.intervention)
        self.session = replace(live, state=self.state, source=Source(live.capture))
        self._followed = [name for name in self._live.trait_names() if name not in KEPT]
        self._live.observe(self._follow, self._followed)

    def close(self) -> None:
        """Follow the live view no longer."""
        self._live.unobserve(self._follow, self._followed)

    def said(self, names: list[str]) -> str:
        """What is pinned, in words: those settings that are among the names, the text, the model."""
        settings = ", ".join(f"{word} {getattr(self.state, name)}" for name, word in SAID.items() if name in names)
        text = " ".join(self.state.text.split())
        text = text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
        changed = in_words(read(self.state.experiment)) if self.state.experiment else ""
        return " · ".join(filter(None, (settings, f"“{isolated(text)}”", self.state.model, changed)))

    def _follow(self, change: Any) -> None:
        setattr(self.state, change.name, change.new)


class PinnedPanel(Panel):
    """A part's twin: its charts and its numbers under a caption."""

    css_classes = ("lab-panel", "lab-pinned")
    section_kinds = ()

    def __init__(self, pinned: Pinned, live: Panel):
        self.pinned, self.live = pinned, live
        super().__init__(pinned.session)
        live.listeners.append(self.pair)

    def build(self) -> None:
        super().build()
        self.pair()

    def pair(self) -> None:
        """Let those charts of A and B that are there share their scales."""
        for mine, live in zip(self.charts, self.live.charts, strict=False):
            mine.share_scales(live)

    def part(self) -> None:
        """Leave B's charts their own scales."""
        self.live.listeners.remove(self.pair)
        for chart in self.charts:
            chart.share_scales(None)

    def build_heading(self) -> HTML:
        self.caption = HTML()
        self._say_caption()
        self.state.observe(self._say_caption, list(SAID))
        return self.caption

    def build_above(self) -> Sequence[Widget]:
        readouts = self.build_readouts()
        return [HBox([self.chain, *readouts]).add_class("lab-controls")] if readouts else []

    def _say_caption(self, _: Any = None) -> None:
        said = escape(self.pinned.said(self.follows))
        self.caption.value = f"<h3 id='lab-{self.name}'>{side('A')} <span>pinned: {said}</span></h3>"


def side(name: str) -> str:
    """The name of one of the two views, as HTML."""
    return f"<b class='lab-side'>{name}</b>"


def twin_of(kind: type[Panel]) -> type[PinnedPanel]:
    """The class of a part's twin."""
    return type(f"Pinned{kind.__name__}", (PinnedPanel, kind), {"name": f"{kind.name}_pinned"})
