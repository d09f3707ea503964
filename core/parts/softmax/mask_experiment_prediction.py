"""What the mask experiment asks before it is run: which of its masks costs the model most."""

from __future__ import annotations

from typing import Any, get_args

from core.attention.intervention import MASKS, Keys
from core.exercises.prediction import Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.costliest import costliest
from core.parts.softmax.mask_experiment import masked


def costliest_mask(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 7: the mask that costs most."""
    kinds: tuple[Keys, ...] = get_args(Keys)
    named = {MASKS[kind].format(settings.window): masked(kind, settings) for kind in kinds}
    place = "all layers" if settings.mask_layers == "all" else f"layer {settings.layer}"
    return costliest(capture, experiments, f"The model runs again with another mask in {place}.", named)


PREDICTION = Prediction(("mask_layers", "layer", "window"), costliest_mask, runs_model=True)
