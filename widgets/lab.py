"""The lab: its state, its capture, and its parts by name."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from ipywidgets import VBox

from core.capture import Capture
from core.default_capture import default_capture
from core.models import ModelUnavailable, default_name, offer_named
from widgets.ahead import Ahead
from widgets.bar import Bar
from widgets.browser import Browser
from widgets.compare.comparison import Comparison
from widgets.exercises.exercises import Exercises
from widgets.exercises.predictions import Predictions
from widgets.glossary import rules_of
from widgets.link import Link
from widgets.opened import wait_until_opened
from widgets.page import page
from widgets.panel import Panel
from widgets.parts.all_layers import AllLayersPart
from widgets.parts.attention import AttentionSection
from widgets.parts.attention_maps import AttentionMapsSection
from widgets.parts.attention_text import AttentionTextSection
from widgets.parts.averaging import AveragingPart
from widgets.parts.distributions import DistributionsPart
from widgets.parts.group_means import GroupMeansSection
from widgets.parts.heads import HeadsPart
from widgets.parts.raw_scores import RawScoresPart
from widgets.parts.scaling import ScalingPart
from widgets.parts.softmax import SoftmaxPart
from widgets.parts.softmax_layers import SoftmaxLayersPart
from widgets.parts.tokens import TokensPart
from widgets.presenter import Presenter
from widgets.runner import Runner
from widgets.state import ViewState
from widgets.takeaway import Takeaway
from widgets.theme import DARK, LIGHT, Theme
from widgets.worker import Worker


class Lab:
    """Everything behind one page: `lab.page(lab.scaling, …)` is the page, `lab.scaling.widget` a part alone.

    Args:
        text: run at the start; else the default text. What it gives is kept on disk, as that of the samples is.
        model: one of the list, run at the start; else what LAB_MODEL asks for, else the one that ships.
            `follow_address` beats all of them.
        capture: what is on show at first; else the stored one, which needs no model.
    """

    def __init__(self, text: str | None = None, model: str | None = None, capture: Capture | None = None):
        self.state = ViewState()
        self.browser = Browser()
        self.runner = Runner(self.state, text)
        self.comparison = Comparison(self)
        self.link = Link(self.state, self.runner, self.comparison)
        self.presenter = Presenter(self.state)
        self.worker = Worker("parts")
        self.takeaway = Takeaway(self)
        self.exercises = Exercises(self)
        self.predictions = Predictions(self)
        self.bar = Bar(self)

        self.scaling = ScalingPart(self)
        self.tokens = TokensPart(self)
        self.heads = HeadsPart(self)
        self.raw_scores = RawScoresPart(self)
        self.all_layers = AllLayersPart(self)
        self.distributions = DistributionsPart(self)
        self.attention = AttentionSection(self)
        self.attention_maps = AttentionMapsSection(self)
        self.attention_text = AttentionTextSection(self)
        self.softmax = SoftmaxPart(self, self.attention, self.attention_maps, self.attention_text)
        self.softmax_layers = SoftmaxLayersPart(self)
        self.group_means = GroupMeansSection(self)
        self.averaging = AveragingPart(self, self.group_means)
        self.ahead = Ahead(self)
        self._applied = self.theme

        self.browser.observe(self._look, "visible")
        self.browser.observe(self._apply, "prefers_dark")
        self.presenter.observe(self._apply, ["scale", "fit"])
        self.state.observe(self._apply, ["theme", "colormap", "presenting"])
        self.runner.observe(self._tell_rules, "shown")
        self.runner.show(default_capture() if capture is None else capture)
        self._ask(text, model or ("" if capture is None else capture.model.name))

    @property
    def panels(self) -> list[Panel]:
        """The parts, in the order of the study, each after its sections."""
        return [part for part in vars(self).values() if isinstance(part, Panel)]

    @property
    def theme(self) -> Theme:
        """The colours of the page, the learner's choice or the system's, and its sizes, larger for a lecture."""
        dark = self.state.theme == "dark" or (self.state.theme == "system" and self.browser.prefers_dark)
        chosen = "" if self.state.colormap == "study" else self.state.colormap
        theme = replace(DARK if dark else LIGHT, sequential=chosen)
        return theme.enlarged(self.presenter.scale if self.state.presenting else self.presenter.fit)

    def page(self, *panels: Panel) -> VBox:
        """The page with these parts in this order, or with all of them."""
        parts = panels or [panel for panel in self.panels if panel.number is not None]
        return page(self.browser, self.bar.widget, parts, self.takeaway)

    def pin(self) -> None:
        """Keep what is on show as A: every part then shows it below what is chosen next, B."""
        self.comparison.pin()

    def unpin(self) -> None:
        """Show one view alone again."""
        self.comparison.unpin()

    def follow_address(self) -> None:
        """Take up what the page's address asks for, and keep the address up with the state from then on.

        A kernel that was started ahead of need waits here until somebody opens its page.
        """
        wait_until_opened()
        self.link.take_up(os.environ.get("QUERY_STRING", ""))

    def _ask(self, text: str | None, model: str) -> None:
        """Run another text or model than what is on show, if one is asked for."""
        name, problem = self.state.model, ""
        try:
            wanted = model or default_name()
            name = wanted if wanted == name else offer_named(wanted).name
        except ModelUnavailable as error:
            problem = str(error)
        with self.state.hold_trait_notifications():
            self.state.text, self.state.model = text or self.state.text, name
        self.runner.message = problem or self.runner.message

    def _tell_rules(self, _: Any) -> None:
        assert self.runner.capture is not None
        self.browser.rules = rules_of(self.runner.capture)

    def _look(self, _: Any) -> None:
        on_screen = self.comparison.on_screen
        for panel in self.panels:
            panel.visible = panel.name in on_screen

    def _apply(self, _: Any) -> None:
        self.browser.theme = self.state.theme
        self.bar.follow_theme()
        if self.theme == self._applied:
            return
        self._applied = self.theme
        for panel in (*self.panels, *self.comparison.panels):
            panel.apply(self.theme)
        self.predictions.apply(self.theme)
