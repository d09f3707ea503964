"""The slim bar on top of the page: text, model, layer, head and mask size."""

from __future__ import annotations

from html import escape
from typing import Any

from ipywidgets import HTML, Button, Dropdown, FloatProgress, HBox, Textarea, VBox

from core.model.capture import Capture
from core.model.catalogue import offers
from core.model.texts import SAMPLES
from core.writing import counted
from widgets.compare.comparison import Comparison
from widgets.page.browser import Browser
from widgets.page.changed import Changed
from widgets.page.keys import Keys
from widgets.page.link import Link
from widgets.page.presenter import Presenter
from widgets.panel.controls import control
from widgets.panel.panel import SHARED
from widgets.runner import Runner
from widgets.session import Session


def facts(capture: Capture) -> str:
    """The model on show and how much of the text it reads, as plain text."""
    model = capture.model
    words = f"{model.name}: {counted(model.layers, 'layer')} × {counted(model.heads, 'head')}"
    if model.shipped:
        words += ", small, not GPT-2"
    if capture.tokens < capture.text_tokens:
        return f"{words} · {capture.tokens:,} of {capture.text_tokens:,} tokens shown"
    return f"{words} · {counted(capture.tokens, 'token')}"


class Bar:
    """Controls of what all parts share. The text in its box is the learner's: nothing here changes it."""

    def __init__(
        self,
        session: Session,
        runner: Runner,
        browser: Browser,
        comparison: Comparison,
        link: Link,
        presenter: Presenter,
    ):
        self.session, self.state, self.runner = session, session.state, runner
        self.comparison, self.link, self.presenter = comparison, link, presenter
        self.changed = Changed(session.state, runner)
        self._hint = ""  # what to look for in the sample that was chosen last
        self._from_box = False  # a text that came from the box must not be written back over newer typing
        # Sent when the box loses the focus; the browser sends it along when it asks for a run.
        self.text = Textarea(description="Text", continuous_update=False, placeholder="Type or paste a text …")
        samples = [("Sample texts", ""), *((sample.title, sample.text) for sample in SAMPLES)]
        self.samples = Dropdown(description="Sample texts", options=samples)
        self.run = Button(description="Run", tooltip="Run this text (Ctrl + Enter)", button_style="primary")
        self.models = Dropdown(description="Model")
        self.view = Button(description="View", tooltip="Colours, presenter mode, keys")
        self.theme = Button(tooltip="Switch between a light and a dark page (D)")
        self.present = Button(tooltip="One part fills the window (P)")
        letters = {"a": comparison.toggle, "p": self.present.click, "d": self.theme.click}
        self.keys = Keys(self.state, letters, self._leave)
        self.facts = HTML()
        self.printed = HTML()
        """What is on show, in place of the controls on paper."""
        self.message = HTML()
        self.close = Button(description="Close")
        self.progress = FloatProgress(max=1)
        self.strip = HBox([self.message, self.close])
        self.widget = self._lay_out()

        browser.on_msg(self._on_browser)
        self.samples.observe(self._take_sample, "value")
        self.models.observe(self._take_model, "value")
        self.close.on_click(self._dismiss)
        self.theme.on_click(self._switch_theme)
        self.present.on_click(self._switch_presenting)
        self.state.observe(self._follow_presenting, "presenting")
        link.on_msg(self._on_link)
        comparison.observe(self._add_strip, "strip")
        self.changed.observe(self._add_strip, "strip")
        self.state.observe(self._follow_text, "text")
        self.state.observe(self._follow_model, "model")
        self.state.observe(self._follow_run, "model")  # it names the model
        self.runner.observe(self._follow_capture, "shown")
        self.runner.observe(self._follow_run, ["busy", "progress", "message"])
        self._follow_run()
        self._follow_presenting()
        self.follow_theme()

    def _lay_out(self) -> VBox:
        sliders = [control(self.state, name) for name in SHARED]
        menu = VBox([self.present, self.theme, self.keys, control(self.state, "colormap")]).add_class("lab-view")
        view = HBox([self.view.add_class("lab-view-button"), menu]).add_class("lab-view-place")
        buttons = [self.comparison.button, self.link, view]
        named = {
            "lab-brand": HTML("<h1>Attention Scores Lab</h1>"),
            "lab-text": self.text,
            "lab-samples": self.samples,
            "lab-run": self.run,
            "lab-models": self.models,
            "lab-sliders": HBox([*sliders, self.facts.add_class("lab-facts"), *buttons]),
            "lab-strip": self.strip,
            "lab-run-progress": self.progress,
            "lab-printed": self.printed,
            "lab-presenter": self.presenter,
        }
        return VBox([widget.add_class(name) for name, widget in named.items()]).add_class("lab-bar")

    def _on_browser(self, _: Any, content: dict[str, Any], __: Any) -> None:
        if content.get("do") == "run":
            self._from_box = True
            self.state.text = content["text"]
            self._from_box = False
            self.runner.run()

    def _on_link(self, _: Any, content: dict[str, Any], __: Any) -> None:
        self.runner.message = ""
        self._hint = self.link.said(content["copied"])
        self._follow_run()

    def _add_strip(self, change: Any) -> None:
        self.widget.children += (change.new,)

    def _take_sample(self, change: Any) -> None:
        if not change.new:
            return
        self.state.text = change.new
        chosen = next(sample for sample in SAMPLES if sample.text == change.new)
        self._hint = f"{chosen.look_for} ({chosen.source[0].upper()}{chosen.source[1:]}.)"
        self._follow_run()
        self.samples.value = ""  # a menu: it names nothing that the box may no longer hold

    def _take_model(self, change: Any) -> None:
        if change.new is not None:
            self.state.model = change.new

    def _dismiss(self, _: Button) -> None:
        self._hint = self.runner.message = ""
        self._follow_run()

    def _follow_text(self, _: Any) -> None:
        self._hint = ""
        if not self._from_box:
            self.text.value = self.state.text

    def _follow_model(self, _: Any = None) -> None:
        """List the models, as what is on this machine may have changed, and choose the state's."""
        self.models.unobserve(self._take_model, "value")
        self.models.options = [(offer.label, offer.name) for offer in offers()]
        listed = any(name == self.state.model for _, name in self.models.options)
        self.models.value = self.state.model if listed else None
        self.models.observe(self._take_model, "value")

    def _follow_capture(self, _: Any) -> None:
        assert self.runner.capture is not None
        self.facts.value = f"<p>{escape(facts(self.runner.capture))}</p>"
        self.printed.value = f"{self.facts.value}<blockquote dir='auto'>{escape(self.runner.capture.text)}</blockquote>"
        self._follow_model()

    def follow_theme(self) -> None:
        """Offer the other theme."""
        self.theme.description = "Light" if self.session.theme().name == "dark" else "Dark"

    def _switch_theme(self, _: Button) -> None:
        self.state.theme = "light" if self.session.theme().name == "dark" else "dark"

    def _switch_presenting(self, _: Button) -> None:
        self.state.presenting = not self.state.presenting

    def _leave(self) -> None:
        self.state.presenting = False

    def _follow_presenting(self, _: Any = None) -> None:
        self.present.description = "Leave presenter mode" if self.state.presenting else "Presenter mode"

    def _follow_run(self, _: Any = None) -> None:
        runner = self.runner
        busy = f"Running the text through {self.state.model} …" if runner.busy else ""
        sentence = busy or runner.message or self._hint
        self.message.value = f"<p role='status'>{escape(sentence)}</p>" if sentence else ""
        self.progress.value = runner.progress
        for widget, name, on in (
            (self.strip, "lab-away", not sentence),
            (self.close, "lab-away", runner.busy),
            (self.progress, "lab-away", not runner.busy),
            (self.strip, "lab-problem", bool(runner.message) and not runner.busy),
        ):
            (widget.add_class if on else widget.remove_class)(name)
