"""Part 7, the experiment: the same model without its mask, or with another one."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import Change, Intervention, Keys
from core.parts.settings import chosen_layers


def intervention(settings: Any) -> Intervention:
    """The mask that is chosen, in all layers or in the chosen one."""
    return masked(settings.mask_kind, settings)


def masked(kind: Keys, settings: Any) -> Intervention:
    """One of the masks, where the settings say."""
    layers = chosen_layers(settings.mask_layers, settings.layer)
    return (Change(mask=kind, window=settings.window if kind == "window" else 0, layers=layers),)
