"""Part 4, the experiment: the model with no look at token 0, or with a look at nothing else."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import Change, Intervention
from core.parts.settings import chosen_layers


def intervention(settings: Any) -> Intervention:
    """The mask that is chosen, in all layers or in the chosen one."""
    return (Change(mask=settings.first_look, layers=chosen_layers(settings.first_layers, settings.layer)),)
