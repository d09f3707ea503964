"""Runs texts through models, off the main loop, and holds the capture on show."""

from __future__ import annotations

import logging
from functools import partial
from typing import NamedTuple

from traitlets import Bool, Float, Unicode

from core.attention.intervention import BadIntervention, Intervention, read, written
from core.model.capture import Capture, NoText, capture
from core.model.catalogue import ModelUnavailable
from core.model.resident import Resident
from core.model.store import model_key, store_capture, stored_capture
from core.model.texts import SAMPLES
from core.progress import Progress, portion
from widgets.session import Source
from widgets.state import ViewState
from widgets.worker import Worker

FAILED = "This text could not be run through {model}. Try a shorter text or another model; the old pictures stay."


class Ran(NamedTuple):
    """A capture, and the `model_key` of the files that it is of."""

    capture: Capture
    key: str | None


def asked_for(capture: Capture) -> tuple[str, str, str]:
    """What a capture is of, as the state says it: text, model, experiment."""
    return capture.text, capture.model.name, written(capture.intervention)


class Runner(Source):
    """Follows the text, the model and the experiment that the state asks for; the newest request wins.

    What cannot be had leaves the old capture on show and ends as one sentence in `message`. Captures are kept on disk
    for those who ask for the same, but only of texts that everybody gets to see: the samples, and the notebook's own.
    """

    busy = Bool(False)
    """False once what was asked for is on show, or `message` says why it is not."""
    progress = Float(0.0)
    """How far the run is, 0 to 1."""
    message = Unicode()
    """What went wrong with the last request, in one plain sentence."""

    def __init__(self, state: ViewState, notebooks_text: str | None = None):
        super().__init__()
        self.state = state
        self._public = {notebooks_text, *(sample.text for sample in SAMPLES)}
        self._shown_key: str | None = None  # of the files that the capture is of
        self._asked: tuple[str, str, str, str | None] = ("", "", "", None)
        self._problem = ""  # of the last run, for the next one to say
        self.resident = Resident()
        self._worker = Worker("runs")
        state.observe(self.run, ["text", "model", "experiment"])

    def show(self, capture: Capture) -> None:
        """Put a capture on show, and make the state fit it."""
        self._show(Ran(capture, model_key(capture.model.name)))

    def _show(self, ran: Ran) -> None:
        capture, self._shown_key = ran
        self.capture = capture
        with self.state.hold_trait_notifications():
            self.state.text, self.state.model = capture.text, capture.model.name
            self.state.experiment = written(capture.intervention)
        self.state.fit(capture.layers, capture.heads, capture.tokens)
        self.busy = False
        self.shown += 1

    def run(self, _: object = None) -> None:
        """Run what the state asks for, unless it is on show already: the same text on the same files of a model."""
        text, model, experiment = self.state.text, self.state.model, self.state.experiment
        key, shown = model_key(model), self.capture
        asked = (text, model, experiment, key)
        on_show = shown is not None and (*asked_for(shown), self._shown_key) == asked
        if asked == self._asked and (self.busy or on_show):
            return  # told twice, as the text and the model have both changed
        self._worker.drop(self)
        self._asked, self.progress = asked, 0.0
        self.message, self._problem = self._problem, ""
        self.busy = not on_show
        if not on_show:
            self._worker.submit(self, partial(self._work, text, model, read(experiment), key), self._take, self._report)

    def _work(self, text: str, model: str, intervention: Intervention, key: str | None, report: Progress) -> Ran:
        """In the worker's thread: torch is imported here, by `load`, and nowhere before."""
        if not text.strip():
            raise NoText  # before a model is loaded for nothing
        public = text in self._public and not intervention
        if public and (stored := stored_capture(key, text)):
            return Ran(stored, key)
        with self.resident.using(model, portion(report, 0.0, 0.9)) as held:
            report(0.9)
            made = capture(held.loaded, text, intervention)
        if public:
            store_capture(held.key, made)
        return Ran(made, held.key)

    def _report(self, fraction: float) -> None:
        self.progress = round(fraction, 2)

    def _take(self, ran: Ran | None, error: Exception | None) -> None:
        if ran is not None:
            self._show(ran)
            return
        wanted = self.state.model
        if isinstance(error, BadIntervention):
            self._problem = f"{error} The experiment is left out."
            self.state.experiment = ""  # runs the text without it
            return
        if isinstance(error, (ModelUnavailable, NoText)):
            self._problem = str(error)
        else:
            logging.getLogger(__name__).error("running %s", wanted, exc_info=error)
            self._problem = FAILED.format(model=wanted)
        if self.capture is not None and self.capture.model.name != wanted:
            self.state.model = self.capture.model.name  # runs the text on this one, if it is another text
        else:
            self.message, self._problem = self._problem, ""
            self.busy = False
