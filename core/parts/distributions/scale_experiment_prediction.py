"""What the scale experiment asks before it is run: which divisor costs the model most."""

from __future__ import annotations

from typing import Any

from core.exercises.prediction import Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.costliest import costliest
from core.parts.distributions.scale_experiment import divided


def costliest_divisor(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 6: the divisor that costs most."""
    named = {
        "1": divided(1.0, settings),
        "√E": divided("rootembedding", settings),
        "d": divided("width", settings),
    }
    place = "all layers" if settings.scale_layers == "all" else f"layer {settings.layer}"
    words = f"The model runs again with the scores of {place} divided by another number."
    return costliest(capture, experiments, words, named)


PREDICTION = Prediction(("scale_layers", "layer"), costliest_divisor, runs_model=True)
