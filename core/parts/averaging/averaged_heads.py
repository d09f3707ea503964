"""Part 9, the experiment: the same model with the weights of a layer's heads all replaced by their average."""

from __future__ import annotations

from typing import Any

from core.attention.intervention import Change, Intervention


def intervention(settings: Any) -> Intervention:
    """The average in all layers, or in the chosen one."""
    return averaged_in(None if settings.average_layers == "all" else (settings.layer,))


def averaged_in(layers: tuple[int, ...] | None) -> Intervention:
    """The average in these layers; None is all of them."""
    return (Change(weights="headmean", layers=layers),)
