"""What a chart has of lengths in pixels, so that it can grow as a whole for the back row of a lecture."""

from __future__ import annotations

from typing import Any

from bqplot import Axis, Figure, Label, Lines
from ipywidgets import Layout, Widget

LENGTHS: dict[type[Widget], tuple[str, ...]] = {
    Figure: ("fig_margin",),
    Layout: ("min_height",),
    Axis: ("label_offset",),
    Label: ("x_offset", "y_offset"),
    Lines: ("stroke_width",),
}


class Pixels:
    """The lengths of these widgets as they were made; none may be set later by anybody else."""

    def __init__(self, *widgets: Widget):
        self._made = [
            (widget, name, getattr(widget, name))
            for widget in widgets
            for name in LENGTHS.get(type(widget), ())
            if getattr(widget, name)
        ]
        self._scale = 1.0

    def enlarge(self, scale: float) -> None:
        """Make all lengths `scale` times as long as they were made."""
        if scale == self._scale:
            return
        self._scale = scale
        for widget, name, length in self._made:
            setattr(widget, name, _times(length, scale))


def _times(length: Any, scale: float) -> Any:
    """A number, each number of a dictionary, or a length in words, such as "38px"."""
    if isinstance(length, dict):
        return {name: _times(part, scale) for name, part in length.items()}
    if isinstance(length, str):
        return f"{round(float(length.removesuffix('px')) * scale)}px"
    return type(length)(round(length * scale, 2 if isinstance(length, float) else None))
