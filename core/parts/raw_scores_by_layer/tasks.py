"""What is to be found in part 5."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.scores import within_heads
from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.raw_scores.tasks import last_scores
from core.writing import number


class WidestLayer(Task):
    id = "5-widest"
    words = (
        "Fit the colours to the data. In which layer do the scores within heads spread widest (last token's query, "
        "first token left out)? Click its row."
    )
    follows = ("layer", "query", "skip_first", "density_fit")
    impossible = "The text is too short: it takes three tokens."

    def survey(self, capture: Capture, _: Experiments) -> Float[ndarray, " layer"] | None:
        """SD within heads."""
        if capture.tokens < 3:
            return None
        return np.array([within_heads(last_scores(capture, layer, 1)).std() for layer in range(capture.layers)])

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, " layer"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        if settings.query != capture.tokens - 1 or not settings.skip_first:
            return Judged(False, "Choose the last token in part 4 again, and leave out the first.")
        if not settings.density_fit:
            return Judged(False, "The colours do not fit the data yet.")
        stands = f"Layer {settings.layer}: SD {number(survey[settings.layer])}."
        return Judged(settings.layer == int(survey.argmax()), stands)

    def reach(self, capture: Capture, survey: Float[ndarray, " layer"] | None) -> dict[str, Any] | None:
        if survey is None:
            return None
        return dict(layer=int(survey.argmax()), query=capture.tokens - 1, density_fit=True)


TASKS = (WidestLayer(),)
