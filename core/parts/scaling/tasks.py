"""What is to be found in part 1."""

from __future__ import annotations

from typing import Any

from core.exercises.task import Judged, Task
from core.model.capture import Capture
from core.parts.scaling.numbers import saturation
from core.writing import number, percent


class EvenWeights(Task):
    id = "1-even"
    words = (
        "Take n = 50 or more, and find a spread σ at which no entry gets more than 10 % of the weight although "
        "nothing is divided by √n."
    )
    follows = ("size", "sigma", "seed")

    def judge(self, capture: Capture, settings: Any, survey: None) -> Judged:
        largest = float(saturation(settings.size, settings.seed, settings.sigma).weights_raw.max())
        stands = f"n = {settings.size}, σ = {number(settings.sigma)}: the largest entry gets {percent(largest)}."
        return Judged(settings.size >= 50 and largest <= 0.1, stands)

    def reach(self, capture: Capture, survey: None) -> dict[str, Any]:
        return dict(sigma=0.2)


TASKS = (EvenWeights(),)
