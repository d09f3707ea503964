"""What the experiment with the first token asks before it is run: what costs the model most."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import MASKS, Change
from core.exercises.prediction import Prediction
from core.exercises.question import Choice
from core.model.capture import Capture
from core.model.experiments import Experiments
from core.parts.costliest import costliest


def costliest_look(capture: Capture, settings: Any, experiments: Experiments) -> Choice:
    """Part 4: which of the two masks, in all layers or in one, costs most."""
    named = {
        f"{MASKS[kind]} in {place}": (Change(mask=kind, layers=layers),)
        for kind in ("nofirst", "onlyfirst")
        for place, layers in (("all layers", None), (f"layer {settings.layer} alone", (settings.layer,)))
    }
    return costliest(capture, experiments, "The model runs again, and its heads may look less freely.", named)


PREDICTION = Prediction(("layer",), costliest_look, runs_model=True)
