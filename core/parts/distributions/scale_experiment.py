"""Part 6, the experiment: the same model with its scores divided by another number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from core.attention.intervention import Change, Divisor, Intervention
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.effect import Effect, effect
from core.parts.entropy.numbers import attention_entropy
from core.parts.settings import chosen_layers
from core.parts.tables import Table
from core.progress import Progress, portion, silent
from core.writing import also, percent

ROUNDING = 1e-5
"""Entropies of one run on two machines lie less apart."""


class ScaleEffect(NamedTuple):
    """What the model says with another divisor, and how wide its attention is then.

    Entropy is part 10's, the mean over heads: 0 where all goes to one token, 1 where all get the same; NaN for T = 1.
    """

    effect: Effect
    entropy_before: Float[ndarray, " layer"]
    entropy_after: Float[ndarray, " layer"]

    def sentence(self) -> str:
        return f"{self.effect.sentence()}{also(self._entropies())}"

    def tables(self, tokens: Sequence[str]) -> tuple[Table, ...]:
        layers = np.arange(len(self.entropy_before))
        columns = {"layer": layers, "before": self.entropy_before, "after": self.entropy_after}
        return (Table("part6b-entropy", "Entropy of attention", lambda: columns), *self.effect.tables(tokens))

    def _entropies(self) -> str:
        if np.isnan(self.entropy_before).any():
            return ""
        before, after = (percent(one.mean()) for one in (self.entropy_before, self.entropy_after))
        apart = self.entropy_after - self.entropy_before
        if np.abs(apart).max() < ROUNDING:
            return f"The mean entropy of attention stays {before} of that of equal weights."
        most = int(np.abs(apart).argmax())
        ends = (percent(one[most]) for one in (self.entropy_before, self.entropy_after))
        return (
            f"The mean entropy of attention goes from {before} to {after} of that of equal weights, and moves most in "
            f"layer {most}, from {' to '.join(ends)}."
        )


def intervention(settings: Any) -> Intervention:
    """The divisor that is chosen, in all layers or in the chosen one."""
    numbers = {"one": 1.0, "number": settings.divided_by}
    return divided(numbers.get(settings.divisor, settings.divisor), settings)


def divided(by: float | Divisor, settings: Any) -> Intervention:
    """Scores divided by something, where the settings say."""
    return (Change(divide=by, layers=chosen_layers(settings.scale_layers, settings.layer)),)


def scale_effect(
    experiments: Experiments, shown: Capture, changes: Intervention, progress: Progress = silent
) -> ScaleEffect:
    """Of an intervention on the text of a capture. Raises what `Experiments` raises."""
    said = effect(experiments, shown, changes, portion(progress, 0, 0.5))
    before = experiments.run(shown) if shown.intervention else shown
    after = experiments.run(shown, changes, portion(progress, 0.5, 0.7))
    entropies = (
        attention_entropy(capture, portion(progress, *part)).by_layer
        for capture, part in ((before, (0.7, 0.85)), (after, (0.85, 1)))
    )
    return ScaleEffect(said, *entropies)
