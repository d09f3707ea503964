"""The lab puts the page together: its state, its capture, its parts by name, and what stands around them."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from ipywidgets import VBox

from core.attention.intervention import written
from core.model.capture import Capture
from core.model.catalogue import ModelUnavailable, default_name, offer_named
from core.model.default_capture import default_capture
from core.model.experiments import Experiments
from core.parts import PARTS
from widgets.compare.comparison import Comparison
from widgets.downloads.downloads import Downloads
from widgets.exercises.exercises import Exercises
from widgets.exercises.predictions import Predictions
from widgets.kernel.preheat import wait_for_request
from widgets.page.bar import Bar
from widgets.page.browser import Browser
from widgets.page.glossary import rules_of
from widgets.page.layout import page
from widgets.page.link import Link
from widgets.page.presenter import Presenter
from widgets.panel.panel import Panel
from widgets.parts import panel_kinds
from widgets.prefetch import Prefetch
from widgets.runner import Runner
from widgets.session import Laboratory, Session
from widgets.state import ViewState
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
        self.presenter = Presenter(self.state)
        self.laboratory = Laboratory(Experiments(self.runner.resident))
        self.session = Session(self.state, self.runner, Worker("parts"), lambda: self.theme, self.laboratory)
        self.exercises = Exercises(self.session)
        self.predictions = Predictions(self.session, self.exercises)
        self.parts = [kind(self.session) for kind in panel_kinds()]
        self.panels = [panel for part in self.parts for panel in (*part.sections, part)]
        """The parts, in the order of the study, each after its sections."""
        for panel in self.panels:
            setattr(self, panel.name, panel)  # lab.scaling and so on
        self.comparison = Comparison(self.session, self.panels, self._put_around)
        self.downloads = Downloads(self.session, self.panels, self.comparison)
        self.link = Link(self.state, self.runner, self.comparison)
        self.bar = Bar(self.session, self.runner, self.browser, self.comparison, self.link, self.presenter)
        for panel in self.panels:
            self._put_around(panel)
        for part, panel in zip(PARTS, self.parts, strict=True):
            for one in (panel, *panel.sections):
                if one.name in part.predicted:
                    self.predictions.cover(one)
            if part.has_exercises:
                panel.put("foot", self.exercises)
        self.prefetch = Prefetch(self.state, self.panels)
        self._applied = self.theme

        self.browser.observe(self._look, "visible")
        self.browser.observe(self._apply, "prefers_dark")
        self.presenter.observe(self._apply, ["scale", "fit"])
        self.state.observe(self._apply, ["theme", "colormap", "presenting"])
        self.runner.observe(self._tell_rules, "shown")
        self.laboratory.observe(self._show_experiment, "wanted")
        self.runner.show(default_capture() if capture is None else capture)
        self._ask(text, model or ("" if capture is None else capture.model.name))

    @property
    def theme(self) -> Theme:
        """The colours of the page, the learner's choice or the system's, and its sizes, larger for a lecture."""
        dark = self.state.theme == "dark" or (self.state.theme == "system" and self.browser.prefers_dark)
        chosen = "" if self.state.colormap == "study" else self.state.colormap
        theme = replace(DARK if dark else LIGHT, sequential=chosen)
        return theme.enlarged(self.presenter.scale if self.state.presenting else self.presenter.fit)

    def page(self, *panels: Panel) -> VBox:
        """The page with these parts in this order, or with all of them."""
        with self.browser.page.at_work():
            return page(self.browser, self.bar.widget, panels or self.parts, self.downloads)

    def pin(self) -> None:
        """Keep what is on show as A: every part then shows it below what is chosen next, B."""
        with self.browser.page.at_work():
            self.comparison.pin()

    def unpin(self) -> None:
        """Show one view alone again."""
        self.comparison.unpin()

    def follow_address(self) -> None:
        """Take up what the page's address asks for, and keep the address up with the state from then on.

        A kernel that was started ahead of need waits here until somebody opens its page.
        """
        wait_for_request()
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

    def _show_experiment(self, change: Any) -> None:
        """Show what an experiment changes in every part, beside the model as it is."""
        with self.browser.page.at_work():
            if self.comparison.pinned is None:
                self.comparison.pin()
            self.state.experiment = written(change.new)

    def _tell_rules(self, _: Any) -> None:
        assert self.runner.capture is not None
        self.browser.rules = rules_of(self.runner.capture)

    def _put_around(self, panel: Panel) -> None:
        """Put around a panel what stands around every one: an eye for the page, and the menu of its files."""
        panel.put("top", self.browser)
        panel.put("heading", self.downloads)

    def _look(self, _: Any) -> None:
        self.comparison.look(self.browser.visible)
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
