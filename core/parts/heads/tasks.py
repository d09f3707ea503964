"""What is to be found in part 3."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.heads.overview import best, overview
from core.writing import number, percent


class FarthestValues(Task):
    id = "3-values"
    words = "Show the values, V. In which layer do they reach farthest from 0? Go there."
    follows = ("layer", "activation")

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, " layer"]:
        return np.abs(capture.value).max(axis=(1, 2))

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"]) -> Judged:
        if settings.activation != "value":
            return Judged(False, "You do not see the values yet.")
        stands = f"Layer {settings.layer}: they reach {number(survey[settings.layer])} from 0."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"]) -> dict[str, Any]:
        return dict(layer=int(survey.argmax()), activation="value")


class PreviousTokenHead(Task):
    id = "3-previous"
    words = (
        "Find the head that looks most at the previous token: the small map with the brightest line beside its "
        "diagonal. Go to its layer and head."
    )
    follows = ("layer", "head")
    impossible = "The text is too short: it takes two tokens."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, "layer head"] | None:
        """What every head gives to the token before, on average."""
        return overview(capture).to_previous if capture.tokens > 1 else None

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, "layer head"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        here = survey[settings.layer, settings.head]
        stands = f"Layer {settings.layer}, head {settings.head}: {percent(here)} to the token before, on average."
        return Judged(bool(here == survey.max()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, "layer head"] | None) -> dict[str, Any] | None:
        if survey is None:
            return None
        (most,) = best(survey)[:1]
        return {"layer": most.layer, "head": most.head}


TASKS = (FarthestValues(), PreviousTokenHead())
