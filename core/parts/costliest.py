"""What experiments ask and let be found: with which of several interventions a model's loss rises most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import Change, Intervention, in_words
from core.exercises.prediction import NothingToPredict
from core.exercises.question import Choice
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.effect import added_losses
from core.writing import number


def costliest(
    capture: Capture, experiments: Experiments, words: str, named: Mapping[str, Intervention]
) -> Choice:
    """The one of the named interventions that adds most to the mean loss of the text."""
    if capture.tokens < 2:
        raise NothingToPredict("A text of one token has no loss: run a longer text.")
    loss, rises = added_losses(experiments, capture, list(named.values()))
    each = "; ".join(f"{name} {number(rise)}" for name, rise in zip(named, rises, strict=True))
    return Choice(
        f"{words} With which of these does its mean loss rise most?",
        tuple(named),
        truth=int(np.argmax(rises)),
        why=f"What each adds to a mean loss of {number(loss)} nats a token: {each}.",
        places=tuple(range(len(named))),
    )


class CostliestLayer(Task):
    """To be found: the layer in which a change costs most where it is made in that layer alone."""

    change: ClassVar[Change]
    """In all layers."""
    made_by: ClassVar[tuple[tuple[str, str], ...]]
    """The settings that make it in one layer, by name."""
    runs_model = True

    def survey(self, capture: Capture, experiments: Experiments) -> Float[ndarray, " layer"] | None:
        """What it adds to the mean loss in each layer, in nats; None for a text of one token."""
        if capture.tokens < 2:
            return None
        return added_losses(experiments, capture, [self._in(layer) for layer in range(capture.layers)])[1]

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"]) -> Judged:
        if any(getattr(settings, name) != value for name, value in self.made_by):
            return Judged(False, "The experiment is not set to this in the chosen layer.")
        rise = survey[settings.layer]
        what = f"adds {number(rise)} to" if rise >= 0 else f"takes {number(-rise)} from"
        stands = f"With {in_words(self._in(settings.layer))}: this {what} the mean loss."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        if survey is None or not survey.max() > 0:
            return None
        return {"layer": int(survey.argmax()), **dict(self.made_by)}

    def _in(self, layer: int) -> Intervention:
        return (replace(self.change, layers=(layer,)),)
