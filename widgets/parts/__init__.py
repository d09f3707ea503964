"""The parts of the study and their sections, one file each; a part has the file of its name in `core.parts`."""

from __future__ import annotations

from importlib import import_module

from core.parts import PARTS
from widgets.panel.panel import Panel


def panel_kinds() -> list[type[Panel]]:
    """The parts in the order of the study: each is the `PART` of its file."""
    return [import_module(f"widgets.parts.{part.name}").PART for part in PARTS]
