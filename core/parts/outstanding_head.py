"""To be found: the head with the highest or the lowest of one number of every head."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.exercises.task import Judged, Task
from core.model.capture import Capture


class OutstandingHead(Task):
    """Its `survey` gives the number of every head, or None for a text that is too short."""

    follows = ("layer", "head")
    impossible = "The text is too short: it takes two tokens."
    lowest: ClassVar[bool] = False
    """Whether the lowest one is sought."""

    def stands(self, where: str, value: float) -> str:
        """How things stand at a head, in a sentence; `where` is "layer 3, head 2"."""
        raise NotImplementedError

    def judge(self, capture: Capture, settings: Any, survey: Float[ndarray, "layer head"] | None) -> Judged:
        if survey is None:
            return Judged(False, "")
        here, sought = survey[settings.layer, settings.head], survey.min() if self.lowest else survey.max()
        return Judged(bool(here == sought), self.stands(f"layer {settings.layer}, head {settings.head}", float(here)))

    def reach(self, capture: Capture, survey: Float[ndarray, "layer head"] | None) -> dict[str, Any] | None:
        if survey is None:
            return None
        at = survey.argmin() if self.lowest else survey.argmax()
        layer, head = (int(place) for place in np.unravel_index(at, survey.shape))
        return {"layer": layer, "head": head}
