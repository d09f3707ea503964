"""The lab: its state, its capture, and its parts by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ipywidgets import VBox

from core.capture import Capture, read_capture
from widgets.browser import Browser
from widgets.panel import Panel
from widgets.parts.scaling import ScalingPart
from widgets.runner import Runner
from widgets.state import ViewState, default_layer
from widgets.theme import DARK, LIGHT, Theme
from widgets.worker import Worker

DEFAULT_CAPTURE = Path(__file__).parents[1] / "core" / "default_capture.npz"


class Lab:
    """Everything behind one page. `lab.page(lab.scaling, …)` is the page; `lab.scaling.widget` a part alone."""

    def __init__(self, capture: Capture | None = None):
        self.state = ViewState()
        self.runner = Runner(self.state)
        self.worker = Worker("panels")
        self.browser = Browser()
        self.scaling = ScalingPart(self)

        self.browser.observe(self._look, "visible")
        self.browser.observe(self._apply, "prefers_dark")
        self.state.observe(self._apply, "theme")
        capture = read_capture(DEFAULT_CAPTURE) if capture is None else capture
        self.runner.show(capture)
        self.state.layer = default_layer(capture.layers)

    @property
    def panels(self) -> list[Panel]:
        """The parts, in the order of the study."""
        return [part for part in vars(self).values() if isinstance(part, Panel)]

    @property
    def theme(self) -> Theme:
        """The colours of the page: the learner's choice, or the system's."""
        wants_dark = self.state.theme == "dark" or (self.state.theme == "system" and self.browser.prefers_dark)
        return DARK if wants_dark else LIGHT

    def page(self, *panels: Panel) -> VBox:
        """The page with these parts, or with all of them."""
        return VBox([self.browser, *(panel.widget for panel in panels or self.panels)]).add_class("lab-page")

    def _look(self, _: Any) -> None:
        for panel in self.panels:
            panel.visible = panel.name in self.browser.visible

    def _apply(self, _: Any) -> None:
        self.browser.theme = self.state.theme
        for panel in self.panels:
            panel.apply(self.theme)
